package pipeline

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// join makes points of chunks and their vectors. It is the only place where
// a chunk and a vector meet, and so the place where their number, their
// dimension and their values are checked. failed holds the places of chunks
// that have no vector; the vectors are those of the others, in order. The points
// are put into the memory of points, which is empty.
func (r *run) join(lane *Lane, chunks []Chunk, failed map[int]error, vectors Vectors, points []Point) ([]Point, error) {
	want, dim := len(chunks)-len(failed), lane.Space.Dim
	if want == 0 {
		return points, nil
	}
	if vectors.Dim != dim {
		return nil, &Error{
			Class: Fatal,
			Hint:  "the endpoint changed its model while the run was going on, or serves several under one name; let it serve one, and run the same command again",
			Err:   fmt.Errorf("the endpoint gave vectors of %d dimensions where the space has %d", vectors.Dim, dim),
		}
	}
	if len(vectors.Data) != want*dim {
		return nil, &Error{
			Class: Fatal,
			Hint:  "no vector can be told to belong to an input; the server or a proxy before it is at fault",
			Err:   fmt.Errorf("the endpoint gave %d numbers where %d inputs of %d dimensions make %d", len(vectors.Data), want, dim, want*dim),
		}
	}
	points = slices.Grow(points, want)
	for i := range chunks {
		if _, ok := failed[i]; ok {
			continue
		}
		chunk := &chunks[i]
		vector := vectors.At(len(points))
		if err := checkVector(vector); err != nil {
			return nil, &Error{Op: chunk.Doc.Origin.String(), Class: Fatal, Err: err}
		}
		point := r.point(chunk)
		point.Vector, point.Sparse = vector, lane.sparse(chunk)
		points = append(points, point)
	}
	return points, nil
}

// point makes the point of a chunk, without its vectors.
func (r *run) point(chunk *Chunk) Point {
	name := r.Lanes[chunk.lane].Vector
	p := Point{
		ID:      NewPointID(name, chunk.Doc.ID, chunk.Index),
		Name:    name,
		Doc:     chunk.Doc.ID,
		Chunk:   chunk.Index,
		Chunks:  chunk.Count,
		Payload: chunk.Doc.Payload,
		Made:    chunk.made,
	}
	if r.KeepText {
		p.Text = chunk.Text
	}
	return p
}

// checkVector refuses what no index can compare: a number that is not finite,
// and the zero vector, which has no direction.
func checkVector(v Vector) error {
	switch largest := largestBits(v); {
	case largest == 0:
		return errors.New("the vector is zero")
	case largest >= notFinite:
		for _, x := range v {
			if math.Float32bits(x)<<1 >= notFinite {
				return fmt.Errorf("the vector holds %v", x)
			}
		}
	}
	return nil
}

// notFinite is the least that the bits of an infinity or of what is no number
// are, without the sign.
const notFinite = 0xff << 24

// largestBits returns the largest of the numbers' bits without their signs,
// which is 0 where all are zero. Every number of a run passes here, so that four
// are compared at once, which do not wait for each other.
func largestBits(v Vector) uint32 {
	var a, b, c, d uint32
	for ; len(v) >= 4; v = v[4:] {
		a = max(a, math.Float32bits(v[0])<<1)
		b = max(b, math.Float32bits(v[1])<<1)
		c = max(c, math.Float32bits(v[2])<<1)
		d = max(d, math.Float32bits(v[3])<<1)
	}
	for _, x := range v {
		a = max(a, math.Float32bits(x)<<1)
	}
	return max(a, b, c, d)
}
