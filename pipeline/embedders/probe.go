package embedders

import (
	"context"
	"errors"
	"fmt"

	"github.com/vecload/vecload/pipeline"
)

// ProbeText is what Probe embeds. Any model takes it.
const ProbeText = "vecload asks how many dimensions a vector has"

// Probe embeds one fixed text and returns the dimension of its vector. It is
// the first request of a run: a model that has to be loaded is loaded by it.
// That the text is refused says something about the endpoint and nothing
// about the text, so the error then is of class Misconfigured.
func Probe(ctx context.Context, e pipeline.Embedder) (dim int, err error) {
	v, err := e.Embed(ctx, []string{ProbeText})
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if err == nil && (v.Dim <= 0 || v.Len() != 1) {
		err = mismatch(v.Len(), 1, 0)
	}
	if err == nil {
		return v.Dim, nil
	}
	cause := err
	if p, ok := errors.AsType[*pipeline.PartialError](err); ok && p.Failed[0] != nil {
		cause = p.Failed[0]
	}
	switch pipeline.Classify(err) { //nolint:exhaustive // The other classes mean what they say.
	case pipeline.Rejected, pipeline.Oversize:
		return 0, &pipeline.Error{
			Class: pipeline.Misconfigured,
			Hint:  pipeline.Hint(cause),
			Err:   fmt.Errorf("the endpoint refuses any text: %w", cause),
		}
	}
	return 0, err
}
