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
endpoint one short text, and says which of them a run would use. Without a
configuration Hugging Face is asked. Neither a corpus nor an index is needed.

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
			ctx, stop, release := interruptible(c.Context, p.signals, p.stderr)
			defer release()
			counters := new(pipeline.Counters)
			resolved, err := assembly{
				process: p, config: config, counters: counters, show: newProgress(p, counters, true),
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

func resolvedError(all []resolve.Resolution) error {
	last := all[len(all)-1]
	if last.Use >= 0 {
		return nil
	}
	return &pipeline.Error{Class: all[0].Class, Err: errResolved}
}

// resolveAll resolves the configured model and, while a model is served by
// nobody, its alternatives.
func (a assembly) resolveAll(ctx context.Context) ([]resolve.Resolution, error) {
	candidates := a.config.Candidates()
	if a.config.Embed.Strict {
		candidates = candidates[:1]
	}
	var all []resolve.Resolution
	for _, config := range candidates {
		b := a
		b.config = config
		r, err := b.resolve(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
		if r.Use >= 0 || r.Class != pipeline.NotServed {
			break
		}
	}
	return all, nil
}

// resolve asks the Hub and then all endpoints at once.
func (a assembly) resolve(ctx context.Context) (resolve.Resolution, error) {
	embed := a.config.Embed
	if embed.Model == configs.Builtin {
		return resolve.Decide(resolve.Input{Model: embed.Model, Endpoints: []resolve.Endpoint{{Name: configs.Builtin}}}), nil
	}
	client, err := a.hubOf(embed.Endpoints)
	if err != nil {
		return resolve.Resolution{}, err
	}
	in := resolve.Input{Model: embed.Model, Hub: resolve.Hub{Address: client.Address()}}
	in.Hub.Model, in.Hub.Err = client.Model(ctx, embed.Model)
	probes := a.probes(in.Hub)
	var group errgroup.Group
	for i := range probes {
		group.Go(func() error {
			probes[i].run(ctx)
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
	return a.decide(ctx, client, in), nil
}

// decide asks the Hub for other models when none of the endpoints serves this
// one.
func (a assembly) decide(ctx context.Context, client *hub.Client, in resolve.Input) resolve.Resolution {
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
func (p *probe) run(ctx context.Context) {
	if p.client == nil {
		return
	}
	start := time.Now()
	policy := retry.Policy{Attempts: 2, Base: 500 * time.Millisecond, Max: time.Second, Budget: time.Second, WarmBudget: time.Second}
	p.Dim, p.Err = embedders.Probe(ctx, retry.NewEmbedder(embedders.NewCheck(p.client), policy, nil))
	p.Took = time.Since(start)
}

// probes makes the clients of all endpoints, one for each provider that a
// routed endpoint might choose.
func (a assembly) probes(h resolve.Hub) []probe {
	a.config.Embed.Timeout = min(a.config.Embed.Timeout, probeTimeout)
	embed := a.config.Embed
	var all []probe
	for _, e := range embed.Endpoints {
		kind, address := e.Server()
		one := probe{Endpoint: resolve.Endpoint{Name: kind, URL: string(address), Wrong: mistakeOf(e, embed.Endpoints, embed.Model)}}
		switch {
		case one.Wrong != nil:
			all = append(all, one)
		case e.HuggingFace != nil:
			all = append(all, a.probesOf(e.HuggingFace, h, one)...)
		default:
			if e.InferenceEndpoint != nil {
				waitless := *e.InferenceEndpoint
				waitless.ScaleUp = 0 // that it starts is an answer
				e.InferenceEndpoint = &waitless
			}
			one.client, one.Err = a.client(e, embed.Model)
			all = append(all, one)
		}
	}
	return all
}

func (a assembly) probesOf(e *configs.HuggingFace, h resolve.Hub, one probe) []probe {
	var known *hub.Model
	if h.Known() {
		known = &h.Model
	}
	targets, err := huggingface.Targets(a.wish(e, a.config.Embed.Model), known)
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
		one.client, one.Err = a.target(e, t, a.config.Embed.Model)
		all = append(all, one)
	}
	return all
}

// explain adds to the failure of a run in which nobody serves the model what
// the Hub says about that. No endpoint is asked again.
func (a assembly) explain(ctx context.Context, err error) error {
	embed := a.config.Embed
	asks := slices.ContainsFunc(embed.Endpoints, func(e configs.Endpoint) bool { return e.HuggingFace != nil })
	if pipeline.Classify(err) != pipeline.NotServed || !asks || ctx.Err() != nil {
		return err
	}
	client, failed := a.hubOf(embed.Endpoints)
	if failed != nil {
		return err
	}
	in := resolve.Input{Model: embed.Model, Hub: resolve.Hub{Address: client.Address()}}
	in.Hub.Model, in.Hub.Err = client.Model(ctx, embed.Model)
	if hub.ReasonOf(in.Hub.Err) == hub.Unavailable {
		return err
	}
	for _, p := range a.probes(in.Hub) {
		if p.Provider != "" {
			p.Err = &pipeline.Error{Class: pipeline.NotServed, Err: err}
			in.Endpoints = append(in.Endpoints, p.Endpoint)
		}
	}
	r := a.decide(ctx, client, in)
	lines := append([]string{r.Reason}, r.Advice...)
	if len(embed.Alternatives) > 0 || len(embed.Endpoints) > 1 {
		lines = append([]string{pipeline.Hint(err)}, lines...) // the list of what was tried
	}
	return &pipeline.Error{Class: pipeline.NotServed, Hint: strings.Join(lines, "\n    "), Err: err}
}
