package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
)

func searchCommand(p process) *cli.Command {
	return &cli.Command{
		Name:      "search",
		Usage:     "show the documents that are nearest to a question",
		ArgsUsage: "QUERY",
		Description: `Embeds the query as the index was embedded and shows the best points with their
cosine, 1 being the same direction. The index knows its model; an endpoint is
only needed for models that are not inside the program.`,
		Flags: flags(embedFlags(), indexFlags(), []cli.Flag{
			&cli.IntFlag{Name: "limit", Aliases: []string{"k", "n"}, Value: 5, Usage: "show the best `N`"},
		}, outputFlags()),
		Action: func(c *cli.Context) error {
			query := strings.TrimSpace(strings.Join(c.Args().Slice(), " "))
			if query == "" {
				return &usageError{err: errors.New("no query is given"), hint: `vecload search "what you are looking for"`}
			}
			if c.Int("limit") < 1 {
				return &usageError{err: errors.New("--limit has to be at least 1"), hint: "vecload search --help lists the options"}
			}
			config, err := loadConfig(c, p)
			if err != nil {
				return err
			}
			ctx, stop, release := interruptible(c.Context, p.signals, p.stderr)
			defer release()
			counters := new(pipeline.Counters)
			hits, err := search(stop, assembly{
				process: p, config: config, counters: counters, show: newProgress(p, counters, c.Bool("quiet")),
			}, query, c.Int("limit"))
			if err != nil {
				if stop.Err() != nil && ctx.Err() == nil {
					err = pipeline.ErrStopped
				}
				if c.Bool("json") {
					return errors.Join(err, printFailure(p.stdout, err))
				}
				return err
			}
			if c.Bool("json") {
				return printHitsJSON(p.stdout, hits)
			}
			printHits(p.stdout, hits)
			return nil
		},
	}
}

// search embeds the query in the space of the index and asks for its best
// hits.
func search(ctx context.Context, a assembly, query string, limit int) (hits []pipeline.Hit, err error) {
	a, target, space, err := a.searched(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if a.config, err = inSpace(a.config, space); err != nil {
		return nil, err
	}
	model, err := a.embedder(a.config.Embed.Prefix.Query)
	if err != nil {
		return nil, err
	}
	if space.Probe != "" {
		// The name does not tell whether the weights are still the same.
		if err := model.probe(ctx); err != nil {
			return nil, a.explain(ctx, err)
		}
	}
	vectors, err := model.Embed(embedders.ForQuery(ctx), []string{query})
	if pipeline.Classify(err) == pipeline.Rejected && err != nil {
		return nil, &pipeline.Error{
			Op: "the query", Class: pipeline.Misconfigured, Hint: "ask in words, and in fewer of them", Err: err,
		}
	}
	if err != nil {
		return nil, a.explain(ctx, err)
	}
	asked := model.space
	asked.Dim = vectors.Dim
	if differences := space.Differences(asked); len(differences) > 0 {
		return nil, &pipeline.Error{
			Op:    indexName(a.config.Index),
			Class: pipeline.Misconfigured,
			Hint:  "search with the model and settings that the index was made with, or index the corpus again into another one",
			Err:   fmt.Errorf("the index holds vectors of another space: %s", strings.Join(differences, "; ")),
		}
	}
	return target.Search(ctx, vectors.At(0), limit)
}

// searched opens the index that is asked: the configured one or, while that
// was never made, the first that an alternative has made.
func (a assembly) searched(ctx context.Context) (assembly, index, pipeline.Space, error) {
	var missing error
	for _, candidate := range a.config.Candidates() {
		b := a
		b.config.Index = candidate.Index
		target, err := b.index()
		if err != nil {
			return a, nil, pipeline.Space{}, err
		}
		space, err := target.Space(ctx)
		if err == nil {
			if missing != nil {
				a.show.say("%v; searching %s, which the alternative %s made.", missing, indexName(b.config.Index), space.Model)
			}
			return b, target, space, nil
		}
		err = errors.Join(err, target.Close())
		if missing == nil {
			missing = err
		}
		if pipeline.Classify(err) != pipeline.Misconfigured {
			return a, nil, pipeline.Space{}, err
		}
	}
	return a, nil, pipeline.Space{}, missing
}

// inSpace makes the configuration embed queries as the index was embedded, by
// the model or the alternative that made it. What the user says of the model
// has to agree with it.
func inSpace(config configs.Config, space pipeline.Space) (configs.Config, error) {
	named := config.Embed.Model
	for _, candidate := range config.Candidates() {
		if candidate.Embed.Model == space.Model {
			config.Embed = candidate.Embed
			break
		}
	}
	embed := &config.Embed
	if embed.Model != space.Model && embed.Model != configs.Builtin {
		return config, &pipeline.Error{
			Op:    indexName(config.Index),
			Class: pipeline.Misconfigured,
			Hint:  "leave the model out, or name the one that the index was made with",
			Err:   fmt.Errorf("the index was made with model %s, not %s", space.Model, named),
		}
	}
	if embed.Model != space.Model && len(embed.Endpoints) == 0 {
		return config, &pipeline.Error{
			Op:    indexName(config.Index),
			Class: pipeline.Misconfigured,
			Hint:  fmt.Sprintf("add --model %s to ask Hugging Face, with --tei URL or --openai URL your own server, or the configuration of the run with -c", space.Model),
			Err:   fmt.Errorf("the index was made with model %s, and no endpoint of it is named", space.Model),
		}
	}
	embed.Model = space.Model
	embed.Prefix.Document = space.Prefix
	if embed.Prefix.Query == "" {
		embed.Prefix.Query = space.Query
	}
	embed.Normalize, embed.Cut, embed.Pooling = space.Normalize, space.Cut, configs.Pooling(space.Pooling)
	return config, nil
}
