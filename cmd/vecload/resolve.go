package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
	"github.com/vecload/vecload/pipeline/embedders/resolve"
	"github.com/vecload/vecload/pipeline/retry"
)

// probeTimeout bounds the one request to an endpoint: a model that takes
// longer to load is told to be warming.
const probeTimeout = 20 * time.Second

func resolveCommand(p process) *cli.Command {
	return &cli.Command{
		Name:      "resolve",
		Usage:     "tell where a model is served, and if not why",
		ArgsUsage: "[MODEL]",
		Description: `Asks the Hugging Face Hub what it knows about the model, sends each configured
endpoint one short text, or for images one image, and says which of them a run
would use. Without a configuration Hugging Face is asked. Neither a corpus nor an index is needed.

   vecload resolve sentence-transformers/all-MiniLM-L6-v2

The exit code is 0 when a run could use an endpoint, 4 when the model is not
served, 5 when rights or credit are missing, 2 for a wrong address or
configuration, and 1 for anything else.`,
		Flags: flags(embedFlags(), outputFlags()),
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return noArguments(c)
			}
			if c.NArg() == 1 {
				if err := c.Set("model", c.Args().First()); err != nil {
					return err
				}
			}
			config, err := mergedConfig(c, p)
			if err == nil {
				err = config.Validate()
			}
			if err != nil {
				return err
			}
			ctx, stop, release := interruptible(c.Context, p.signals, p.stderr, graceOfQuestions)
			defer release()
			meters := newMeters()
			resolved, err := assembly{
				process: p, config: config, meters: meters, show: newProgress(p, meters, true),
			}.resolveAll(stop)
			switch {
			case err != nil && stop.Err() != nil && ctx.Err() == nil:
				return pipeline.ErrStopped
			case err != nil:
				return err
			case c.Bool("json"):
				err = printResolvedJSON(p.stdout, resolved)
			default:
				printResolved(p.stdout, resolved)
			}
			return errors.Join(err, resolvedError(resolved))
		},
	}
}

// errResolved ends `vecload resolve` with the exit code of its class: what is
// wrong was told by the answer.
var errResolved = errors.New("no endpoint can be used")

// resolvedError is nil when each vector has a model that is served.
func resolvedError(all []resolvedLane) error {
	for _, one := range all {
		if last := one.models[len(one.models)-1]; last.Use < 0 {
			return &pipeline.Error{Class: one.models[0].Class, Err: errResolved}
		}
	}
	return nil
}

// resolvedLane is what was found out for one vector: of its model and, while a
// model is served by nobody, of the alternatives.
type resolvedLane struct {
	vector string // "" where there is one only
	models []resolve.Resolution
}

// resolveAll resolves the models of all vectors.
func (a assembly) resolveAll(ctx context.Context) ([]resolvedLane, error) {
	var all []resolvedLane
	for _, l := range a.lanes() {
		one, err := l.resolveChoices(ctx)
		if err != nil {
			return nil, l.named(err)
		}
		if len(a.config.Vectors) > 0 {
			one.vector = l.Vector
		}
		all = append(all, one)
	}
	return all, nil
}

// resolveChoices resolves the configured model and, while a model is served by
// nobody, its alternatives.
func (l lane) resolveChoices(ctx context.Context) (resolvedLane, error) {
	choices := l.config.Choices(l.Vector)
	if l.Embed.Strict {
		choices = choices[:1]
	}
	var all resolvedLane
	for _, embed := range choices {
		one := l
		one.Embed = embed
		r, err := one.resolve(ctx)
		if err != nil {
			return resolvedLane{}, err
		}
		all.models = append(all.models, r)
		if r.Use >= 0 || r.Class != pipeline.NotServed {
			break
		}
	}
	return all, nil
}

