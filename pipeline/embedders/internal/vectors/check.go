package vectors

import (
	"errors"
	"fmt"
	"math"

	"github.com/vecload/vecload/pipeline"
)

var (
	errMissing   = errors.New("the server answered with no vector for this input")
	errNotFinite = errors.New("the server answered with a vector that holds null, NaN or Infinity")
	errZero      = errors.New("the server answered with a vector of zeros, which has no direction")
	errHuge      = errors.New("the server answered with a vector too long to be compared")
	errTiny      = errors.New("the server answered with a vector too short to be compared")
)

// Check returns v when it holds n rows that any index can take. Rows that are
// not finite, all zero, or of no size that can be compared are dropped and reported in a
// [*pipeline.PartialError]; another number of rows than n is an error of
// class Fatal. It works in the memory of v.
func Check(v pipeline.Vectors, n int) (pipeline.Vectors, error) {
	if v.Dim <= 0 || len(v.Data) != n*v.Dim {
		return pipeline.Vectors{}, wrongCount(v.Len(), n)
	}
	var failed map[int]error
	kept := 0
	for i := range n {
		row := v.At(i)
		if reason := rowError(row); reason != nil {
			if failed == nil {
				failed = map[int]error{}
			}
			failed[i] = rejected(reason)
			continue
		}
		if kept != i {
			copy(v.Data[kept*v.Dim:], row)
		}
		kept++
	}
	v.Data = v.Data[:kept*v.Dim]
	return partial(v, failed)
}

// rowError says why a row cannot be indexed.
func rowError(row []float32) error {
	var most uint32 // bits of the largest size of a number, which are in the order of the sizes
	for _, f := range row {
		most = max(most, math.Float32bits(f)&^(1<<31))
	}
	switch {
	case most >= infinity:
		return errNotFinite
	case most == 0:
		return errZero
	case most > huge:
		return errHuge
	case most < tiny:
		return errTiny
	}
	return nil
}

// Indexes compare vectors by sums of squares in float32. Those of numbers in
// these bounds neither overflow nor vanish, for any dimension; the numbers of
// models are between a millionth and a thousand.
const (
	infinity = 0x7f800000
	huge     = 0x58635fa9 // 1e15
	tiny     = 0x26901d7d // 1e-15
)

func partial(v pipeline.Vectors, failed map[int]error) (pipeline.Vectors, error) {
	if len(failed) == 0 {
		return v, nil
	}
	return v, &pipeline.PartialError{Failed: failed}
}

func rejected(reason error) error {
	return &pipeline.Error{Class: pipeline.Rejected, Err: reason}
}

// notVectors is what to do about an answer that no text can be told by.
const notVectors = "no vector can be told to belong to an input; the server or a proxy before it is at fault"

func fatal(format string, args ...any) error {
	return &pipeline.Error{Class: pipeline.Fatal, Err: fmt.Errorf(format, args...), Hint: notVectors}
}

func wrongCount(got, want int) error {
	return &pipeline.Error{
		Class: pipeline.Fatal,
		Err:   fmt.Errorf("the server answered with %d vectors for %d inputs", got, want),
		Hint:  notVectors,
	}
}

// notJSON classifies an answer that could not be read: one that broke off may
// be whole the next time; NaN in it comes from one of the texts.
func notJSON(err error) error {
	if errors.Is(err, ErrNotFinite) {
		return &pipeline.Error{Class: pipeline.Rejected, Err: err}
	}
	return &pipeline.Error{
		Class: pipeline.Transient, Err: err,
		Hint: "if it goes on, check the url, and what stands between the server and vecload",
	}
}
