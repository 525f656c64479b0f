package pipeline

import (
	"context"
	"errors"
	"time"
)

// ErrBusy is what the error of a lease wraps that another run holds.
var ErrBusy = errors.New("another run writes to the index")

// Holder names a run to others who want to write to its index.
type Holder struct {
	Run   string    // unique; of letters, digits and hyphens
	Host  string    // where it runs, for people
	PID   int       // there
	Since time.Time // when it began

	// Machine tells which processes PID is one of; "" where that is not known.
	// Two runs of one Machine see each other's processes by their numbers.
	Machine string
}

// Leaser is an index that lends itself to one run at a time.
type Leaser interface {
	// Acquire takes the lease for a run. While another run holds it and
	// renews it, the error is of class Fatal and wraps [ErrBusy]: it names that
	// run and says what to do. A lease that was not renewed for its term is
	// dead, and taken over; Acquire waits for that, one term and a little at
	// most. Before it waits it asks isDead, once for each holder, whether that
	// one is known to be dead, and then does not wait; isDead may be nil. It
	// needs Prepare first. Of two runs that ask at the same moment at most one
	// is served.
	Acquire(ctx context.Context, holder Holder, isDead func(Holder) bool) (Lease, error)
}

// Lease is held by one run.
type Lease interface {
	// Clean reports whether the run before ended in good order, so that each
	// document it wrote has all its points and no other. It is false for an
	// index that no run has finished yet.
	Clean() bool
	// Keep renews the lease until ctx is done, which returns nil. When the
	// lease is lost, because it could not be renewed within its term or
	// because another run has taken it over, it returns an error: then nothing
	// more may be written.
	Keep(ctx context.Context) error
	// Release gives the lease back; finished tells whether the run ended in
	// good order, which is what the next one's Clean reports.
	Release(ctx context.Context, finished bool) error
}
