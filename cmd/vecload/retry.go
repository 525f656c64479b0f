package main

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
)

func retryCommand(p process) *cli.Command {
	return &cli.Command{
		Name:      "retry",
		Usage:     "run only the rejected documents again",
		ArgsUsage: "[REJECTS]",
		Description: `Reads the file of rejects that a run has written and embeds and indexes the
documents in it. Those that are rejected again stay in the file, with the new
reason; when none is, the file is removed. Records without an id or anything to
embed, and those of an id that another one has, stay as they are: mend them in
the corpus, and run that again.`,
		Flags: flags(embedFlags(), loadFlags(), indexFlags(), []cli.Flag{
			hybridFlag(),
			&cli.IntFlag{Name: "chunk-tokens", DefaultText: "one chunk a document", Usage: "cut texts into chunks of at most `N` tokens, as the run did"},
			&cli.IntFlag{Name: "chunk-overlap", DefaultText: "an eighth of a chunk", Usage: "`N` tokens that neighbouring chunks share, as in the run"},
			&cli.StringFlag{Name: "report", Usage: "write the report as JSON to `FILE`"},
			graceFlag(),
		}, outputFlags()),
		Action: func(c *cli.Context) error {
			config, err := loadConfig(c, p)
			if err != nil {
				return finish(c, p, outcome{started: time.Now(), err: err})
			}
			if c.NArg() > 1 {
				return noArguments(c)
			}
			rejects := config.Rejects
			if c.NArg() == 1 {
				rejects = c.Args().First()
			}
			// What is not in the file is not missing.
			config.Index.DeleteMissing = false
			config.Source.Path, config.Rejects = []string{rejects}, rejects+".again"
			// The documents are as the run made them.
			config.Source.Text, config.Source.ID = "document.text", "document.id"
			ctx, stop, release := interruptible(c.Context, p.signals, p.stderr, config.Grace)
			defer release()
			meters := newMeters()
			done := runCorpus(ctx, stop, assembly{
				process: p, config: config, meters: meters, show: newProgress(p, meters, c.Bool("quiet")),
				configFile: configFile(c), reportFile: c.String("report"), rejected: true,
			})
			if goodOrder(done.err) {
				done.err = alsoFailed(done.err, replaceRejects(done.rejects))
				done.rejects.path = rejects
			} else if done.rejects != nil {
				_ = os.Remove(done.rejects.path) // all of them are in the file still
			}
			return finish(c, p, done)
		},
	}
}

// replaceRejects puts the file of those that were rejected again in the place
// of the file that was run, and removes that when there are none.
func replaceRejects(again *rejectsFile) error {
	old := again.path[:len(again.path)-len(".again")]
	err := os.Rename(again.path, old)
	if errors.Is(err, fs.ErrNotExist) {
		err = os.Remove(old)
	}
	if err != nil {
		return &pipeline.Error{Op: old, Class: pipeline.Fatal, Hint: "the documents in " + again.path + " were rejected again; the others are in the index", Err: err}
	}
	return nil
}

// rejectedCorpus yields the documents of a file of rejects.
type rejectedCorpus struct{ corpus }

// newRejectedCorpus opens a file that a [rejectsFile] has written.
func newRejectedCorpus(name string) (*rejectedCorpus, error) {
	if !regular(name) {
		return nil, &pipeline.Error{
			Op: name, Class: pipeline.Misconfigured, Hint: "name the file that vecload run has written rejects to",
			Err: errors.New("is not a regular file"), // a pipe would be waited for, and gives its bytes once
		}
	}
	if !holdsRejects(name) {
		return nil, &pipeline.Error{
			Op: name, Class: pipeline.Misconfigured, Hint: "name the file that vecload run has written rejects to",
			Err: errors.New("does not hold the rejects of a run"),
		}
	}
	if _, err := os.Stat(name); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = errors.New("the file does not exist")
		}
		return nil, &pipeline.Error{Op: name, Class: pipeline.Misconfigured, Hint: "a run without rejects leaves no such file", Err: err}
	}
	format := jsonl.Format()
	format.Extensions = []string{""} // whatever the file is called
	read, err := sources.NewCorpus(
		sources.Input{Files: []string{name}, Formats: []sources.Format{format}},
		sources.Mapping{
			ID: "document.id", Text: "document.text", Image: "document.image",
			Payload: []string{"document.payload", "file", "row", "reason", "hint", "retry"},
		})
	if err != nil {
		return nil, err
	}
	return &rejectedCorpus{read}, nil
}

// Documents implements [pipeline.Source]: each document as it was when it was
// rejected, with the place where it was read then.
func (r *rejectedCorpus) Documents(ctx context.Context) iter.Seq2[pipeline.Document, error] {
	return func(yield func(pipeline.Document, error) bool) {
		for doc, err := range r.corpus.Documents(ctx) {
			doc, old := asItWas(doc)
			if old != nil {
				err = old
			}
			if !yield(doc, err) {
				return
			}
		}
	}
}

// formerError is the reason of a run for a record that is to be mended in the
// corpus.
type formerError struct{ reason string }

func (e *formerError) Error() string { return e.reason }

// asItWas makes of a line of rejects the document that was rejected, and the
// reason where it would be rejected again, or should be.
func asItWas(doc pipeline.Document) (pipeline.Document, error) {
	var reason, hint string
	fields, again := doc.Payload, true
	doc.Payload = nil
	for _, f := range fields {
		switch kind := f.Value.Kind(); {
		case f.Name == "document.payload" && kind == pipeline.KindObject:
			doc.Payload = f.Value.Object()
		case f.Name == "file" && kind == pipeline.KindString:
			doc.Origin.File = f.Value.Str()
		case f.Name == "row" && kind == pipeline.KindInt:
			doc.Origin.Row = f.Value.Int()
		case f.Name == "reason" && kind == pipeline.KindString:
			reason = f.Value.Str()
		case f.Name == "hint" && kind == pipeline.KindString:
			hint = f.Value.Str()
		case f.Name == "retry" && kind == pipeline.KindBool:
			again = f.Value.Bool()
		}
	}
	if again {
		return doc, nil
	}
	return doc, &pipeline.Error{Class: pipeline.Rejected, Hint: hint, Err: &formerError{reason}}
}
