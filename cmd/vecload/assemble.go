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
}

// corpus returns the documents of the configured files. What the
// configuration leaves open is guessed from the first records, and said.
func (a assembly) corpus(ctx context.Context) (*sources.Corpus, error) {
	if len(a.config.Source.Path) == 0 {
		return nil, &usageError{err: errors.New("no corpus is named"), hint: "vecload run FILE, or source.path in the configuration"}
	}
	files, err := sources.Files(a.config.Source.Path)
	if err != nil {
		return nil, err
	}
	input := sources.Input{
		Files:   files,
		Formats: []sources.Format{jsonl.Format(), parquet.Format()},
		Stdin:   sources.NewStdin(a.process.stdin),
	}
	mapping := sources.Mapping{ID: a.config.Source.ID, Text: a.config.Source.Text, Payload: a.config.Source.Payload}
	if mapping.Text == "" {
		guess, err := sources.Guess(ctx, input, mapping)
		if err != nil {
			return nil, err
		}
		a.show.say("%s", guess.Why)
		mapping = guess.Mapping
	}
	return sources.NewCorpus(input, mapping)
}

// model is an embedder with what is known about its vectors before the first
// of them was seen.
type model struct {
	pipeline.Embedder

	space pipeline.Space        // Dim is 0 until somebody probed
	count pipeline.TokenCounter // nil: tokens are estimated
}

// embedder makes the configured model, with the prefix that its texts get:
// the one of documents or the one of queries.
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
	var client pipeline.Embedder
	switch {
	case embed.Model == configs.Builtin:
		table, err := builtin.New()
		if err != nil {
			return model{}, err
		}
		m.space.Revision, m.count = table.Revision(), table.CountTokens
		client = table
	case len(embed.Endpoints) == 0:
		return model{}, &usageError{err: fmt.Errorf("no endpoint is named for model %s", embed.Model), hint: "give --tei URL or --openai URL, or embed.endpoints in the configuration"}
	default:
		var err error
		if client, err = a.client(embed.Endpoints[0], embed.Model); err != nil {
			return model{}, err
		}
	}
	m.Embedder = embedders.NewShape(a.stack(client, endpointLoad{count: m.count}), embedders.Shape{Prefix: prefix, Cut: embed.Cut, Normalize: embed.Normalize})
	return m, nil
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
