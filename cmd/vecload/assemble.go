package main

import (
	"context"
	"errors"
	"io"

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
	process process
	config  configs.Config
	meters  *meters
	show    *progress

	configFile, reportFile string // "": none; only a run has them
	rejected               bool   // the corpus is the rejects of a run

	contact *qdrant.Contact // to the server of the index, where it has one

	rebuild  bool           // build anew beside what readers use
	building bool           // the index is one that nobody reads yet
	previous pipeline.Donor // an index of the same spaces, whose vectors are copied; nil: none
}

// corpus is a source that knows how far it was read, in bytes; total is
// negative where nobody knows.
type corpus interface {
	pipeline.Source
	Progress() (done, total int64)
}

// corpus returns the documents of the configured files, without those that the
// index has no place for.
func (a assembly) corpus(ctx context.Context) (corpus, error) {
	read, err := a.documents(ctx)
	if err != nil || a.config.Index.Qdrant == nil {
		return read, err
	}
	return unreserved{read}, nil
}

// documents returns those of the configured files. What the configuration
// leaves open is guessed from the first records, and said.
func (a assembly) documents(ctx context.Context) (corpus, error) {
	if a.rejected {
		return newRejectedCorpus(a.config.Source.Path[0], a.show)
	}
	if len(a.config.Source.Path) == 0 {
		return nil, &usageError{err: errors.New("no corpus is named"), hint: "name a file or folder behind the command, or source.path in the configuration"}
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
	mapping, err := a.mapping(ctx, input)
	if err != nil {
		return nil, err
	}
	return sources.NewCorpus(input, mapping)
}

// mapping says what of a record is used. A text that a lane needs and that is
// not named is guessed, whether or not there are images; an image never is.
func (a assembly) mapping(ctx context.Context, input sources.Input) (sources.Mapping, error) {
	source := a.config.Source
	mapping := sources.Mapping{ID: source.ID, Text: source.Text, Image: source.Image, Payload: source.Payload}
	ofTexts, ofImages := false, false
	for _, l := range a.lanes() {
		ofTexts, ofImages = ofTexts || !l.ofImages(), ofImages || l.ofImages()
	}
	if ofImages && mapping.Image == "" {
		return mapping, &usageError{
			err: errors.New("no field is named that holds the images"), hint: "give --image FIELD, or source.image in the configuration",
		}
	}
	if !ofTexts {
		mapping.Text = ""
	}
	if mapping.ID != "" && (mapping.Text != "" || !ofTexts) {
		return mapping, nil
	}
	known := mapping
	if ofTexts && mapping.Text == "" {
		known.Image = ""
	}
	guess, err := sources.Guess(ctx, input, known)
	if err != nil {
		return sources.Mapping{}, err
	}
	if ofImages && guess.Mapping.Text == mapping.Image {
		return sources.Mapping{}, &usageError{
			err: errors.New("which field holds the texts cannot be guessed beside the images"), hint: "give --text FIELD, or source.text in the configuration",
		}
	}
	a.show.say("%s", guess.Why)
	guess.Mapping.Image = mapping.Image
	return guess.Mapping, nil
}

// formats are those of a corpus.
func formats() []sources.Format { return []sources.Format{jsonl.Format(), parquet.Format()} }

// index is what a command needs of an index.
type index interface {
	stored
	pipeline.Leaser
	io.Closer
}

// stored is what is done to the points of an index.
type stored interface {
	pipeline.Index
	pipeline.Searcher
	pipeline.SparseSearcher
	pipeline.Refresher
}

// index opens the configured index, which connects to nothing yet.
func (a assembly) index() (index, error) {
	if q := a.config.Index.Qdrant; q != nil {
		return a.qdrant(q, false)
	}
	return sqlite.New(a.sqliteOptions())
}

func (a assembly) sqliteOptions() sqlite.Options {
	path := configs.DefaultSQLitePath
	if a.config.Index.SQLite != nil {
		path = a.config.Index.SQLite.Path
	}
	return sqlite.Options{Path: path, CreatedBy: "vecload " + buildVersion().Version}
}

// exactIndex opens the configured index so that a search compares all points;
// nil where it always does.
func (a assembly) exactIndex() (index, error) {
	if q := a.config.Index.Qdrant; q != nil {
		return a.qdrant(q, true)
	}
	return nil, nil
}

func (a assembly) qdrant(q *configs.Qdrant, exact bool) (index, error) {
	return qdrant.New(a.qdrantOptions(q, exact))
}

func (a assembly) qdrantOptions(q *configs.Qdrant, exact bool) qdrant.Options {
	o := qdrant.Options{
		URL: string(q.URL), APIKey: q.APIKey.Reveal, AllowClearText: q.AllowClearText,
		Collection: q.Collection, CreatedBy: "vecload " + buildVersion().Version, Exact: exact, Tuning: tuning(q),
		RetryBudget: q.RetryFor, Contact: a.contact,
		OnRetry:  a.show.outage,
		OnAnswer: a.show.over,
		OnNotice: func(text string) { a.show.say("%s.", text) },
	}
	if q.Quantization != nil {
		o.Rescore = q.Quantization.Rescore
	}
	return o
}

// tuning says how a collection is kept.
func tuning(q *configs.Qdrant) qdrant.Tuning {
	t := qdrant.Tuning{
		OnDisk: q.OnDisk, Shards: q.Shards, Replicas: q.Replicas, WriteConsistency: q.WriteConsistency,
		Distance: qdrant.Distance(q.Distance), Tenant: q.Tenant, Bulk: qdrant.Bulk(first(string(q.Bulk), string(configs.BulkOff))), Retune: q.Retune,
		PayloadIndexes: map[string]qdrant.FieldType{},
	}
	if q.Quantization != nil {
		t.Quantization, t.AlwaysRAM = qdrant.Quantization(q.Quantization.Type), q.Quantization.AlwaysRAM
	}
	if q.HNSW != nil {
		t.HNSW = qdrant.HNSW{M: q.HNSW.M, EfConstruct: q.HNSW.EfConstruct, PayloadM: q.HNSW.PayloadM}
	}
	for field, kind := range q.PayloadIndexes {
		t.PayloadIndexes[field] = qdrant.FieldType(kind)
	}
	return t
}

// writes bounds what is under way to the index: SQLite writes one transaction
// at a time and is paid for each.
func (a assembly) writes(models []model) pipeline.WriteLimits {
	inFlight, perBatch := 0, 0
	for _, m := range models {
		inFlight = max(inFlight, m.lane.Embed.InFlight)
		perBatch = max(perBatch, m.lane.Embed.Batch.Texts*m.space.Dim*4)
	}
	waiting := batchesWaiting(inFlight, perBatch)
	if a.config.Index.Qdrant != nil {
		return pipeline.WriteLimits{Writers: 3, Points: 256, Waiting: waiting}
	}
	return pipeline.WriteLimits{Writers: 1, Points: 2048, Waiting: waiting}
}
