package vectors_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
)

// TestRowsAreTakenByTheirLargestNumber puts the same largest number at each
// place of rows of each length, among ones that are no larger.
func TestRowsAreTakenByTheirLargestNumber(t *testing.T) {
	t.Parallel()
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	r := rand.New(rand.NewPCG(7, 8))
	for _, test := range []struct {
		largest float32
		taken   bool
	}{
		{1, true},
		{0.05, true},
		{1e-15, true},
		{1e15, true},
		{1e-11, true},
		{1e14, true},
		{1e13, true},
		{9.99e-16, false},
		{1.001e15, false},
		{1e-38, false},
		{1e-45, false},
		{0, false},
		{3e38, false},
		{inf, false},
		{nan, false},
	} {
		for n := 1; n < 40; n++ {
			place := r.IntN(n)
			row := make([]float32, n)
			for i := range row {
				if small := test.largest / 2; n%2 == 0 && small == small && !math.IsInf(float64(small), 0) {
					row[i] = (r.Float32()*2 - 1) * small
				}
			}
			row[place] = test.largest
			if n%3 == 0 {
				row[place] = -test.largest
			}
			v, err := vectors.Check(pipeline.Vectors{Dim: n, Data: row}, 1)
			if _, partial := errors.AsType[*pipeline.PartialError](err); (err == nil) != test.taken || partial == test.taken || (v.Len() == 1) != test.taken {
				t.Errorf("%d numbers, %v at %d: %d vectors, %v", n, row[place], place, v.Len(), err)
			}
		}
	}
}
