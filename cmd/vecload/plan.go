package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/imaging"
)

func planCommand(p process) *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "tell what a run would do, and what it would cost",
		ArgsUsage: "[FILE|FOLDER|GLOB|-]...",
		Description: `Reads the corpus and asks the index what it holds, as a run does, and changes
nothing. One request with typical texts is sent to each model that would have
something to embed, to measure how long a run takes; --no-probe leaves it out.

   vecload plan docs.jsonl --price 0.02`,
		Flags: flags(sourceFlags(), embedFlags(), loadFlags(), indexFlags(), refreshFlags(), []cli.Flag{
			hybridFlag(),
			&cli.Float64Flag{Name: "price", Usage: "`PRICE` of a million tokens, in any currency, to estimate the cost"},
			&cli.BoolFlag{Name: "no-probe", Usage: "send nothing to the model, and estimate no time"},
		}, outputFlags()),
		Action: func(c *cli.Context) error {
			a, ctx, stop, release, err := startOver(c, p)
			if err != nil {
				return err
			}
			defer release()
			plan, err := a.plan(ctx, stop, !c.Bool("no-probe"))
			if err != nil {
				return err
			}
			plan.price = c.Float64("price")
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
	ctx, stop, release = interruptible(c.Context, p.signals, p.stderr)
	meters := newMeters()
	return assembly{
		process: p, config: config, meters: meters, show: newProgress(p, meters, c.Bool("quiet")), configFile: configFile(c),
	}, ctx, stop, release, nil
}

