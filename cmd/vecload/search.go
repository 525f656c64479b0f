package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/sinks/qdrant"
)

func searchCommand(p process) *cli.Command {
	return &cli.Command{
		Name:      "search",
		Usage:     "show the documents that are nearest to a question",
		ArgsUsage: "QUERY",
		Description: `Embeds the query as the index was embedded and shows the best points with their
cosine, 1 being the same direction. The index knows its model; an endpoint is
only needed for models that are not inside the program. Vectors of images are
asked in words too, by the part of their model that reads texts.

With --hybrid a list by vectors and a list by the words of the query make one:
the score is the sum of 1/(60 + rank) over both.`,
		Flags: flags(embedFlags(), indexFlags(), []cli.Flag{
			&cli.IntFlag{Name: "limit", Aliases: []string{"k", "n"}, Value: 5, Usage: "show the best `N`"},
			&cli.StringFlag{Name: "vector", Usage: "search the vectors of `NAME`, where the index has several (default: that of the texts)"},
			&cli.BoolFlag{Name: "hybrid", Usage: "find words too, in an index that was made with --hybrid: names, versions, error codes"},
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
			ctx, stop, release := interruptible(c.Context, p.signals, p.stderr, graceOfQuestions)
			defer release()
			meters := newMeters()
			result, err := search(stop, assembly{
				process: p, config: config, meters: meters, contact: qdrant.NewContact(), show: newProgress(p, meters, c.Bool("quiet")),
			}, question{text: query, vector: c.String("vector"), limit: c.Int("limit"), hybrid: c.Bool("hybrid")})
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
				return result.printJSON(p.stdout)
			}
			result.print(p.stdout)
			return nil
		},
	}
}

// question is what is searched for.
type question struct {
	text   string
	vector string // name of the vector that is searched; "" chooses one
	limit  int
	hybrid bool // by words too
}

