package embedders

import (
	"context"
	"errors"
	"fmt"

	"github.com/vecload/vecload/pipeline"
)

// Shape says what is done on this side to texts and vectors. The zero Shape
// does nothing.
type Shape struct {
	Prefix    string // put before each text
	Cut       int    // leading components that are kept; 0 keeps all
	Normalize bool   // vectors get length 1, after the cut
}

// Shaped embeds texts in a shape. It may be used by several goroutines at
// once.
type Shaped struct {
	inner pipeline.Embedder
	shape Shape
	check *Check
}

// NewShape returns an embedder that puts the prefix before each text, and
// cuts and normalises each vector of inner, in this order.
func NewShape(inner pipeline.Embedder, shape Shape) *Shaped {
	return &Shaped{inner: inner, shape: shape, check: &Check{}}
}

// Embed implements [pipeline.Embedder].
func (s *Shaped) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	if s.shape.Prefix != "" {
		prefixed := make([]string, len(texts))
		for i, text := range texts {
			prefixed[i] = s.shape.Prefix + text
		}
		texts = prefixed
	}
	v, err := s.inner.Embed(ctx, texts)
	p, partial := errors.AsType[*pipeline.PartialError](err)
	if err != nil && !partial || s.shape.Cut == 0 && !s.shape.Normalize {
		return v, err
	}
	if s.shape.Cut > v.Dim && v.Len() > 0 {
		return pipeline.Vectors{}, &pipeline.Error{
			Class: pipeline.Misconfigured,
			Err:   fmt.Errorf("vectors of %d dimensions cannot be cut to %d", v.Dim, s.shape.Cut),
			Hint:  "leave the cut out, or make it smaller than the dimension",
		}
	}
	var failed map[int]error
	if partial {
		failed = p.Failed
	}
	v = s.cut(v)
	if s.shape.Normalize && normalize(v) && len(v.Data) > 0 && len(v.Data) == (len(texts)-len(failed))*v.Dim {
		if err := s.check.sameDim(v.Dim); err != nil {
			return pipeline.Vectors{}, err
		}
		return v, err
	}
	// The cut can leave nothing but zeros of a vector.
	return s.check.check(v, len(texts), failed)
}

// cut works in the memory of v.
func (s *Shaped) cut(v pipeline.Vectors) pipeline.Vectors {
	n, from, to := v.Len(), v.Dim, s.shape.Cut
	if to == 0 || n == 0 {
		return v
	}
	for i := range n {
		copy(v.Data[i*to:], v.Data[i*from:i*from+to])
	}
	return pipeline.Vectors{Dim: to, Data: v.Data[:n*to]}
}
