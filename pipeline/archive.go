package pipeline

import (
	"context"
	"errors"
)

// ErrNoArchive is what the error of an [Archive] wraps that has no place to
// keep anything. Nothing was kept then, and nothing is lost.
var ErrNoArchive = errors.New("there is no place to keep what is remembered of the documents")

// Met is what a run remembers of a document that it met.
type Met struct {
	// ID and More are 96 bits of a hash of the document's id, which is keyed
	// anew for each run. ID is never 0.
	ID   uint64
	More uint32
	// Content is a hash of all else; 0 when only the id is known.
	Content uint32
}

// Compare orders by the hash of the id.
func (m Met) Compare(other Met) int {
	switch {
	case m.ID < other.ID:
		return -1
	case m.ID > other.ID:
		return 1
	case m.More < other.More:
		return -1
	case m.More > other.More:
		return 1
	}
	return 0
}

// Archive keeps what a run remembers beyond what it keeps in memory. It
// belongs to one run, which calls it from one goroutine at a time.
type Archive interface {
	// Keep takes in documents, in the order of [Met.Compare] and each once.
	// One that is kept already is replaced. The slice is not kept after the
	// call. An error that wraps [ErrNoArchive] says that there is no place;
	// after any other error the archive is of no use any more.
	Keep(ctx context.Context, met []Met) error
	// Find returns what is kept of the document whose id has the same hash,
	// and whether there is something. It never guesses.
	Find(ctx context.Context, met Met) (Met, bool, error)
}
