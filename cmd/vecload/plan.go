package main

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/imaging"
	"github.com/vecload/vecload/sinks/qdrant"
)

func planCommand(p process) *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "tell what a run would do, and what it would cost",
		ArgsUsage: "[FILE|FOLDER|GLOB|-]...",
		Description: `Reads the corpus and asks the index what it holds, as a run does, and changes
nothing. Two requests are sent to each model that would have something to embed,
to measure how long a run takes: a short one to wake it, and one with texts of
the corpus. --no-probe leaves them out.

   vecload plan docs.jsonl --price 0.02`,
		Flags: flags(sourceFlags(), embedFlags(), loadFlags(), indexFlags(), refreshFlags(), []cli.Flag{
			hybridFlag(),
			maxRejectsFlag(),
			&cli.Float64Flag{Name: "price", DefaultText: "not told", Usage: "`PRICE` of a million tokens, in any currency, to estimate the cost"},
			&cli.BoolFlag{Name: "no-probe", Usage: "send nothing to the model, and estimate no time"},
		}, outputFlags()),
		Action: func(c *cli.Context) error {
			price := c.Float64("price")
			if !(price >= 0) || math.IsInf(price, 1) {
				return &usageError{err: errors.New("--price must be 0 or more"), hint: "it is what a million tokens cost: --price 0.02"}
			}
			a, ctx, stop, release, err := startOver(c, p)
			if err != nil {
				return err
			}
			defer release()
			plan, err := a.plan(ctx, stop, !c.Bool("no-probe"))
			if err != nil {
				return err
			}
			plan.price, plan.priced = price, c.IsSet("price")
			if c.Bool("json") {
				return plan.writeJSON(p.stdout)
			}
			plan.print(p.stdout)
			return nil
		},
	}
}

// startOver makes the assembly of a command that reads the corpus.
func startOver(c *cli.Context, p process) (a assembly, ctx, stop context.Context, release func(), err error) {
	config, err := loadConfig(c, p)
	if err != nil {
		return a, nil, nil, nil, err
	}
	if c.NArg() > 0 {
		config.Source.Path = c.Args().Slice()
	}
	ctx, stop, release = interruptible(c.Context, p.signals, p.stderr, graceOfQuestions)
	meters := newMeters()
	return assembly{
		process: p, config: config, meters: meters, contact: qdrant.NewContact(), show: newProgress(p, meters, c.Bool("quiet")), configFile: configFile(c),
	}, ctx, stop, release, nil
}

// planned is a plan with what is estimated from it.
type planned struct {
	pipeline.Plan

	index    string
	exists   bool   // the index holds something
	anew     string // why the run would build beside it; "" when it would not
	requests []int64
	took     []time.Duration // of one request of each lane; 0 where none was sent
	lanes    []lane
	guard    *pipeline.DeleteMissing

	maxRejects *pipeline.RejectLimit // nil: none
	price      float64               // of a million tokens
	priced     bool                  // price was given
}

// plan reads the corpus and asks the index.
func (a assembly) plan(ctx, stop context.Context, probe bool) (*planned, error) {
	read, err := a.corpus(stop)
	if err != nil {
		return nil, err
	}
	p := &planned{index: indexName(a.config.Index), guard: a.deleteMissing(), lanes: a.lanes()}
	models, lanes, release, err := a.unasked()
	if err != nil {
		return nil, err
	}
	defer release()
	reading := pipeline.Pipeline{Source: read, Lanes: lanes, KeepText: a.config.Index.Text}
	anew, err := a.anew(stop)
	if err != nil {
		return nil, err
	}
	p.anew, p.exists = anew.reason, anew.exists
	a.building = anew.reason != ""
	reading.MaxRejects = a.maxRejects()
	p.maxRejects = reading.MaxRejects
	if anew.same {
		target, err := a.existing(stop, models)
		if err != nil {
			return nil, err
		}
		if target != nil {
			defer target.Close() //nolint:errcheck // nothing was written to it
			p.exists = true
			reading.Refresh = &pipeline.Refresh{Index: target, DeleteMissing: a.deleteMissing()}
			if anew.reason != "" {
				reading.Refresh = &pipeline.Refresh{Previous: target}
			}
		}
	}
	if p.Plan, err = a.count(ctx, stop, read.Progress, reading, sampleOf(lanes)); err != nil {
		return nil, err
	}
	for i := range lanes {
		p.requests = append(p.requests, requestsOf(p.Lanes[i], lanes[i].Limits))
		took := time.Duration(0)
		if probe && p.Lanes[i].Chunks > 0 {
			if took, err = measure(stop, models[i], p.Lanes[i].Todo); err != nil {
				err = models[i].lane.named(models[i].lane.explain(stop, err))
				return nil, withHint(err, "--no-probe plans without asking the model")
			}
		}
		p.took = append(p.took, took)
	}
	return p, nil
}

