package sqlite

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"runtime"
	"slices"

	"github.com/vecload/vecload/pipeline"
)

// candidate is a row that may be a hit.
type candidate struct {
	row   int64
	id    pipeline.PointID
	score float64
}

// compareCandidates puts the better one first: the higher score, and of
// equal scores the lower id.
func compareCandidates(a, b candidate) int {
	if c := cmp.Compare(b.score, a.score); c != 0 {
		return c
	}
	return bytes.Compare(a.id[:], b.id[:])
}

// top keeps the best candidates it was given, at most limit, as a binary
// heap with the worst at its root.
type top struct {
	limit int
	heap  []candidate
}

// tops are the best candidates of each worker.
type tops []top

func newTops(limit int) tops {
	all := make(tops, runtime.GOMAXPROCS(0))
	for i := range all {
		all[i].limit = limit
	}
	return all
}

// best returns the best candidates of all, best first.
func (t tops) best() []candidate {
	var all []candidate
	for i := range t {
		all = append(all, t[i].heap...)
	}
	slices.SortFunc(all, compareCandidates)
	return all[:min(t[0].limit, len(all))]
}

func (t *top) add(c candidate) {
	if len(t.heap) < t.limit {
		t.heap = append(t.heap, c)
		t.up(len(t.heap) - 1)
		return
	}
	if compareCandidates(c, t.heap[0]) < 0 {
		t.heap[0] = c
		t.down(0)
	}
}

func (t *top) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if compareCandidates(t.heap[i], t.heap[parent]) <= 0 {
			return
		}
		t.heap[i], t.heap[parent] = t.heap[parent], t.heap[i]
		i = parent
	}
}

func (t *top) down(i int) {
	for {
		worst := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(t.heap); child++ {
			if compareCandidates(t.heap[child], t.heap[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		t.heap[i], t.heap[worst] = t.heap[worst], t.heap[i]
		i = worst
	}
}

// dot returns the product of unit with the vector in blob, which has 4 bytes
// a component, no further from zero than 1. Four sums run side by side, since
// each addition waits for the one before it.
func dot(unit []float32, blob []byte) float32 {
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(unit); i += 4 {
		q := unit[i : i+4 : i+4]
		b := blob[4*i : 4*i+16 : 4*i+16]
		s0 += q[0] * math.Float32frombits(binary.LittleEndian.Uint32(b[0:]))
		s1 += q[1] * math.Float32frombits(binary.LittleEndian.Uint32(b[4:]))
		s2 += q[2] * math.Float32frombits(binary.LittleEndian.Uint32(b[8:]))
		s3 += q[3] * math.Float32frombits(binary.LittleEndian.Uint32(b[12:]))
	}
	for ; i < len(unit); i++ {
		s0 += unit[i] * math.Float32frombits(binary.LittleEndian.Uint32(blob[4*i:]))
	}
	// Rounding may leave the range of a cosine by a hair.
	return max(-1, min(1, s0+s1+s2+s3))
}
