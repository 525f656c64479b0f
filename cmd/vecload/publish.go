package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
)

// publish runs the corpus into the index that readers use or, where that
// cannot be done in place, into one beside it, which then takes its place.
func (a assembly) publish(ctx, stop context.Context, begun outcome, read corpus, models []model) (done outcome) {
	done = begun
	if a.config.Index.Publish != configs.PublishAlias {
		if a.rebuild {
			done.err = &usageError{
				err: errors.New("--rebuild builds an index beside the one that readers use, which needs publish: alias"), hint: "give --publish alias, or index.publish in the configuration",
			}
			return done
		}
		return a.runWith(ctx, stop, done, read, models)
	}
	pub, err := a.publisher()
	if err != nil {
		done.err = err
		return done
	}
	defer func() { done.err = alsoFailed(done.err, pub.Close()) }()
	now, exists, err := pub.current(stop)
	if err != nil {
		done.err = orStopped(ctx, stop, err)
		return done
	}
	plan := buildPlan{spaces: spacesOf(models), settings: a.settings(), run: rand.Text()}
	if plan.reason = a.whyAnew(now, exists, plan); plan.reason == "" {
		return a.runWith(ctx, stop, done, read, models)
	}
	if a.rejected {
		done.err = a.misaimed("rejected documents alone make no index: "+plan.reason, "run vecload run first")
		return done
	}
	return a.build(ctx, stop, done, read, models, pub, now, plan)
}

// anewness says whether a run would build an index beside the one that readers
// use.
type anewness struct {
	reason string // "" when it would not
	exists bool   // readers use something
	same   bool   // the configured models made it, or nobody can tell yet
}

// anew finds that out as far as it can be told without asking a model.
func (a assembly) anew(ctx context.Context) (out anewness, err error) {
	if a.config.Index.Publish != configs.PublishAlias {
		return anewness{same: true}, nil
	}
	pub, err := a.publisher()
	if err != nil {
		return anewness{}, err
	}
	defer func() { err = errors.Join(err, pub.Close()) }()
	now, exists, err := pub.current(ctx)
	if err != nil {
		return anewness{}, err
	}
	out = anewness{exists: exists, same: exists && now.spaces != nil && madeBy(a.config.Chosen(nil), now.spaces)}
	out.reason = a.whyAnew(now, exists, buildPlan{spaces: now.spaces, settings: a.settings()})
	if out.reason == "" && !out.same {
		out.reason = "other models made it: " + now.spaces.String()
	}
	return out, nil
}

// settings tell apart what spaces do not: how documents become points.
func (a assembly) settings() string {
	text := "whole"
	if c := a.config.Chunk; c != nil {
		text = fmt.Sprintf("%s/%d/%d", c.By, c.MaxTokens, c.Overlap)
	}
	if q := a.config.Index.Qdrant; q != nil && q.Shards > 0 {
		text += fmt.Sprintf(" shards=%d", q.Shards)
	}
	return text
}

// whyAnew says why what readers use cannot be refreshed in place; "" when it
// can.
func (a assembly) whyAnew(now published, exists bool, plan buildPlan) string {
	switch {
	case !exists:
		return "there is no index yet"
	case a.rebuild:
		return "--rebuild asks for it"
	case now.spaces == nil:
		return "nobody can tell which model made what readers use"
	}
	if differences := now.spaces.Differences(plan.spaces); len(differences) > 0 {
		return "what readers use was made otherwise: " + strings.Join(differences, "; ")
	}
	if now.settings != plan.settings {
		return fmt.Sprintf("documents are cut otherwise: %s, and not %s", plan.settings, now.settings)
	}
	return ""
}

// build fills an index beside the one that readers use, and puts it in its
// place once it is complete.
func (a assembly) build(ctx, stop context.Context, begun outcome, read corpus, models []model, pub publisher, now published, plan buildPlan) (done outcome) {
	done = begun
	begunBuild, err := pub.begin(stop, plan)
	if err != nil {
		done.err = orStopped(ctx, stop, err)
		return done
	}
	b := a
	b.config.Index = named(a.config.Index, begunBuild.name)
	// What an earlier try has written of documents that are gone goes.
	b.config.Index.DeleteMissing, b.config.Index.MaxDeleteShare = true, 1
	b.building = true
	a.sayBuild(begunBuild, now, plan.reason)
	for i := range models {
		models[i].lane.assembly = b
	}
	if now.spaces != nil && vectorsOf(now.spaces).Compatible(vectorsOf(plan.spaces)) {
		donor, err := b.donor(stop, named(a.config.Index, now.name), now.spaces)
		if err != nil {
			done.err = orStopped(ctx, stop, err)
			return done
		}
		b.previous = donor
		defer donor.Close() //nolint:errcheck // nothing was written to it
	}
	done = b.runWith(ctx, stop, done, read, models)
	done.index = indexName(a.config.Index)
	if !goodOrder(done.err) {
		a.sayUnfinished(begunBuild.name, now.name)
		return done
	}
	if err := b.complete(ctx, stop, pub, begunBuild.name, &done, models); err != nil {
		a.sayUnfinished(begunBuild.name, now.name)
		if errors.Is(err, context.Canceled) {
			err = orStopped(ctx, stop, err)
		}
		done.err = err
		return done
	}
	did, err := pub.promote(ctx, begunBuild.name)
	if err != nil {
		done.err = err
		return done
	}
	done.published, done.previous = begunBuild.name, now.name
	a.show.say("Published: %s.", did)
	if now.name != "" {
		a.show.say("What readers used before is kept: vecload rollback goes back to it.")
	}
	dropped, err := pub.prune(ctx, a.config.Index.KeepPrevious)
	for _, name := range dropped {
		a.show.say("Dropped %s, which readers used before that.", name)
	}
	done.err = alsoFailed(done.err, err)
	if left, err := pub.leftovers(ctx, a.config.Index.KeepPrevious); err == nil && len(left) > 0 {
		a.show.say("%s of dead runs are left; vecload leftovers lists them.", plural(int64(len(left)), "build"))
	}
	return done
}

