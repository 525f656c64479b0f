package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
)

func runCommand(p process) *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "embed and index a corpus",
		ArgsUsage: "[FILE|FOLDER|GLOB|-]...",
		Description: `Reads documents from .jsonl, .ndjson (also .gz, .zst) and .parquet files, embeds
them and writes the vectors to the index. Without a configuration it uses the
model inside the program and a file in this folder, and guesses the fields:

   vecload run docs.jsonl
   vecload search "how do I reset my password"

Every document ends as written, unchanged or rejected; rejected ones are
written down with their place and reason. Interrupt once to finish what is in
flight, for --grace at most, twice to stop now; the same command goes on later.`,
		Flags: flags(sourceFlags(), embedFlags(), loadFlags(), indexFlags(), refreshFlags(), []cli.Flag{
			hybridFlag(),
			&cli.BoolFlag{Name: "rebuild", Category: "Refresh", Usage: "build anew beside what readers use, and switch (publish: alias)"},
		}, reportFlags(), outputFlags()),
		Action: func(c *cli.Context) error {
			config, err := loadConfig(c, p)
			if err != nil {
				return finish(c, p, unread(c, err))
			}
			if c.NArg() > 0 {
				config.Source.Path = c.Args().Slice()
			}
			ctx, stop, release := interruptible(c.Context, p.signals, p.stderr, config.Grace)
			defer release()
			meters := newMeters()
			done := runCorpus(ctx, stop, assembly{
				process: p, config: config, meters: meters, contact: qdrant.NewContact(), show: newProgress(p, meters, c.Bool("quiet")),
				configFile: configFile(c), reportFile: c.String("report"), rebuild: c.Bool("rebuild"),
			})
			return finish(c, p, done)
		},
	}
}

// runCorpus runs the configured pipeline. What can be wrong is found in the
// order of what it costs: configuration, files and fields, endpoint, index;
// the corpus is read after that.
func runCorpus(ctx, stop context.Context, a assembly) (done outcome) {
	done.started, done.index, done.asked = time.Now(), indexName(a.config.Index), modelNames(a.config)
	done.rejects = newRejectsFile(a.config.Rejects, a.process)
	fail := func(err error) outcome {
		done.err = orStopped(ctx, stop, err)
		return done
	}
	if err := a.checkReport(); err != nil {
		return fail(err)
	}
	done.reportFile = a.reportFile
	if err := a.checkRejects(); err != nil {
		return fail(err)
	}
	read, err := a.corpus(stop)
	if err != nil {
		return fail(err)
	}
	a, models, err := a.models(stop)
	if err != nil {
		return fail(err)
	}
	done = a.publish(ctx, stop, done, read, models)
	if late, ok := errors.AsType[*lateError](done.err); ok && !a.readsOnce() {
		// The model was believed to be served, and nobody does: nothing was
		// written but what costs nothing to write again.
		again := a
		again.config = late.asked
		if read, err = again.corpus(stop); err != nil {
			return fail(err)
		}
		again.meters.restart()
		if again, models, err = again.choose(stop); err != nil {
			return fail(err)
		}
		done = again.publish(ctx, stop, done, read, models)
	}
	switch {
	case done.err == nil && done.report.Rejected > 0:
		done.err = errRejects
	case pipeline.Classify(done.err) == pipeline.NotServed && done.report.Points+done.report.Written > 0:
		// What is not served any more was served: exit code 4 would say that
		// nothing was written.
		done.err = &pipeline.Error{Class: pipeline.Fatal, Hint: pipeline.Hint(done.err), Err: done.err}
	}
	return done
}

// readsOnce reports whether the corpus can be read only once.
func (a assembly) readsOnce() bool { return slices.Contains(a.config.Source.Path, "-") }

// runWith runs the corpus through the models into the index of the
// configuration, which it holds meanwhile.
func (a assembly) runWith(ctx, stop context.Context, begun outcome, read corpus, models []model) (done outcome) {
	done = begun
	done.index, done.models = indexName(a.config.Index), models
	lanes, release, err := engineLanes(models)
	if err != nil {
		done.err = orStopped(ctx, stop, err)
		return done
	}
	defer release()
	target, err := a.index()
	if err != nil {
		done.err = orStopped(ctx, stop, err)
		return done
	}
	defer func() { done.err = alsoFailed(done.err, target.Close()) }()
	return a.runInto(ctx, stop, done, read, models, lanes, target)
}

// runInto runs the corpus through the lanes, which are those of the models, into
// an index.
func (a assembly) runInto(ctx, stop context.Context, begun outcome, read corpus, models []model, lanes []pipeline.Lane, target index) (done outcome) {
	done = begun
	fail := func(err error) outcome {
		done.err = orStopped(ctx, stop, err)
		return done
	}
	if err := target.Prepare(stop, spacesOf(models)); err != nil {
		return fail(err)
	}
	held, err := a.hold(stop, target)
	if err != nil {
		return fail(err)
	}
	defer func() {
		// What a rejected document has left is looked for as after a kill.
		done.err = a.afterStop(ctx, done.err, "its lease, which ends by itself", held.release(pipeline.WithStop(ctx, stop), goodOrder(done.err) && !done.report.Torn))
	}()
	refresh, err := a.refresh(stop, target, held.clean())
	if err != nil {
		return fail(err)
	}
	if again, ok := read.(*rejectedCorpus); ok && refresh != nil {
		refresh.MayReplace = again.held.mayReplace
	}
	if err := done.rejects.begin(); err != nil {
		return fail(err)
	}
	defer func() { done.err = alsoFailed(done.err, done.rejects.close()) }()
	a.sayModels(models, done.index)

	done.ran = true
	watched, cancel := held.watch(ctx)
	defer cancel()
	done.report, done.err = a.follow(watched, stop, read.Progress, pipeline.Pipeline{
		Source:   read,
		Index:    target,
		Lanes:    lanes,
		Writes:   a.writes(models),
		Refresh:  refresh,
		KeepText: a.config.Index.Text,
		Reject:   done.rejects.write,
		Counters: a.meters.documents,

		MaxRejects: a.maxRejects(),
	})
	if errors.Is(done.err, pipeline.ErrStopped) {
		done.err = orStopped(ctx, stop, done.err) // the end of ctx ends stop, too, and may be seen there first
	}
	done.err = tooManyRejects(done.err, &done.rejects.reasons)
	done.err = a.afterStop(ctx, done.err, "its indexing, which the next run does", a.settle(watched, stop, target, a.building && goodOrder(done.err)))
	return done
}

