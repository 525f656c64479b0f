package pipeline

import (
	"context"
	"iter"
)

// Stored is what an index knows of a point that it was asked for.
type Stored struct {
	Found  bool // the rest is zero where the index has no such point
	Made   Made
	Chunks int // of its document in this vector, when the point was written
}

// Listed is a point that was met in the list of all.
type Listed struct {
	ID     PointID
	Doc    string
	Chunk  int
	Chunks int
	Made   Made
}

// Donor is an index that can be asked what its points were made from, and for
// their vectors. Both methods need Prepare first, and may be called from
// several goroutines at once.
type Donor interface {
	// Stored asks for points of one vector by their ids, in bulk: it returns
	// what is known of each, in the order of ids. It returns neither vectors
	// nor payloads, and is the fastest way to ask that the index has. ids are
	// distinct and at least one; the caller sends some thousand at most.
	Stored(ctx context.Context, name string, ids []PointID) ([]Stored, error)
	// Vectors returns the vectors of points of one vector name, in the order
	// of ids, nil where there is no such point. They have the direction of
	// what was written; their length may be 1. For copying into another index
	// of the same space, and for comparing.
	Vectors(ctx context.Context, name string, ids []PointID) ([]Vector, error)
}

// Refresher is an index that knows what its points were made from, which is
// how a run over it does only what is left to do. All methods need Prepare
// first, and may be called from several goroutines at once.
type Refresher interface {
	Donor
	// Update replaces all but the vectors, dense and sparse, of points that are
	// there: payload, text, places and Made. The vectors of points are empty. A point that is
	// not there (any more) stays away. It returns once the change is durable;
	// after an error any part of it may have happened.
	Update(ctx context.Context, points []Point) error
	// Delete removes points by their ids; ids that are not there are passed
	// over. It returns once the points are gone from searches for good.
	Delete(ctx context.Context, name string, ids []PointID) error
	// Listed lists all points of one vector, each once, in an order of the
	// index's own. What is written meanwhile may be missed. An error is the
	// last element. Memory does not grow with the index.
	Listed(ctx context.Context, name string) iter.Seq2[Listed, error]
}
