package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
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
the corpus, and run that again. So do documents of which the index holds a
version that was written later. --max-rejects counts those only that are
rejected anew.`,
		Flags: flags(embedFlags(), loadFlags(), indexFlags(), []cli.Flag{
			hybridFlag(),
			&cli.IntFlag{Name: "chunk-tokens", DefaultText: "one chunk a document", Usage: "cut texts into chunks of at most `N` tokens, as the run did"},
			&cli.IntFlag{Name: "chunk-overlap", DefaultText: "an eighth of a chunk", Usage: "`N` tokens that neighbouring chunks share, as in the run"},
			maxRejectsFlag(),
			&cli.StringFlag{Name: "report", Usage: "write the report as JSON to `FILE`"},
			graceFlag(),
		}, outputFlags()),
		Action: func(c *cli.Context) error {
			config, err := loadConfig(c, p)
			if err == nil && c.NArg() > 1 {
				err = &usageError{err: errors.New("unexpected argument " + c.Args().Get(1)), hint: "name one file of rejects"}
			}
			if err != nil {
				return finish(c, p, unread(c, err))
			}
			rejects := config.Rejects
			if c.NArg() == 1 {
				rejects = c.Args().First()
			}
			// What is not in the file is not missing.
			config.Index.DeleteMissing = false
			// Beside the file, and not beside a link to it, so that one takes
			// the place of the other in one step.
			file := linksResolved(rejects)
			config.Source.Path, config.Rejects = []string{rejects}, file+".again"
			// The documents are as the run made them.
			config.Source.Text, config.Source.ID = "document.text", "document.id"
			ctx, stop, release := interruptible(c.Context, p.signals, p.stderr, config.Grace)
			defer release()
			meters := newMeters()
			done := retried(ctx, stop, file, assembly{
				process: p, config: config, meters: meters, contact: qdrant.NewContact(), show: newProgress(p, meters, c.Bool("quiet")),
				configFile: configFile(c), reportFile: c.String("report"), rejected: true,
			})
			if done.rejects != nil {
				done.rejects.path = rejects
			}
			return finish(c, p, done)
		},
	}
}

// retried runs the documents of a file of rejects, which no other run uses
// meanwhile. The file stays whole until the end: whatever happens, each of its
// documents is in the index or in the file.
func retried(ctx, stop context.Context, file string, a assembly) (done outcome) {
	locked, err := lockRejects(file)
	if err != nil {
		return outcome{
			started: time.Now(), reportFile: misuseReport(a.reportFile, file, a.configFile),
			err: &pipeline.Error{Op: file, Class: pipeline.Misconfigured, Hint: "wait until that run has ended", Err: err},
		}
	}
	if locked != nil {
		defer locked.Close() //nolint:errcheck // nothing was written to it
	}
	done = runCorpus(ctx, stop, a)
	switch {
	case goodOrder(done.err):
		done.err = alsoFailed(done.err, replaceRejects(done.rejects, locked, file))
	case done.rejects != nil && done.rejects.made:
		_ = os.Remove(done.rejects.path) // all of them are in the file still
	}
	return done
}

// lockRejects locks a file of rejects; nil where there is none that could be
// opened, which is told where the corpus is.
func lockRejects(file string) (*lockedFile, error) {
	if !regular(file) {
		return nil, nil // opening a pipe would wait for somebody to write to it
	}
	opened, err := os.Open(file)
	if err != nil {
		return nil, nil //nolint:nilerr // see above
	}
	locked, err := lock(opened)
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return locked, nil
}

// replaceRejects puts the file of those that were rejected again in the place
// of the file that was run, and removes that when there are none.
func replaceRejects(again *rejectsFile, locked *lockedFile, old string) error {
	err := locked.inPlace(old)
	switch {
	case err != nil:
		err = errors.New("another file took its place while it was run")
	case again.made:
		err = os.Rename(again.path, old)
	default:
		err = os.Remove(old)
	}
	if err == nil {
		return nil
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	hint := "all of its documents are in the index; remove the file"
	if again.made {
		hint = "those that were rejected again are in " + again.path + ", the others are in the index"
	}
	return &pipeline.Error{Op: old, Class: pipeline.Fatal, Hint: hint, Err: err}
}
