package sqlite

import (
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func FuzzWeights(f *testing.F) {
	f.Add(appendWeights(nil, pipeline.Sparse{Indices: []uint32{1, 5, 1 << 31}, Values: []float32{1, 2, 3}}), uint32(5), uint8(0))
	f.Add([]byte{}, uint32(0), uint8(9))
	f.Fuzz(func(t *testing.T, blob []byte, index uint32, from uint8) {
		w := weights(blob)
		if !w.valid() {
			return
		}
		n := len(blob) / 8
		place, ok := w.find(min(int(from), n), index)
		if place < 0 || place > n || ok && w.index(place) != index {
			t.Fatalf("%d is found at %d of %d, %v", index, place, n, ok)
		}
		indices := make([]uint32, n)
		for i := range indices {
			indices[i] = w.index(i)
			_ = w.value(i)
		}
		if slices.IsSorted(indices) && from == 0 && ok != slices.Contains(indices, index) {
			t.Errorf("%d of %v: %v", index, indices, ok)
		}
	})
}

func TestWeightsComeBack(t *testing.T) {
	t.Parallel()
	want := pipeline.Sparse{Indices: []uint32{0, 7, 1 << 31, 1<<32 - 1}, Values: []float32{0.5, -1, 1e-30, 3}}
	w := weights(appendWeights(nil, want))
	for i, index := range want.Indices {
		place, ok := w.find(0, index)
		if !ok || place != i || w.value(place) != float64(want.Values[i]) {
			t.Errorf("%d is found at %d, %v", index, place, ok)
		}
	}
	if _, ok := w.find(2, 7); ok {
		t.Error("an index is found behind its place")
	}
}
