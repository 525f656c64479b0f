package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// lease implements [pipeline.Lease] by a row in meta.
type lease struct {
	index *Index
	db    *sql.DB
	token string
	clean bool

	mu       sync.Mutex // guards what follows
	released bool
}

// Clean implements [pipeline.Lease].
func (l *lease) Clean() bool { return l.clean }

// Keep implements [pipeline.Lease].
func (l *lease) Keep(ctx context.Context) error {
	term := l.index.options.LeaseTerm
	tick := time.NewTicker(term / renewalsPerTerm)
	defer tick.Stop()
	for renewed := time.Now(); ; {
		now := time.Now()
		err := l.renewBefore(ctx, renewed.Add(term))
		switch {
		case ctx.Err() != nil:
			return nil // to be told to stop is no failure
		case errors.Is(err, pipeline.ErrBusy), errors.Is(err, errLeaseGone):
			return l.index.fail("keep the lease of", err)
		case err == nil:
			renewed = now
		case time.Since(renewed) >= term:
			return l.index.fail("keep the lease of", fmt.Errorf("the lease was not renewed for %v: %w", term, err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// renewBefore renews the lease, or gives up when it is dead.
func (l *lease) renewBefore(ctx context.Context, dead time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, dead)
	defer cancel()
	return l.change(ctx, func(tx *sql.Tx, row leaseRow) error {
		row.Renewals++
		row.Renewed = time.Now().UnixMilli()
		return writeLease(ctx, tx, row)
	})
}

// Release implements [pipeline.Lease]. A second call does nothing.
func (l *lease) Release(ctx context.Context, finished bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.released {
		return nil
	}
	err := l.change(ctx, func(tx *sql.Tx, _ leaseRow) error {
		if finished {
			if err := writeMeta(ctx, tx, finishedKey, "true"); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM meta WHERE key = ?`, leaseKey)
		return err
	})
	if err != nil {
		return l.index.failContext(ctx, "give back the lease of", err)
	}
	l.released = true
	l.index.setLease("")
	return nil
}

// change lets f change the lease in a transaction, while it is this one's.
func (l *lease) change(ctx context.Context, f func(tx *sql.Tx, row leaseRow) error) error {
	tx, err := l.index.begin(ctx, l.db)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	row, err := ownLease(ctx, tx, l.token)
	if err != nil {
		return err
	}
	if err := f(tx, row); err != nil {
		return err
	}
	return tx.Commit()
}

var errLeaseGone = errors.New("the lease of this run is gone")

// lost is the error of a run that does not have the lease any more.
func lost(now leaseRow, held bool) error {
	err := errLeaseGone
	if held {
		err = fmt.Errorf("%w: run %q on %q, process %d, has taken the lease over", pipeline.ErrBusy, now.Run, now.Host, now.PID)
	}
	return &pipeline.Error{
		Class: pipeline.Fatal, Err: err,
		Hint: "this run was held up for longer than its lease lasts; when no other run is at work, run the same command again",
	}
}