// search embeds the query in the space of the index and asks for its best
// hits.
func search(ctx context.Context, a assembly, q question) (result found, err error) {
	a, target, spaces, err := a.searched(ctx)
	if err != nil {
		return found{}, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	l, err := a.asked(spaces, q)
	if err != nil {
		return found{}, err
	}
	space := spaces[l.Vector]
	var words pipeline.Sparse
	if q.hybrid {
		model, err := l.wordsIn(space)
		if err != nil {
			return found{}, err
		}
		if words = model.Query(q.text); words.Len() == 0 {
			a.show.say("The query holds no word to look for, such as stop words only; searching by vectors alone.")
		}
	}
	if l.Embed, err = l.inSpace(space); err != nil {
		return found{}, err
	}
	vector, err := l.embedQuery(ctx, q.text, space)
	if err != nil {
		return found{}, err
	}
	if words.Len() > 0 {
		return searchBoth(ctx, target, l.Vector, vector, words, q.limit)
	}
	result.hits, err = target.Search(ctx, l.Vector, vector, q.limit)
	return result, err
}

// asked returns the lane that made the vector of the question. Where it names
// none, that is the only vector or, among several, the only one of texts; for
// words, the one that has them.
func (a assembly) asked(spaces pipeline.Spaces, q question) (lane, error) {
	name, names := q.vector, strings.Join(spaces.Names(), ", ")
	if name == "" {
		texts := slices.DeleteFunc(spaces.Names(), func(name string) bool { return len(spaces) > 1 && spaces[name].Input != "" })
		worded := slices.DeleteFunc(spaces.Names(), func(name string) bool { return spaces[name].Sparse == "" })
		if q.hybrid && len(worded) == 1 {
			texts = worded
		}
		if len(texts) != 1 {
			return lane{}, &usageError{
				err:  fmt.Errorf("the index holds several vectors (%s)", names),
				hint: "say with --vector NAME which of them is searched",
			}
		}
		name = texts[0]
	}
	if _, ok := spaces[name]; !ok {
		return lane{}, a.misaimed(fmt.Sprintf("the index has no vector %q, it has %s", name, names), "give --vector one of these names")
	}
	lanes := a.lanes()
	if a.config.Vectors == nil {
		lanes[0].Vector = name // the index knows best what it is called
		return lanes[0], nil
	}
	for _, l := range lanes {
		if l.Vector == name {
			return l, nil
		}
	}
	return lane{}, a.misaimed(fmt.Sprintf("the configuration names no vector %q, which the index holds", name), "search with the configuration of the run: -c FILE")
}

// misaimed is the error of a search that does not fit its index.
func (a assembly) misaimed(what, hint string) error {
	return &pipeline.Error{Op: indexName(a.config.Index), Class: pipeline.Misconfigured, Hint: hint, Err: errors.New(what)}
}

// embedQuery returns the vector of a query in the space that the index holds.
// A model of images reads it by its part for texts.
func (l lane) embedQuery(ctx context.Context, query string, space pipeline.Space) (pipeline.Vector, error) {
	l.Embed.Endpoints = ofWords(l.Embed.Endpoints)
	if err := l.sameWeights(ctx, space); err != nil {
		return nil, err
	}
	reader := l
	reader.Embed.Input = configs.InputText
	model, err := reader.embedder(l.Embed.Prefix.Query)
	if err != nil {
		return nil, err
	}
	vectors, err := model.Embed(embedders.ForQuery(ctx), []string{query})
	if pipeline.Classify(err) == pipeline.Rejected && err != nil {
		return nil, &pipeline.Error{
			Op: "the query", Class: pipeline.Misconfigured, Hint: "ask in words, and in fewer of them", Err: err,
		}
	}
	if err != nil {
		return nil, reader.explain(ctx, err)
	}
	asked := model.space
	asked.Dim, asked.Input = vectors.Dim, space.Input
	if err := l.sameSpace(space, asked, searchAsMade); err != nil {
		return nil, err
	}
	return vectors.At(0), nil
}

// ofWords leaves out the endpoints that take images only. Where there are no
// others they stay, and say what they lack.
func ofWords(endpoints []configs.Endpoint) []configs.Endpoint {
	others := slices.DeleteFunc(slices.Clone(endpoints), func(e configs.Endpoint) bool { return e.Raw != nil })
	if len(others) == 0 {
		return endpoints
	}
	return others
}

// sameWeights compares what the model makes of the fixed input with what it
// made when the index was: the name does not tell whether the weights are
// still the same.
func (l lane) sameWeights(ctx context.Context, space pipeline.Space) error {
	if space.Probe == "" {
		return nil
	}
	model, err := l.embedder(l.Embed.Prefix.Document)
	if err != nil {
		return err
	}
	if err := model.probe(ctx); err != nil {
		return l.explain(ctx, err)
	}
	return l.sameSpace(space, model.space, searchAsMade)
}

// searchAsMade is what to do about a query of another space.
const searchAsMade = "search with the model and settings that the index was made with, or index the corpus again into another one"

// sameSpace refuses a space that is not that of the index; hint says what can
// be done then.
func (l lane) sameSpace(space, asked pipeline.Space, hint string) error {
	asked.Sparse = space.Sparse // which is not made by the model
	differences := space.Differences(asked)
	if len(differences) == 0 {
		return nil
	}
	return l.misaimed("the index holds vectors of another space: "+strings.Join(differences, "; "), hint)
}

// searched opens the index that is asked: the configured one or, while that
// was never made, the first that an alternative has made. The configuration
// is then that of the models which made it.
func (a assembly) searched(ctx context.Context) (assembly, index, pipeline.Spaces, error) {
	var missing error
	for _, candidate := range a.config.Candidates() {
		b := a
		b.config.Index = candidate.Index
		target, err := b.index()
		if err != nil {
			return a, nil, nil, err
		}
		spaces, err := target.Spaces(ctx)
		if err == nil {
			if missing != nil {
				a.show.say("%v; searching %s, which the alternative %s made.", missing, indexName(b.config.Index), modelNames(b.madeBy(spaces).config))
			}
			return b.madeBy(spaces), target, spaces, nil
		}
		err = errors.Join(err, target.Close())
		if missing == nil {
			missing = err
		}
		if pipeline.Classify(err) != pipeline.Misconfigured {
			return a, nil, nil, err
		}
	}
	return a, nil, nil, missing
}

// madeBy makes of the configuration that of the models which made an index,
// where it is one of the candidates.
func (a assembly) madeBy(spaces pipeline.Spaces) assembly {
	for _, candidate := range a.config.Candidates() {
		if madeBy(candidate, spaces) {
			candidate.Index = a.config.Index
			a.config = candidate
			return a
		}
	}
	return a
}

// choices are the models that may have made the lane's vector.
func (l lane) choices() []configs.Embed {
	if l.config.Vectors == nil {
		return l.config.Choices(l.config.Lanes()[0].Vector)
	}
	return l.config.Choices(l.Vector)
}

// inSpace makes the lane embed queries as the index was embedded. What the
// user says of the model has to agree with it.
func (l lane) inSpace(space pipeline.Space) (configs.Embed, error) {
	embed := l.Embed
	for _, choice := range l.choices() {
		if choice.Model == space.Model {
			embed = choice
			break
		}
	}
	if embed.Model != space.Model && embed.Model != configs.Builtin {
		return embed, l.misaimed(fmt.Sprintf("the index was made with model %s, not %s", space.Model, l.Embed.Model),
			"leave the model out, or name the one that the index was made with")
	}
	if embed.Model != space.Model && len(embed.Endpoints) == 0 {
		hint := "add --model %s to ask Hugging Face, with --tei URL or --openai URL your own server, or the configuration of the run with -c"
		if space.Input == string(configs.InputImage) {
			hint = "add --model %s with --openai, --cohere or --sie and the URL of its server, or the configuration of the run with -c"
		}
		return embed, l.misaimed(fmt.Sprintf("the index was made with model %s, and no endpoint of it is named", space.Model), fmt.Sprintf(hint, space.Model))
	}
	embed.Model, embed.Input = space.Model, configs.InputText
	if space.Input != "" {
		embed.Input = configs.Input(space.Input)
	}
	embed.Prefix.Document = space.Prefix
	if embed.Prefix.Query == "" {
		embed.Prefix.Query = space.Query
	}
	embed.Normalize, embed.Cut, embed.Pooling = space.Normalize, space.Cut, configs.Pooling(space.Pooling)
	return embed, nil
}