// vectorsOf are the spaces without the words beside them, which are made anew
// at no cost.
func vectorsOf(spaces pipeline.Spaces) pipeline.Spaces {
	out := maps.Clone(spaces)
	for name, space := range out {
		space.Sparse = ""
		out[name] = space
	}
	return out
}

// donor opens an index of which vectors are copied.
func (a assembly) donor(ctx context.Context, of configs.Index, spaces pipeline.Spaces) (index, error) {
	a.config.Index = of
	target, err := a.index()
	if err != nil {
		return nil, err
	}
	if err := target.Prepare(ctx, spaces); err != nil {
		return nil, errors.Join(err, target.Close())
	}
	return target, nil
}

func (a assembly) sayBuild(b build, now published, reason string) {
	verb := "Building " + b.name
	if b.resumed {
		verb = fmt.Sprintf("Going on with %s, begun %s", b.name, b.since.Local().Format("2006-01-02 15:04"))
	}
	meanwhile := ""
	if now.name != "" {
		meanwhile = "; readers use " + now.name + " meanwhile"
	}
	a.show.say("%s%s (%s).", verb, meanwhile, reason)
}

// sayUnfinished tells what a build that is not complete means, and what can be
// done with it.
func (a assembly) sayUnfinished(name, readers string) {
	still := "nobody reads it"
	if readers != "" {
		still = "readers still use " + readers
	}
	a.show.say("%s is not complete, and %s. The same command goes on with it; vecload leftovers --drop %s gives it up.", name, still, name)
}

// complete makes sure that a build is what the corpus says before anybody
// reads it.
func (a assembly) complete(ctx, stop context.Context, pub publisher, name string, done *outcome, models []model) error {
	report := done.report
	if report.Read == 0 {
		return &pipeline.Error{
			Op: indexName(a.config.Index), Class: pipeline.Fatal,
			Hint: "see why nothing was read; nobody would find anything in what was built",
			Err:  errors.New("the corpus is empty, so that nothing is published"),
		}
	}
	target, err := a.donor(stop, a.config.Index, spacesOf(models))
	if err != nil {
		return err
	}
	defer target.Close() //nolint:errcheck // nothing was written to it
	if !a.readsOnce() {
		if err := a.sameAsCorpus(ctx, stop, target, models, report.Rejected); err != nil {
			return err
		}
	}
	points, err := target.Count(ctx)
	if err != nil {
		return err
	}
	return pub.verify(ctx, name, points)
}

// sameAsCorpus reads the corpus once more and compares it with the build.
func (a assembly) sameAsCorpus(ctx, stop context.Context, target index, models []model, rejected int64) error {
	quiet := a
	quiet.show = newProgress(a.process, a.meters, true) // what is guessed was said
	read, err := quiet.corpus(stop)
	if err != nil {
		return err
	}
	lanes, release, err := engineLanes(models)
	if err != nil {
		return err
	}
	defer release()
	plan, err := a.count(ctx, stop, read.Progress, pipeline.Pipeline{
		Source: read, Lanes: lanes, KeepText: a.config.Index.Text,
		Refresh: &pipeline.Refresh{Index: target, Careful: true, DeleteMissing: &pipeline.DeleteMissing{MaxShare: 1}},
	}, 0)
	if err != nil {
		return err
	}
	if differ := plan.New + plan.Changed + plan.Updated - max(0, rejected-plan.Rejected); differ > 0 || plan.Tails+plan.Missing > 0 {
		return &pipeline.Error{
			Op: indexName(a.config.Index), Class: pipeline.Fatal,
			Hint: "the corpus changed while it was read, or somebody else writes to the build; run the same command again",
			Err:  fmt.Errorf("the build is not what the corpus says: %d documents and %d points differ", differ, plan.Tails+plan.Missing),
		}
	}
	return nil
}

// settle ends what a run has deferred in the index, and waits for the
// optimizer where that is wanted: for a build that is complete, and not for
// one that was stopped or has failed. The next run waits for what an interrupt
// has cut short.
func (a assembly) settle(ctx, stop context.Context, target index, wait bool) error {
	deferring, ok := target.(interface {
		EndBulk(ctx context.Context) (bool, error)
	})
	if !ok {
		return nil
	}
	if !wait && stop.Err() == nil && ctx.Err() == nil {
		_, err := deferring.EndBulk(pipeline.WithStop(ctx, stop)) // with patience: an index that is gone may come back
		return err
	}
	if !wait || stop.Err() != nil || ctx.Err() != nil {
		const patience = time.Minute
		ending, cancel := parting(pipeline.WithStop(ctx, stop), patience)
		defer cancel()
		_, err := deferring.EndBulk(ending)
		if err == nil && wait {
			err = orStopped(ctx, stop, pipeline.ErrStopped)
		}
		return err
	}
	waiting, cancel := pipeline.UntilStop(pipeline.WithStop(ctx, stop))
	defer cancel()
	return orStopped(ctx, stop, a.waitIndexed(waiting, target))
}
