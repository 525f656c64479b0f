package pipeline

import (
	"errors"
	"fmt"
	"math"
)

// join makes points of chunks and their vectors. It is the only place where
// a chunk and a vector meet, and so the place where their number, their
// dimension and their values are checked. failed holds the places of chunks
// that have no vector; the vectors are those of the others, in order.
func (r *run) join(lane *Lane, chunks []Chunk, failed map[int]error, vectors Vectors) ([]Point, error) {
	want, dim := len(chunks)-len(failed), lane.Space.Dim
	if want == 0 {
		return nil, nil
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
	points := make([]Point, 0, want)
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
	zero := true
	for _, x := range v {
		if math.Float32bits(x)&0x7f800000 == 0x7f800000 {
			return fmt.Errorf("the vector holds %v", x)
		}
		zero = zero && x == 0
	}
	if zero {
		return errors.New("the vector is zero")
	}
	return nil
}
