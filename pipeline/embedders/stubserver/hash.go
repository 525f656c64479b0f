package stubserver

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// Hash returns a function that makes vectors of length 1 from the bytes of a
// text. Equal texts have equal vectors, texts that differ in one byte have
// nothing in common.
func Hash(dim int) func(text string) []float32 {
	return func(text string) []float32 {
		h := fnv.New64a()
		_, _ = h.Write([]byte(text))
		r := rand.New(rand.NewPCG(h.Sum64(), uint64(len(text)))) //nolint:gosec // nothing is secured by it
		v := make([]float32, dim)
		sum := 0.0
		for i := range v {
			f := r.Float64()*2 - 1
			v[i] = float32(f)
			sum += f * f
		}
		for i := range v {
			v[i] = float32(float64(v[i]) / math.Sqrt(sum))
		}
		return v
	}
}
