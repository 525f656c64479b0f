package embedders

import (
	"context"
	"errors"
	"fmt"
	"math"

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
	// The cut can leave nothing but zeros of a vector.
	return s.check.check(s.reshape(v), len(texts), failed)
}

// reshape works in the memory of v.
func (s *Shaped) reshape(v pipeline.Vectors) pipeline.Vectors {
	n, from := v.Len(), v.Dim
	if s.shape.Cut > 0 && n > 0 {
		for i := range n {
			copy(v.Data[i*s.shape.Cut:], v.Data[i*from:i*from+s.shape.Cut])
		}
		v.Dim, v.Data = s.shape.Cut, v.Data[:n*s.shape.Cut]
	}
	if s.shape.Normalize {
		for i := range n {
			normalize(v.At(i))
		}
	}
	return v
}

// normalize gives row length 1. Squares are summed in float64, in which those
// of any float32 neither overflow nor vanish.
func normalize(row pipeline.Vector) {
	sum := 0.0
	for _, f := range row {
		sum += float64(f) * float64(f)
	}
	if sum == 0 {
		return
	}
	scale := 1 / math.Sqrt(sum)
	for i, f := range row {
		row[i] = float32(float64(f) * scale)
	}
}
