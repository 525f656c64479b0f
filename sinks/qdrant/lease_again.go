package qdrant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// again takes a lease once more whose term went by, because the server could
// not be reached, say. That needs a new claim: others who look at the old one
// may take it for dead from now on, and may be about to take it away. It is
// served only where a reading that shows the new claim shows the old one as
// well, since whoever takes a lease takes the claims of the dead away first.
// failed is why it was not renewed.
func (l *lease) again(ctx context.Context, failed error) error {
	patience := l.index.options.RetryBudget
	for end := time.Now().Add(patience); ; {
		done, err := l.retake(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case done && err == nil:
			return nil
		case done:
			return l.index.lost(err)
		case err != nil:
			failed = err
		}
		if !time.Now().Before(end) {
			return l.index.lost(fmt.Errorf("it was not renewed within %s: %w", patience, failed))
		}
		if err := sleep(ctx, l.own.term/looks); err != nil {
			return err
		}
	}
}

// retake asks for the lease once. It reports false when the asking may be
// repeated.
func (l *lease) retake(ctx context.Context) (done bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Before anything is put up: what is not there any more is not to be had.
	seen, err := l.board.read(ctx)
	if err != nil {
		return hopeless(err), err
	}
	if !seen.claims[l.own.name].held || seen.clean {
		return true, errGone
	}
	a := newAsking(l.index, l.board, l.own.holder, l.own.term, nil)
	a.attempts, a.former = l.attempts, l.own.name
	for name := range seen.claims { // of earlier tries
		if holderOf(name) == l.own.holder.Run {
			a.judged[name] = true
		}
	}
	a.judged[l.own.name] = true
	got, err := a.contend(ctx)
	l.attempts = a.attempts
	if next, ok := got.(*lease); ok {
		l.own, l.renewed, l.buried = next.own, next.renewed, next.buried
		return true, nil
	}
	undone := a.withdraw(ctx)
	switch {
	case err == nil:
		return true, errors.Join(errTaken, undone)
	case errors.Is(err, errGone), errors.Is(err, errTaken), errors.Is(err, pipeline.ErrBusy):
		return true, err
	}
	return hopeless(err), err
}

// hopeless reports whether asking again gives the same answer.
func hopeless(err error) bool {
	class := pipeline.Classify(err)
	return class == pipeline.Denied || class == pipeline.Misconfigured
}
