package retry

import (
	"context"
	"errors"

	"github.com/vecload/vecload/pipeline"
)

// Embedder repeats the calls of another embedder. It may be used by several
// goroutines at once.
type Embedder struct {
	inner  pipeline.Embedder
	policy Policy
	report func(Event)
}

// NewEmbedder returns an embedder that repeats each call of inner as [Do]
// does. report may be nil; it is called from the goroutines of the calls.
func NewEmbedder(inner pipeline.Embedder, p Policy, report func(Event)) *Embedder {
	return &Embedder{inner: inner, policy: p, report: report}
}

// Embed implements [pipeline.Embedder].
func (e *Embedder) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	var v pipeline.Vectors
	err := Do(ctx, e.policy, e.report, func(ctx context.Context) error {
		var err error
		v, err = e.inner.Embed(ctx, texts)
		return err
	})
	if _, partial := errors.AsType[*pipeline.PartialError](err); err != nil && !partial {
		return pipeline.Vectors{}, err
	}
	return v, err
}
