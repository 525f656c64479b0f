package qdrant

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// lease is held by one run.
type lease struct {
	index *Index // for the words of errors
	board board
	clean bool

	mu       sync.Mutex // guards what follows
	own      claim
	renewed  time.Time       // when the last renewal that succeeded was begun
	attempts int             // claims that were put up
	buried   map[string]bool // claims that were dead when the lease was taken
}

var (
	// errGone is why a lease is lost whose claim somebody took away.
	errGone = errors.New("another run took this one for dead, since it had not renewed its lease in time")
	// errTaken is why it is lost, or cannot be taken again.
	errTaken = errors.New("another run came first")
	// errOver is why a lease has to be taken again: its term went by.
	errOver = errors.New("it was not renewed in time")
)

// Clean implements [pipeline.Lease].
func (l *lease) Clean() bool { return l.clean }

// Keep implements [pipeline.Lease]. It renews the lease every third of its
// term. When the term went by without a renewal, nothing is written until the
// lease was taken again, which it is when nobody else took it meanwhile.
func (l *lease) Keep(ctx context.Context) error {
	for {
		wait := time.Until(l.last().Add(l.own.term / renewals))
		if wait > 0 && sleep(ctx, wait) != nil || ctx.Err() != nil {
			return nil //nolint:nilerr // the run ends, the lease does not
		}
		err := l.renew(ctx)
		if err != nil && ctx.Err() == nil {
			l.index.tenure.end()
			if errors.Is(err, errOver) {
				err = l.again(ctx, err)
			}
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // as above
		}
		if err != nil {
			return err
		}
	}
}

func (l *lease) last() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.renewed
}

// renew tries until the lease is renewed or its term is over.
func (l *lease) renew(ctx context.Context) error {
	ctx, cancel := context.WithDeadline(ctx, l.last().Add(l.own.term))
	defer cancel()
	var failed error
	for {
		if ctx.Err() != nil {
			if failed == nil {
				failed = errors.New("this run stood still meanwhile")
			}
			return fmt.Errorf("%w, which is %s: %w", errOver, l.own.term, failed)
		}
		why, err := l.once(ctx)
		switch {
		case why != nil:
			return l.index.lost(why)
		case err == nil && ctx.Err() == nil:
			return nil
		case err == nil || ctx.Err() != nil:
			continue // it took too long: others may have taken the lease meanwhile
		}
		failed = err
		switch pipeline.Classify(err) {
		case pipeline.Denied, pipeline.Misconfigured:
			return l.index.lost(err)
		case pipeline.Fatal, pipeline.Transient, pipeline.Warming, pipeline.Throttled,
			pipeline.Oversize, pipeline.Rejected, pipeline.NotServed:
		}
		_ = sleep(ctx, l.own.term/looks) // what ends it early is seen above
	}
}

// once looks whether the lease is still held and renews it. It returns why
// the lease is lost, if it is.
func (l *lease) once(ctx context.Context) (why, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	dead, why, err := l.check(ctx)
	if why != nil || err != nil {
		return why, err
	}
	l.own.beat++ // also where it fails: the change may have been made
	begun := time.Now()
	if err := l.board.write(ctx, change{put: &l.own, remove: dead}); err != nil {
		return nil, err
	}
	if ctx.Err() == nil {
		l.renewed = begun
		l.index.tenure.hold(begun.Add(l.own.term))
	}
	return nil, nil
}

// check reports why the lease is lost, if it is, and which claims are still
// there although they were dead before it was taken.
func (l *lease) check(ctx context.Context) (dead []string, why, err error) {
	const readings = 3 // a node that lags behind may not show the claim
	for reading := 1; ; reading++ {
		seen, err := l.board.read(ctx)
		if err != nil {
			return nil, nil, err
		}
		dead = nil
		for name, other := range seen.claims {
			_, buried := l.buried[name]
			switch {
			case name == l.own.name:
			case buried:
				dead = append(dead, name)
			case other.held:
				return nil, takenBy(other), nil
			}
		}
		if seen.claims[l.own.name].held {
			return dead, nil, nil
		}
		if reading == readings {
			return nil, errGone, nil
		}
		if err := sleep(ctx, l.own.term/looks/readings); err != nil {
			return nil, nil, err
		}
	}
}

// takenBy is why a lease is lost that another run has.
func takenBy(other claim) error {
	return fmt.Errorf("%w: it was taken over by %s", errTaken, describe(other.holder))
}

// Release implements [pipeline.Lease].
func (l *lease) Release(ctx context.Context, finished bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.board = briefly(l.board, false) // nobody else repeats what is done here
	dead, why, err := l.check(ctx)
	if err != nil {
		return err
	}
	if why != nil {
		// A change on its way may have put the claim up again, which would
		// keep others waiting.
		return errors.Join(l.index.lost(why), l.board.write(ctx, change{remove: []string{l.own.name}}))
	}
	if err := l.board.write(ctx, change{remove: append(dead, l.own.name), clean: &finished}); err != nil {
		return err
	}
	l.index.tenure.hold(time.Time{}) // an index that is lent to nobody is nobody's
	return nil
}
