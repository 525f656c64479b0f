package embedders

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/vecload/vecload/pipeline"
)

// ProbeText is the first of the fixed texts. Any model of texts takes it.
const ProbeText = "vecload asks how many dimensions a vector has"

// Probe embeds one fixed input, of [TextProbes] or an image, and returns
// the dimension of its vector. It is the first request of a run: a model that
// has to be loaded is loaded by it. That the input is refused says something
// about the endpoint and nothing about the input, so the error then is of
// class Misconfigured.
func Probe(ctx context.Context, e pipeline.Embedder, input string) (dim int, err error) {
	v, err := probeVectors(ctx, e, []string{input})
	return v.Dim, err
}

// probeVectors returns the vectors of fixed inputs, one each.
func probeVectors(ctx context.Context, e pipeline.Embedder, texts []string) (pipeline.Vectors, error) {
	v, err := e.Embed(ctx, texts)
	if ctx.Err() != nil {
		return pipeline.Vectors{}, ctx.Err()
	}
	if err == nil && (v.Dim <= 0 || v.Len() != len(texts)) {
		err = mismatch(v.Len(), len(texts), 0)
	}
	if err == nil {
		return v, nil
	}
	cause := err
	if p, ok := errors.AsType[*pipeline.PartialError](err); ok {
		for i := range texts {
			if p.Failed[i] != nil {
				cause = p.Failed[i]
				break
			}
		}
	}
	switch pipeline.Classify(err) { //nolint:exhaustive // The other classes mean what they say.
	case pipeline.Rejected, pipeline.Oversize:
		return pipeline.Vectors{}, &pipeline.Error{
			Class: pipeline.Misconfigured,
			Hint:  cmp.Or(pipeline.Hint(cause), "a server of an embedding model takes any short text; check the url and the model, and look at the server's log"),
			Err:   fmt.Errorf("the endpoint refuses even the fixed probe: %w", cause),
		}
	}
	return pipeline.Vectors{}, err
}