// planned is a plan with what is estimated from it.
type planned struct {
	pipeline.Plan

	index    string
	exists   bool // the index holds something
	requests []int64
	took     []time.Duration // of one request of each lane; 0 where none was sent
	lanes    []lane
	guard    *pipeline.DeleteMissing
	price    float64
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
	target, err := a.existing(stop)
	if err != nil {
		return nil, err
	}
	if target != nil {
		defer target.Close() //nolint:errcheck // nothing was written to it
		p.exists = true
		reading.Refresh = &pipeline.Refresh{Index: target, DeleteMissing: a.deleteMissing()}
	}
	if p.Plan, err = a.count(ctx, stop, read.Progress, reading, sampleOf(lanes)); err != nil {
		return nil, err
	}
	for i := range lanes {
		p.requests = append(p.requests, requestsOf(p.Lanes[i], lanes[i].Limits))
		took := time.Duration(0)
		if probe && p.Lanes[i].Chunks > 0 {
			if took, err = measure(stop, models[i], p.Lanes[i].Todo); err != nil {
				return nil, models[i].lane.named(models[i].lane.explain(stop, err))
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

// existing opens the index if there is one, made by the configured models; nil
// when there is none.
func (a assembly) existing(ctx context.Context) (index, error) {
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
	if !madeBy(a.config.Chosen(nil), spaces) {
		return nil, errors.Join(a.misaimed("the index was made by other models: "+spaces.String(),
			"plan with the configuration that made it, or name another index"), target.Close())
	}
	if err := a.sameWords(spaces); err != nil {
		return nil, errors.Join(err, target.Close())
	}
	if err := target.Prepare(ctx, spaces); err != nil {
		return nil, errors.Join(err, target.Close())
	}
	return target, nil
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
	plan, err := p.Plan(ctx, stop, sample)
	hide()
	return plan, errors.Join(err, watch.Wait())
}

// requestsOf estimates the number of requests: the batches are filled, but for
// what does not fit any more.
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
	return max(1, parts(l.Chunks, limits.Texts), parts(l.Tokens, limits.Tokens), parts(l.Bytes, limits.Bytes))
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
		inFlight := int64(l.limits().InFlight)
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

// print tells a person.
func (p *planned) print(w io.Writer) {
	where := p.index
	if !p.exists {
		where += " (does not exist yet)"
	}
	fmt.Fprintf(w, "Plan: %s → %s\n", plural(p.Read, "document"), where)
	row := func(name string, n int64, note string) {
		if n > 0 {
			fmt.Fprintf(w, "  %-10s %10s%s\n", name, thousands(n), note)
		}
	}
	row("new", p.New, "")
	row("changed", p.Changed, "")
	row("updated", p.Updated, "   beside their vectors")
	row("unchanged", p.Unchanged, "")
	row("rejected", p.Rejected, "   by what they hold; more may be by the model")
	for i, l := range p.Lanes {
		of := ""
		if len(p.Lanes) > 1 {
			of = " of " + l.Vector
		}
		fmt.Fprintf(w, "  to embed%s: %s, about %s, %s\n", of, plural(l.Chunks, "chunk"), plural(l.Tokens, "token"), plural(p.requests[i], "request"))
	}
	if n := p.Tails + p.Missing; n > 0 {
		fmt.Fprintf(w, "  to delete: %s\n", p.deletes())
	}
	if p.KeptMissing {
		fmt.Fprintln(w, "  nothing would be deleted: some records could not be read, and may be of documents that seem to be missing")
	}
	if left := p.left(); left > 0 {
		fmt.Fprintf(w, "  time       about %s\n", shortDuration(left))
	}
	if p.price > 0 {
		fmt.Fprintf(w, "  cost       about %.4g\n", p.cost())
	}
}

// deletes tells what would be deleted, and whether the guard lets it.
func (p *planned) deletes() string {
	text := plural(p.Tails+p.Missing, "point")
	if p.Missing == 0 {
		return text + ", behind the ends of documents that are shorter now"
	}
	share := float64(p.Missing) / float64(max(p.Points, 1))
	text += fmt.Sprintf(", %s of them of documents that are not in the corpus (%.1f%% of the index)", thousands(p.Missing), 100*share)
	if p.guard != nil && share > p.guard.MaxShare {
		text += fmt.Sprintf("; a run would refuse, since that is more than %.0f%%", 100*p.guard.MaxShare)
	}
	return text
}

// planJSON is a plan for machines.
type planJSON struct {
	Index     string     `json:"index"`
	Exists    bool       `json:"exists"`
	Read      int64      `json:"read"`
	New       int64      `json:"new"`
	Changed   int64      `json:"changed"`
	Updated   int64      `json:"updated"`
	Unchanged int64      `json:"unchanged"`
	Rejected  int64      `json:"rejected"`
	Deleted   int64      `json:"deleted"` // points
	Missing   int64      `json:"missing"` // of deleted: points of documents that are not in the corpus
	Points    int64      `json:"points"`  // in the index now, where they were counted
	Kept      bool       `json:"missing_kept"`
	Vectors   []laneJSON `json:"vectors"`
	Seconds   float64    `json:"seconds,omitempty"` // estimated
	Cost      float64    `json:"cost,omitempty"`    // in the currency of the price
}

type laneJSON struct {
	Vector   string  `json:"vector"`
	Model    string  `json:"model"`
	Chunks   int64   `json:"chunks"`
	Tokens   int64   `json:"tokens"`
	Requests int64   `json:"requests"`
	Seconds  float64 `json:"request_seconds,omitempty"` // measured, of one request
}

func (p *planned) writeJSON(w io.Writer) error {
	out := planJSON{
		Index: p.index, Exists: p.exists, Read: p.Read, New: p.New, Changed: p.Changed, Updated: p.Updated, Unchanged: p.Unchanged,
		Rejected: p.Rejected, Deleted: p.Tails + p.Missing, Missing: p.Missing, Points: p.Points, Kept: p.KeptMissing,
		Seconds: round3(p.left().Seconds()), Cost: p.cost(), Vectors: []laneJSON{},
	}
	for i, l := range p.Lanes {
		out.Vectors = append(out.Vectors, laneJSON{
			Vector: l.Vector, Model: p.lanes[i].Embed.Model, Chunks: l.Chunks, Tokens: l.Tokens, Requests: p.requests[i], Seconds: round3(p.took[i].Seconds()),
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

func round3(x float64) float64 { return math.Round(x*1000) / 1000 }
