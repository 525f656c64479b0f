package main

import (
	"context"
	"errors"
	"slices"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
)

// models returns what makes the vectors, and the assembly of it and of its
// index. An index that was made by the configured models needs no request
// before there is something to embed: what is not known of the models is
// taken from it, and proven by the first request. All else is chosen now.
func (a assembly) models(ctx context.Context) (assembly, []model, error) {
	spaces, ok, err := a.made(ctx)
	if err != nil {
		return a, nil, err
	}
	if !ok || a.readsOnce() && a.hasAlternatives() {
		return a.choose(ctx)
	}
	var models []model
	for _, l := range a.lanes() {
		l.Embed = l.config.Choices(l.Vector)[0]
		m, err := l.embedder(l.Embed.Prefix.Document)
		if err != nil {
			return a, nil, l.named(err)
		}
		m.space = completed(m.space, spaces[l.Vector])
		if m.space.Revision != spaces[l.Vector].Revision {
			return a.choose(ctx)
		}
		m.Embedder = newUnproven(m, a.config)
		models = append(models, m)
	}
	chosen := a
	chosen.config = a.config.Chosen(nil)
	for i := range models {
		models[i].lane.assembly = chosen
	}
	return chosen, models, nil
}

// hasAlternatives reports whether another model may stand in for one. What is
// read from standard input cannot be read again for it.
func (a assembly) hasAlternatives() bool {
	return slices.ContainsFunc(a.config.Lanes(), func(l configs.Lane) bool {
		return len(l.Embed.Alternatives) > 0 && !l.Embed.Strict
	})
}

// made returns the spaces of the index, if the configured models made it. What
// is wrong with the index is told when it is opened for writing, but for one
// that cannot be reached: no model is asked for its sake.
func (a assembly) made(ctx context.Context) (pipeline.Spaces, bool, error) {
	target, err := a.index()
	if err != nil {
		return nil, false, nil //nolint:nilerr // see above
	}
	spaces, err := target.Spaces(ctx)
	err = errors.Join(err, target.Close())
	switch {
	case err != nil && pipeline.Classify(err) == pipeline.Transient && a.config.Index.Qdrant != nil:
		return nil, false, err
	case err != nil:
		return nil, false, nil //nolint:nilerr // see above
	}
	return spaces, madeBy(a.config.Chosen(nil), spaces), nil
}

// unproven asks its model for the fixed input before the first text, and
// compares what comes with what the index knows of the model. It may be used
// by several goroutines at once.
type unproven struct {
	inner pipeline.Embedder
	model model
	asked configs.Config
	turn  chan struct{} // holds one until the model is proven, and is closed then
}

func newUnproven(m model, asked configs.Config) *unproven {
	u := &unproven{inner: m.Embedder, model: m, asked: asked, turn: make(chan struct{}, 1)}
	u.turn <- struct{}{}
	return u
}

// Embed implements [pipeline.Embedder].
func (u *unproven) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	select {
	case _, first := <-u.turn:
		if !first {
			break
		}
		if err := u.prove(ctx); err != nil {
			u.turn <- struct{}{}
			return pipeline.Vectors{}, err
		}
		close(u.turn)
	case <-ctx.Done():
		return pipeline.Vectors{}, ctx.Err()
	}
	return u.inner.Embed(ctx, texts)
}

// prove makes the first request. When nobody serves the model and there are
// others, the error is a [*lateError].
func (u *unproven) prove(ctx context.Context) error {
	known, now, l := u.model.space, u.model, u.model.lane
	err := now.probe(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, pipeline.ErrStopped):
		return err
	case err == nil:
		return l.sameSpace(known, now.space, "bring back the model as it was, or run over another index; no vector of the two can be compared")
	}
	absent := now.endpoints.Absent()
	err = l.named(l.explain(ctx, err))
	for _, asked := range u.asked.Lanes() {
		if absent && asked.Vector == l.Vector && len(asked.Embed.Alternatives) > 0 && !asked.Embed.Strict {
			return &lateError{asked: u.asked, err: err}
		}
	}
	return err
}

// lateError says that nobody serves a model that was believed to be served,
// before anything was made with it.
type lateError struct {
	asked configs.Config
	err   error
}

func (e *lateError) Error() string { return e.err.Error() }
func (e *lateError) Unwrap() error { return e.err }
