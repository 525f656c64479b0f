package main

import (
	"context"
	"errors"
	"io"
	"runtime"
	"time"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
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
		Window:   batchWindow(embed.InFlight),
		InFlight: embed.InFlight,
		Writers:  1,
		Points:   2048,
	}
	if embed.Model == configs.Builtin {
		// No request is waited for: more than one a core only holds memory.
		limits.InFlight = min(limits.InFlight, runtime.GOMAXPROCS(0))
		// Nothing is filled up either, so that the order may stay.
		limits.Tokens, limits.Window = 0, 1
	}
	if a.config.Index.Qdrant != nil {
		limits.Writers, limits.Points = 3, 256
	}
	return limits
}
