package embedders

import (
	"context"

	"github.com/vecload/vecload/pipeline"
)

// maxAsked is how often a server is asked what it serves that does not answer.
const maxAsked = 3

// Asked asks a server what it serves before the first call. It may be used by
// several goroutines at once.
type Asked struct {
	inner     pipeline.Embedder
	describer Describer
	learn     func(Known)
	turn      chan struct{} // holds one, for whoever may look at left
	left      int           // questions; 0 when the server has answered
}

// NewAsked returns an embedder that asks inner, where it is a [Describer],
// before the first call, and tells learn once. A server that says it serves
// another model, or that refuses to be asked, fails the call; one that does
// not answer now is asked again by a later call, and then left alone.
func NewAsked(inner pipeline.Embedder, learn func(Known)) *Asked {
	a := &Asked{inner: inner, learn: learn, turn: make(chan struct{}, 1)}
	if d, ok := inner.(Describer); ok {
		a.describer, a.left = d, maxAsked
	}
	a.turn <- struct{}{}
	return a
}

// Embed implements [pipeline.Embedder].
func (a *Asked) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	if err := a.ask(ctx); err != nil {
		return pipeline.Vectors{}, err
	}
	return a.inner.Embed(ctx, texts)
}

// ask asks unless that was done. Calls that come meanwhile wait, so that none
// is sent to a server of another model.
func (a *Asked) ask(ctx context.Context) error {
	if a.describer == nil {
		return nil
	}
	select {
	case <-a.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { a.turn <- struct{}{} }()
	if a.left == 0 {
		return nil
	}
	asking, cancel := pipeline.UntilStop(ctx)
	defer cancel()
	known, err := a.describer.Describe(asking)
	switch {
	case err == nil:
		a.left = 0
		a.learn(known)
		return over(ctx)
	case asking.Err() != nil:
		return over(ctx)
	}
	switch pipeline.Classify(err) {
	case pipeline.NotServed, pipeline.Denied, pipeline.Misconfigured, pipeline.Fatal:
		return err
	case pipeline.Transient, pipeline.Warming, pipeline.Throttled, pipeline.Oversize, pipeline.Rejected:
		a.left--
	}
	return nil
}

// Learn takes in what the server says of itself, for the calls from now on.
func (s *Split) Learn(k Known) {
	if s.options.Load != nil {
		s.options.Load.Learn(k)
	}
	if s.sizes.know(k) {
		s.tell()
	}
}