// afterStop joins to how a run ended that something could not be given back at
// the end. One that was stopped is as well stopped without it: an index that is
// away is a reason to stop a run.
func (a assembly) afterStop(ctx context.Context, ended error, what string, err error) error {
	if err != nil && ended == nil && ctx.Err() != nil {
		ended = context.Cause(ctx) // an interrupt cut it short
	}
	if err != nil && (errors.Is(ended, pipeline.ErrStopped) || errors.Is(ended, errInterrupted)) {
		a.show.say("%s did not get back %s: %s", indexName(a.config.Index), what, clip(err.Error(), 300))
		return ended
	}
	return alsoFailed(ended, err)
}

// goodOrder reports whether a run that ended so left every document that it
// wrote with all its points and no other.
func goodOrder(err error) bool { return err == nil || errors.Is(err, errRejects) }

// refresh says what the run can leave undone: nothing, where the index holds
// no point yet.
func (a assembly) refresh(ctx context.Context, target index, clean bool) (*pipeline.Refresh, error) {
	points, err := target.Count(ctx)
	switch {
	case err != nil:
		return nil, err
	case points == 0 && a.previous == nil:
		return nil, nil
	case points == 0:
		return &pipeline.Refresh{Previous: a.previous}, nil
	}
	return &pipeline.Refresh{Index: target, Careful: !clean, Previous: a.previous, DeleteMissing: a.deleteMissing()}, nil
}

// deleteMissing says what may be removed; nil when nothing may.
func (a assembly) deleteMissing() *pipeline.DeleteMissing {
	if !a.config.Index.DeleteMissing {
		return nil
	}
	return &pipeline.DeleteMissing{MaxShare: float64(a.config.Index.MaxDeleteShare)}
}

// engineLanes makes the lanes of the engine. release gives back what they
// hold.
func engineLanes(models []model) (lanes []pipeline.Lane, release func(), err error) {
	var held []func()
	release = func() {
		for _, give := range held {
			give()
		}
	}
	for _, m := range models {
		one, give, err := m.lane.pipeline(m)
		if err != nil {
			release()
			return nil, nil, err
		}
		lanes, held = append(lanes, one), append(held, give)
	}
	return lanes, release, nil
}

// spacesOf returns the spaces of the models by the names of their vectors.
func spacesOf(models []model) pipeline.Spaces {
	spaces := pipeline.Spaces{}
	for _, m := range models {
		spaces[m.lane.Vector] = m.space
	}
	return spaces
}

// sayModels tells what makes the vectors, and where they go.
func (a assembly) sayModels(models []model, index string) {
	if len(models) == 1 {
		a.show.say("The model is %s; the index is %s.", models[0].space, index)
		return
	}
	for _, m := range models {
		a.show.say("Vector %s is of each %s, by %s.", m.lane.Vector, m.lane.Embed.Input, m.space)
	}
	a.show.say("The index is %s.", index)
}

// follow runs the pipeline and shows its progress.
func (a assembly) follow(ctx, stop context.Context, position func() (int64, int64), p pipeline.Pipeline) (pipeline.Report, error) {
	showing, hide := context.WithCancel(ctx)
	var watch errgroup.Group
	watch.Go(func() error {
		a.show.run(showing, position)
		return nil
	})
	defer a.collect()()
	archive := a.archive()
	p.Archive = archive
	report, err := p.Run(ctx, stop)
	err = alsoFailed(err, archive.Close())
	hide()
	requests := a.meters.snapshot()
	report.Requests, report.Retries, report.Limit, report.BatchTexts = requests.Requests, requests.Retries, requests.Limit, requests.BatchTexts
	return report, errors.Join(err, watch.Wait())
}

// finish tells what the run did, in every form that was asked for.
func finish(c *cli.Context, p process, done outcome) error {
	if done.reportFile != "" {
		done.err = alsoFailed(done.err, saveReport(done.reportFile, done))
	}
	var told error
	switch {
	case c.Bool("json"):
		told = writeReport(p.stdout, done)
	case done.ran:
		printSummary(p.stdout, done)
	case exitCode(done.err) == exitInterrupted:
		_, told = fmt.Fprintln(p.stdout, "Stopped before the corpus was read; run the same command again.")
	}
	return alsoFailed(done.err, told)
}

// alsoFailed joins what failed after a run to how the run ended. A run that
// only had rejects, or was only stopped, has failed then.
func alsoFailed(err, then error) error {
	if then != nil && (errors.Is(err, errRejects) || errors.Is(err, pipeline.ErrStopped)) {
		return then
	}
	if err != nil && pipeline.Classify(err) == pipeline.Transient && pipeline.Classify(then) == pipeline.Transient {
		return err // what was tried afterwards failed for the same reason
	}
	return errors.Join(err, then)
}
