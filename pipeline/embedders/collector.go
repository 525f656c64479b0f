package embedders

import (
	"fmt"

	"github.com/vecload/vecload/pipeline"
)

// collector puts together the vectors of one call from several.
type collector struct {
	rows   []pipeline.Vector // by place; nil where there is none yet
	dim    int
	failed map[int]error
	sure   map[int]bool // of those that failed: it need not be confirmed
}

func newCollector(n int) *collector {
	return &collector{rows: make([]pipeline.Vector, n), failed: map[int]error{}, sure: map[int]bool{}}
}

func (c *collector) fail(place int, reason error) { c.failed[place] = reason }

// add takes in the vectors of n texts that begin at the place first.
func (c *collector) add(first, n int, v pipeline.Vectors) error {
	return c.addAround(first, n, v, nil)
}

// addAround takes in the vectors of those of n texts that did not fail.
func (c *collector) addAround(first, n int, v pipeline.Vectors, failed map[int]error) error {
	for i := range failed {
		if i < 0 || i >= n {
			return mismatch(v.Len(), n, len(failed))
		}
	}
	if v.Len() != n-len(failed) {
		return mismatch(v.Len(), n, len(failed))
	}
	if v.Len() > 0 {
		if c.dim != 0 && c.dim != v.Dim {
			return &pipeline.Error{
				Class: pipeline.Fatal,
				Err:   fmt.Errorf("vectors of one call have %d and %d dimensions", c.dim, v.Dim),
			}
		}
		c.dim = v.Dim
	}
	next := 0
	for i := range n {
		if _, ok := failed[i]; ok {
			continue
		}
		c.rows[first+i] = v.At(next)
		next++
	}
	return nil
}

func mismatch(got, n, failed int) error {
	return &pipeline.Error{
		Class: pipeline.Fatal,
		Err:   fmt.Errorf("the embedder returned %d vectors for %d inputs of which %d failed", got, n, failed),
	}
}

// vectors returns what was collected, in order.
func (c *collector) vectors() (pipeline.Vectors, error) {
	v := pipeline.Vectors{Dim: c.dim, Data: make([]float32, 0, c.dim*len(c.rows))}
	for i, row := range c.rows {
		if _, ok := c.failed[i]; !ok {
			v.Data = append(v.Data, row...)
		}
	}
	if len(c.failed) > 0 {
		return v, &pipeline.PartialError{Failed: c.failed}
	}
	return v, nil
}