// unasked makes the configured models without a request to them.
func (a assembly) unasked() ([]model, []pipeline.Lane, func(), error) {
	var models []model
	for _, l := range a.lanes() {
		l.Embed = l.config.Choices(l.Vector)[0]
		m, err := l.embedder(l.Embed.Prefix.Document)
		if err != nil {
			return nil, nil, nil, l.named(err)
		}
		models = append(models, m)
	}
	lanes, release, err := engineLanes(models)
	return models, lanes, release, err
}

// existing opens the index if there is one, made by the models as they are
// configured; nil when there is none. What only a request could tell of a
// model is taken from the index.
func (a assembly) existing(ctx context.Context, models []model) (index, error) {
	target, err := a.index()
	if err != nil {
		return nil, err
	}
	spaces, err := target.Spaces(ctx)
	switch {
	case errors.Is(err, pipeline.ErrNoIndex):
		return nil, target.Close()
	case err != nil:
		return nil, errors.Join(err, target.Close())
	}
	asked := spacesOf(models)
	for name, space := range asked {
		known, ok := spaces[name]
		if !ok || len(spaces) != len(asked) {
			return nil, errors.Join(a.misaimed("the index holds other vectors: "+spaces.String(),
				"use the configuration that made it, or name another index"), target.Close())
		}
		asked[name] = completed(space, known)
	}
	if err := a.sameWords(spaces); err != nil {
		return nil, errors.Join(err, target.Close())
	}
	if err := target.Prepare(ctx, asked); err != nil {
		return nil, errors.Join(err, target.Close())
	}
	return target, nil
}

// completed is a configured space with what is known of it from the index.
func completed(space, known pipeline.Space) pipeline.Space {
	if space.Revision == "" {
		space.Revision = known.Revision
	}
	space.Dim, space.Probe = known.Dim, known.Probe
	return space
}

// sampleOf is how many chunks fill one request of any lane.
func sampleOf(lanes []pipeline.Lane) int {
	most := 1
	for i := range lanes {
		most = max(most, lanes[i].Limits.Texts)
	}
	return min(most, 64)
}

// count runs the plan and shows its progress.
func (a assembly) count(ctx, stop context.Context, position func() (int64, int64), p pipeline.Pipeline, sample int) (pipeline.Plan, error) {
	showing, hide := context.WithCancel(ctx)
	var watch errgroup.Group
	watch.Go(func() error {
		a.show.run(showing, position)
		return nil
	})
	archive := a.archive()
	p.Archive = archive
	plan, err := p.Plan(ctx, stop, sample)
	hide()
	return plan, errors.Join(err, archive.Close(), watch.Wait())
}

// requestsOf estimates the number of requests: the batches are filled, but for
// what does not fit any more, and the first request is the one that proves the
// model.
func requestsOf(l pipeline.LanePlan, limits pipeline.Limits) int64 {
	if l.Chunks == 0 {
		return 0
	}
	parts := func(n int64, of int) int64 {
		if of <= 0 {
			return 0
		}
		return (n + int64(of) - 1) / int64(of)
	}
	return 1 + max(1, parts(l.Chunks, limits.Texts), parts(l.Tokens, limits.Tokens), parts(l.Bytes, limits.Bytes))
}

// measure sends one request as the run would, and a smaller one before it,
// which wakes a model that sleeps.
func measure(ctx context.Context, m model, sample []pipeline.Chunk) (time.Duration, error) {
	if err := m.probe(ctx); err != nil {
		return 0, err
	}
	sample = sample[:min(len(sample), m.lane.Embed.Batch.Texts)]
	inputs := make([]string, len(sample))
	for i := range sample {
		if inputs[i] = sample[i].Text; sample[i].Image {
			inputs[i] = imaging.Probes()[0]
		}
	}
	start := time.Now()
	_, err := m.Embed(ctx, inputs)
	if _, partial := errors.AsType[*pipeline.PartialError](err); partial || pipeline.Classify(err) == pipeline.Rejected {
		err = nil // the run rejects them
	}
	return time.Since(start), err
}

// left estimates how long the run embeds: rounds of requests in flight. It is
// 0 where nothing was measured.
func (p *planned) left() time.Duration {
	longest := time.Duration(0)
	for i, l := range p.lanes {
		inFlight := int64(l.inFlight())
		rounds := (p.requests[i] + inFlight - 1) / inFlight
		longest = max(longest, time.Duration(rounds)*p.took[i])
	}
	return longest
}

func (p *planned) tokens() (n int64) {
	for i := range p.Lanes {
		if p.lanes[i].Embed.Model != configs.Builtin {
			n += p.Lanes[i].Tokens
		}
	}
	return n
}

func (p *planned) cost() float64 { return p.price * float64(p.tokens()) / 1e6 }
