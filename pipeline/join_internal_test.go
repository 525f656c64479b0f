package pipeline

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestOnlyVectorsThatAnIndexCanCompareAreTaken(t *testing.T) {
	t.Parallel()
	odd := []float32{
		0, float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, math.MaxFloat32, -math.MaxFloat32, 1,
		float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), math.Float32frombits(0xff800001), math.Float32frombits(0x7fffffff),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		v := make(Vector, random.IntN(12))
		if place := random.IntN(12); place < len(v) {
			v[place] = odd[random.IntN(len(odd))]
		}
		zero, finite := true, true
		for _, x := range v {
			zero = zero && x == 0
			finite = finite && !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0)
		}
		if err := checkVector(v); (err == nil) != (finite && !zero) {
			t.Fatalf("%v: %v", v, err)
		}
	}
}

func BenchmarkCheckVector(b *testing.B) {
	v := make(Vector, 384)
	for i := range v {
		v[i] = float32(i) - 191.5
	}
	for b.Loop() {
		if err := checkVector(v); err != nil {
			b.Fatal(err)
		}
	}
}
