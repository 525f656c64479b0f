package vectors

import (
	"errors"
	"fmt"
	"math"

	"github.com/vecload/vecload/pipeline"
)

var (
	errMissing   = errors.New("the server answered with no vector for this text")
	errNotFinite = errors.New("the server answered with a vector that holds null, NaN or Infinity")
	errZero      = errors.New("the server answered with a vector of zeros, which has no direction")
)

// Check returns v when it holds n rows that any index can take. Rows that are
// not finite, or all zero, are dropped and reported in a
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
	const exponent = 0x7f800000
	var set uint32
	for _, f := range row {
		bits := math.Float32bits(f)
		if bits&exponent == exponent {
			return errNotFinite
		}
		set |= bits
	}
	if set<<1 == 0 { // but for the sign of zero
		return errZero
	}
	return nil
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

func fatal(format string, args ...any) error {
	return &pipeline.Error{Class: pipeline.Fatal, Err: fmt.Errorf(format, args...)}
}

func wrongCount(got, want int) error {
	return &pipeline.Error{
		Class: pipeline.Fatal,
		Err:   fmt.Errorf("the server answered with %d vectors for %d texts", got, want),
		Hint:  "no vector can be told to belong to a text; the server or a proxy before it is at fault",
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
