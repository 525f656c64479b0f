package embedders

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// plainly gives a row length 1 in the plainest way.
func plainly(row pipeline.Vector) {
	sum := 0.0
	for _, f := range row {
		sum += float64(f) * float64(f)
	}
	if sum == 0 {
		return
	}
	by := 1 / math.Sqrt(sum)
	for i, f := range row {
		row[i] = float32(float64(f) * by)
	}
}

func randomVectors(r *rand.Rand, n, dim int) pipeline.Vectors {
	v := pipeline.Vectors{Dim: dim, Data: make([]float32, n*dim)}
	for i := range v.Data {
		v.Data[i] = float32(r.NormFloat64())
	}
	return v
}

// TestLengthsAreMadeToTheLastBit compares with the plainest way, for rows of
// any length and of nearly the length 1.
func TestLengthsAreMadeToTheLastBit(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for k := range 4000 {
		v := randomVectors(r, 1+k%9, 1+r.IntN(40))
		want := pipeline.Vectors{Dim: v.Dim, Data: slices.Clone(v.Data)}
		for i := range v.Len() {
			row, size := v.At(i), 1+(r.Float64()-0.5)/float64(uint64(1)<<(20+r.IntN(8)))
			if k%2 == 0 { // about as far from 1 as makes a difference
				plainly(row)
				row[r.IntN(v.Dim)] *= float32(size)
			}
			copy(want.At(i), row)
			plainly(want.At(i))
		}
		if !normalize(v) {
			t.Errorf("%v is not told to be sound", v)
		}
		for i := range v.Data {
			if math.Float32bits(v.Data[i]) != math.Float32bits(want.Data[i]) {
				t.Fatalf("number %d of %d × %d is %v, want %v", i, v.Len(), v.Dim, v.Data[i], want.Data[i])
			}
		}
	}
}

// TestScalesNextToOneChangeNothing scales powers of two and their neighbours,
// which are the first to change, by what is left out.
func TestScalesNextToOneChangeNothing(t *testing.T) {
	t.Parallel()
	for _, by := range []float64{1 - 1.0/(1<<25) + 1.0/(1<<50), 1 + 1.0/(1<<25) - 1.0/(1<<50)} {
		for _, f := range []float32{1, 0.5, 1.9999999, 0.25, 1.0000001, 0x1p-126, 0x1.fffffep-127, 1e-45, 3e-45, 0x1p100, 0x1.fffffep-3} {
			if got := float32(float64(f) * by); got != f {
				t.Errorf("%v × %v = %v", f, by, got)
			}
		}
	}
}

func TestWhatCannotBeIndexedIsNotSound(t *testing.T) {
	t.Parallel()
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, f := range []float32{0, inf, nan, 1e-30, 1e30} {
		for place := range 6 {
			v := pipeline.Vectors{Dim: 2, Data: []float32{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}
			v.Data[2*place], v.Data[2*place+1] = f, f
			if normalize(v) {
				t.Errorf("%v in row %d is told to be sound", f, place)
			}
		}
	}
}

func BenchmarkNormalize(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	v := randomVectors(r, 32, 384)
	b.Run("length 1", func(b *testing.B) {
		normalize(v)
		for b.Loop() {
			normalize(v)
		}
	})
	b.Run("other lengths", func(b *testing.B) {
		other := pipeline.Vectors{Dim: v.Dim, Data: make([]float32, len(v.Data))}
		for b.Loop() {
			for i, f := range v.Data {
				other.Data[i] = 2 * f
			}
			normalize(other)
		}
	})
	b.Run("plainly", func(b *testing.B) {
		for b.Loop() {
			for i := range v.Len() {
				plainly(v.At(i))
			}
		}
	})
}
