package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/builtin"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/openai"
	"github.com/vecload/vecload/pipeline/embedders/tei"
	"github.com/vecload/vecload/pipeline/retry"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/sqlite"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
	"github.com/vecload/vecload/sources/parquet"
)

// assembly puts the parts together that a configuration names. It is the only
// place that knows more than one adapter.
type assembly struct {
	process  process
	config   configs.Config
	counters *pipeline.Counters
	show     *progress

	configFile, reportFile string // "": none; only a run has them
}

// corpus returns the documents of the configured files. What the
// configuration leaves open is guessed from the first records, and said.
func (a assembly) corpus(ctx context.Context) (*sources.Corpus, error) {
	if len(a.config.Source.Path) == 0 {
		return nil, &usageError{err: errors.New("no corpus is named"), hint: "vecload run FILE, or source.path in the configuration"}
	}
	files, err := sources.Files(a.config.Source.Path, formats())
	if err != nil {
		return nil, err
	}
	input := sources.Input{
		Files:   files,
		Formats: formats(),
		Stdin:   sources.NewStdin(a.process.stdin),
	}
	mapping := sources.Mapping{ID: a.config.Source.ID, Text: a.config.Source.Text, Payload: a.config.Source.Payload}
	if mapping.Text == "" || mapping.ID == "" {
		guess, err := sources.Guess(ctx, input, mapping)
		if err != nil {
			return nil, err
		}
		a.show.say("%s", guess.Why)
		mapping = guess.Mapping
	}
	return sources.NewCorpus(input, mapping)
}

// formats are those of a corpus.
func formats() []sources.Format { return []sources.Format{jsonl.Format(), parquet.Format()} }

// model is an embedder with what is known about its vectors before the first
// of them was seen.
type model struct {
	pipeline.Embedder

	space pipeline.Space        // Dim is 0 until somebody probed
	count pipeline.TokenCounter // nil: tokens are estimated
}

// embedder builds the stack for the configured endpoint: the client of its
// protocol innermost, then limit, check, retry, split and shape.
func (a assembly) embedder(prefix string) (model, error) {
	embed := a.config.Embed
	m := model{space: pipeline.Space{
		Model:     embed.Model,
		Prefix:    embed.Prefix.Document,
		Query:     embed.Prefix.Query,
		Pooling:   string(embed.Pooling),
		Normalize: embed.Normalize,
		Cut:       embed.Cut,
	}}
	shape := embedders.Shape{Prefix: prefix, Cut: embed.Cut, Normalize: embed.Normalize}
	client, err := a.client(&m)
	if err != nil {
		return model{}, err
	}
	limit := embedders.NewLimit(client, embed.InFlight, a.counters)
	policy := retry.Default()
	policy.Budget, policy.WarmBudget = embed.RetryFor, embed.WarmUp
	retried := retry.NewEmbedder(embedders.NewCheck(limit), policy, func(e retry.Event) {
		a.counters.Retries.Add(1)
		if e.Class == pipeline.Throttled {
			limit.Pause(e.Delay)
		}
		a.show.waiting(waitingFor(e), e.Delay)
	})
	m.Embedder = embedders.NewShape(embedders.NewSplit(retried), shape)
	return m, nil
}

func waitingFor(e retry.Event) string {
	switch e.Class {
	case pipeline.Warming:
		return "the model is warming up, " + shortDuration(e.Spent)
	case pipeline.Throttled:
		return "the endpoint asks to wait"
	case pipeline.Transient, pipeline.Fatal, pipeline.Oversize, pipeline.Rejected,
		pipeline.NotServed, pipeline.Denied, pipeline.Misconfigured:
	}
	return fmt.Sprintf("try %d failed: %s", e.Attempt, clip(e.Err.Error(), 160))
}

// client makes the client that speaks to the configured endpoint, and notes
// in m what it tells about the model.
func (a assembly) client(m *model) (pipeline.Embedder, error) {
	embed := a.config.Embed
	if embed.Model == configs.Builtin {
		table, err := builtin.New()
		if err != nil {
			return nil, err
		}
		m.space.Revision, m.count = table.Revision(), table.CountTokens
		return table, nil
	}
	if len(embed.Endpoints) == 0 {
		return nil, &usageError{err: fmt.Errorf("no endpoint is named for model %s", embed.Model), hint: "give --tei URL or --openai URL, or embed.endpoints in the configuration"}
	}
	switch e := embed.Endpoints[0]; {
	case e.HuggingFace != nil:
		return huggingface.New(huggingface.Options{
			URL: string(e.HuggingFace.URL), Model: embed.Model, Token: credential.New(e.HuggingFace.Token.Reveal()),
			Pooling: string(embed.Pooling), Timeout: embed.Timeout, InFlight: embed.InFlight,
			AllowClearText: e.HuggingFace.AllowClearText,
		})
	case e.TEI != nil:
		return tei.New(tei.Options{
			URL: string(e.TEI.URL), Token: credential.New(e.TEI.Token.Reveal()), Timeout: embed.Timeout,
			Truncate: &e.TEI.Truncate, InFlight: embed.InFlight, AllowClearText: e.TEI.AllowClearText,
		})
	case e.OpenAI != nil:
		name := e.OpenAI.Model
		if name == "" {
			name = embed.Model
		}
		return openai.New(openai.Options{
			URL: string(e.OpenAI.URL), Model: name, Token: credential.New(e.OpenAI.Token.Reveal()),
			Dimensions: e.OpenAI.Dimensions, Timeout: embed.Timeout, InFlight: embed.InFlight,
			AllowClearText: e.OpenAI.AllowClearText,
		})
	}
	return nil, &usageError{err: errors.New("embed.endpoints[0] names no server"), hint: "give it one of huggingface, tei and openai"}
}

// index is what a command needs of an index.
type index interface {
	pipeline.Index
	pipeline.Searcher
	io.Closer
}

// index opens the configured index, which connects to nothing yet.
func (a assembly) index() (index, error) {
	if q := a.config.Index.Qdrant; q != nil {
		return qdrant.New(qdrant.Options{
			URL: string(q.URL), APIKey: q.APIKey.Reveal, AllowClearText: q.AllowClearText,
			Collection: q.Collection, Vector: q.Vector, CreatedBy: "vecload " + buildVersion().Version,
			OnRetry: func(err error, wait time.Duration) {
				a.show.waiting("the index failed: "+clip(err.Error(), 160), wait)
			},
		})
	}
	path := configs.DefaultSQLitePath
	if a.config.Index.SQLite != nil {
		path = a.config.Index.SQLite.Path
	}
	return sqlite.New(sqlite.Options{Path: path, CreatedBy: "vecload " + buildVersion().Version})
}

// limits bounds the run by what the configuration says and by what suits the
// index: SQLite writes one transaction at a time and is paid for each.
func (a assembly) limits() pipeline.Limits {
	embed := a.config.Embed
	limits := pipeline.Limits{
		Texts:    embed.Batch.Texts,
		Tokens:   embed.Batch.Tokens,
		Bytes:    int(embed.Batch.Bytes),
		InFlight: embed.InFlight,
		Writers:  1,
		Points:   2048,
	}
	if embed.Model == configs.Builtin {
		// No request is waited for: more than one a core only holds memory.
		limits.InFlight = min(limits.InFlight, runtime.GOMAXPROCS(0))
		limits.Tokens = 0
	}
	if a.config.Index.Qdrant != nil {
		limits.Writers, limits.Points = 3, 256
	}
	return limits
}
