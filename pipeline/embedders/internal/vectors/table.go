package vectors

import (
	"slices"

	"github.com/vecload/vecload/pipeline"
)

// table collects the rows of one answer. Rows without a number are missing;
// all others have the same length.
type table struct {
	n    int // rows wanted
	rows int // rows seen, the missing ones included
	dim  int // 0 until a row was added
	data []float32
	// missing has the places of rows that hold nothing.
	missing []int
}

// add calls read to append one row to the data and takes it in. size is the
// length of the answer, which bounds the memory that is set aside.
func (t *table) add(size int, read func(dst []float32) ([]float32, error)) error {
	start := len(t.data)
	data, err := read(t.data)
	if err != nil {
		return err
	}
	row := len(data) - start
	t.rows++
	switch {
	case row == 0:
		t.missing = append(t.missing, t.rows-1)
		return nil
	case t.dim == 0:
		t.dim = row
		// Each number takes two bytes of the answer at least.
		if want := min(t.n*row, size/2); want > len(data) {
			data = slices.Grow(data, want-len(data))
		}
	case row != t.dim:
		return fatal("the server answered with vectors of different lengths: one has %d numbers, another %d", t.dim, row)
	}
	t.data = data
	return nil
}

// skip takes in a row that holds nothing.
func (t *table) skip() {
	t.missing = append(t.missing, t.rows)
	t.rows++
}

// vectors returns the rows that were added, checked.
func (t *table) vectors() (pipeline.Vectors, error) {
	if t.rows != t.n {
		return pipeline.Vectors{}, wrongCount(t.rows, t.n)
	}
	v := pipeline.Vectors{Dim: t.dim, Data: t.data}
	if len(t.missing) == 0 {
		return Check(v, t.n)
	}
	failed := map[int]error{}
	for _, i := range t.missing {
		failed[i] = rejected(errMissing)
	}
	present := make([]int, 0, t.n-len(t.missing))
	for i := range t.n {
		if failed[i] == nil {
			present = append(present, i)
		}
	}
	if len(present) == 0 {
		return partial(pipeline.Vectors{}, failed)
	}
	v, err := Check(v, len(present))
	if p, ok := err.(*pipeline.PartialError); ok { //nolint:errorlint // Check made it just now.
		for i, reason := range p.Failed {
			failed[present[i]] = reason
		}
	}
	return partial(v, failed)
}
