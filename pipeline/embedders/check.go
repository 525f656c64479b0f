package embedders

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors" //nolint:depguard // the check of rows, which knows no protocol
)

// Check makes sure of what an embedder returns. It may be used by several
// goroutines at once.
type Check struct {
	inner pipeline.Embedder
	name  string
	dim   atomic.Int64 // of the first vectors; 0 before
}

// NewCheck returns an embedder that passes on only vectors that an index can
// take: one for each text, all of one dimension from the first call to the
// last, finite, and not zero. A vector that is not finite or zero fails alone
// with class Rejected; another number or dimension is an error of class Fatal.
func NewCheck(inner pipeline.Embedder) *Check { return &Check{inner: inner} }

// Of names the endpoint whose vectors are checked, for errors.
func (c *Check) Of(name string) *Check {
	c.name = name
	return c
}

// Embed implements [pipeline.Embedder].
func (c *Check) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	v, err := c.inner.Embed(ctx, texts)
	p, partial := errors.AsType[*pipeline.PartialError](err)
	if err != nil && !partial {
		return pipeline.Vectors{}, err
	}
	var failed map[int]error
	if partial {
		failed = p.Failed
	}
	return c.check(v, len(texts), failed)
}

func (c *Check) check(v pipeline.Vectors, n int, failed map[int]error) (pipeline.Vectors, error) {
	want := n - len(failed)
	if want == 0 && len(v.Data) == 0 {
		return pipeline.Vectors{}, &pipeline.PartialError{Failed: failed}
	}
	checked, err := vectors.Check(v, want)
	p, partial := errors.AsType[*pipeline.PartialError](err)
	if err != nil && !partial {
		return pipeline.Vectors{}, err
	}
	if err := c.sameDim(v.Dim); err != nil {
		return pipeline.Vectors{}, err
	}
	if !partial && len(failed) == 0 {
		return checked, nil
	}
	return checked, &pipeline.PartialError{Failed: merge(n, failed, p)}
}

// merge adds the failures among the rows that did come to those that did not.
func merge(n int, failed map[int]error, rows *pipeline.PartialError) map[int]error {
	merged := maps.Clone(failed)
	if merged == nil {
		merged = map[int]error{}
	}
	if rows == nil {
		return merged
	}
	present := slices.DeleteFunc(places(n), func(i int) bool { return failed[i] != nil })
	for row, reason := range rows.Failed {
		merged[present[row]] = reason
	}
	return merged
}

func places(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func (c *Check) sameDim(dim int) error {
	if c.dim.CompareAndSwap(0, int64(dim)) || c.dim.Load() == int64(dim) {
		return nil
	}
	return &pipeline.Error{
		Op:    c.name,
		Class: pipeline.Fatal,
		Err:   &dimensionError{got: dim, before: int(c.dim.Load())},
		Hint:  "another model answers than at the start; find out why before the same command is run again, for its vectors cannot be compared with those in the index",
	}
}

// dimensionError says that vectors have another dimension than those before.
type dimensionError struct{ got, before int }

func (e *dimensionError) Error() string {
	return fmt.Sprintf("the embedder returned vectors of %d dimensions, and of %d before", e.got, e.before)
}
