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
	if usual(row) {
		return nil
	}
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

// usual reports whether the sum of squares tells that a row can be indexed, as
// it does for the rows of models: at most 1e28 it has no number above 1e14, and
// at least 1e-20 it has one above 1e-13. What is not finite leaves no finite
// sum. Four sums in float32 cost a processor less than one pass of comparing.
func usual(row []float32) bool {
	const most = 1 << 20 // numbers, for which all that holds whatever is rounded
	n := len(row)
	var a, b, c, d float32
	for len(row) >= 8 {
		p := (*[8]float32)(row)
		a, b, c, d = a+p[0]*p[0], b+p[1]*p[1], c+p[2]*p[2], d+p[3]*p[3]
		a, b, c, d = a+p[4]*p[4], b+p[5]*p[5], c+p[6]*p[6], d+p[7]*p[7]
		row = row[8:]
	}
	for _, f := range row {
		a += f * f
	}
	sum := a + b + (c + d)
	return n <= most && sum >= 1e-20 && sum <= 1e28
}

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