// resolve asks the Hub and then all endpoints at once.
func (l lane) resolve(ctx context.Context) (resolve.Resolution, error) {
	embed := l.Embed
	if embed.Model == configs.Builtin {
		return resolve.Decide(resolve.Input{Model: embed.Model, Endpoints: []resolve.Endpoint{{Name: configs.Builtin}}}), nil
	}
	client, err := l.hubOf(embed.Endpoints)
	if err != nil {
		return resolve.Resolution{}, err
	}
	in := resolve.Input{Model: embed.Model, Hub: resolve.Hub{Address: client.Address()}}
	in.Hub.Model, in.Hub.Err = client.Model(ctx, embed.Model)
	probes := l.probes(in.Hub)
	var group errgroup.Group
	for i := range probes {
		group.Go(func() error {
			probes[i].run(ctx, l.probeInputs()[0])
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return resolve.Resolution{}, err
	}
	if ctx.Err() != nil {
		return resolve.Resolution{}, ctx.Err()
	}
	for _, p := range probes {
		in.Endpoints = append(in.Endpoints, p.Endpoint)
	}
	return l.decide(ctx, client, in), nil
}

// decide asks the Hub for other models when none of the endpoints serves this
// one.
func (l lane) decide(ctx context.Context, client *hub.Client, in resolve.Input) resolve.Resolution {
	r := resolve.Decide(in)
	if r.Use >= 0 || r.Class != pipeline.NotServed || hub.ReasonOf(in.Hub.Err) == hub.Unavailable {
		return r
	}
	in.Hub.Served = slices.DeleteFunc(served(ctx, client, in.Hub.Model.Task), func(m hub.Model) bool {
		return m.ID == in.Hub.Model.ID || m.ID == in.Model
	})
	return resolve.Decide(in)
}

// served names a few models that could be chosen instead: those that make
// vectors of texts, and of the same task, if that is another one.
func served(ctx context.Context, client *hub.Client, task string) []hub.Model {
	const most = 3
	// What the Hub does not tell is left out: it is advice.
	out, _ := client.Served(ctx, hub.Query{
		Tasks: []string{"sentence-similarity", "feature-extraction"}, Providers: huggingface.ProviderNames(), Most: most,
	})
	if task != "" && !hub.Embeds(task) {
		same, _ := client.Served(ctx, hub.Query{Tasks: []string{task}, Most: most})
		out = append(out, same...)
	}
	return out
}

// hubOf is the Hub of the first endpoint of Hugging Face's.
func (a assembly) hubOf(endpoints []configs.Endpoint) (*hub.Client, error) {
	for _, e := range endpoints {
		if e.HuggingFace != nil {
			return a.hub(e.HuggingFace)
		}
	}
	return a.hub(nil)
}

// probe is an endpoint that is still to be asked.
type probe struct {
	resolve.Endpoint

	client pipeline.Embedder // nil when there is nothing to ask
}

// run asks once, and once more after a moment where the answer does not tell
// a model that is being loaded from a server that is down.
func (p *probe) run(ctx context.Context, input string) {
	if p.client == nil || p.Err != nil { // a nil pointer of a client's type is not nil
		return
	}
	start := time.Now()
	policy := retry.Policy{Attempts: 2, Base: 500 * time.Millisecond, Max: time.Second, Budget: time.Second, WarmBudget: time.Second}
	// Asked too what it serves, as a run does: one that serves another model
	// would not be used.
	asked := embedders.NewAsked(p.client, func(embedders.Known) {})
	p.Dim, p.Err = embedders.Probe(ctx, retry.NewEmbedder(embedders.NewCheck(asked), policy, nil), input)
	p.Took = time.Since(start)
}

// probes makes the clients of all endpoints, one for each provider that a
// routed endpoint might choose.
func (l lane) probes(h resolve.Hub) []probe {
	l.Embed.Timeout = min(l.Embed.Timeout, probeTimeout)
	embed := l.Embed
	var all []probe
	for _, e := range embed.Endpoints {
		kind, address := e.Server()
		one := probe{Endpoint: resolve.Endpoint{Name: kind, URL: string(address), Wrong: mistakeOf(e, embed.Endpoints, embed.Model)}}
		switch {
		case one.Wrong != nil:
			all = append(all, one)
		case e.HuggingFace != nil:
			all = append(all, l.probesOf(e.HuggingFace, h, one)...)
		default:
			if e.InferenceEndpoint != nil {
				waitless := *e.InferenceEndpoint
				waitless.ScaleUp = 0 // that it starts is an answer
				e.InferenceEndpoint = &waitless
			}
			one.client, one.Err = l.client(e, embed.Model, new(usage))
			all = append(all, one)
		}
	}
	return all
}

func (l lane) probesOf(e *configs.HuggingFace, h resolve.Hub, one probe) []probe {
	var known *hub.Model
	if h.Known() {
		known = &h.Model
	}
	targets, err := huggingface.Targets(l.wish(e, l.Embed.Model), known)
	if err != nil {
		one.Err = err
		return []probe{one}
	}
	var all []probe
	for _, t := range targets {
		one.Name, one.Provider = "huggingface, "+t.Provider, t.Provider
		if t.Direct {
			one.URL = t.URL
		}
		one.client, one.Err = l.target(e, t, l.Embed.Model)
		all = append(all, one)
	}
	return all
}

// explain adds to the failure of a run in which nobody serves the model what
// the Hub says about that. No endpoint is asked again.
func (l lane) explain(ctx context.Context, err error) error {
	embed := l.Embed
	asks := slices.ContainsFunc(embed.Endpoints, func(e configs.Endpoint) bool { return e.HuggingFace != nil })
	if pipeline.Classify(err) != pipeline.NotServed || !asks || ctx.Err() != nil {
		return err
	}
	client, failed := l.hubOf(embed.Endpoints)
	if failed != nil {
		return err
	}
	in := resolve.Input{Model: embed.Model, Hub: resolve.Hub{Address: client.Address()}}
	in.Hub.Model, in.Hub.Err = client.Model(ctx, embed.Model)
	if hub.ReasonOf(in.Hub.Err) == hub.Unavailable {
		return err
	}
	for _, p := range l.probes(in.Hub) {
		if p.Provider != "" {
			p.Err = &pipeline.Error{Class: pipeline.NotServed, Err: err}
			in.Endpoints = append(in.Endpoints, p.Endpoint)
		}
	}
	r := l.decide(ctx, client, in)
	lines := append([]string{r.Reason}, r.Advice...)
	if len(embed.Alternatives) > 0 || len(embed.Endpoints) > 1 {
		lines = append([]string{pipeline.Hint(err)}, lines...) // the list of what was tried
	}
	return &pipeline.Error{Class: pipeline.NotServed, Hint: strings.Join(lines, "\n    "), Err: err}
}
