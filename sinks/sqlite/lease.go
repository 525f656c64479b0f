package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"time"

	"github.com/vecload/vecload/pipeline"
)

const (
	renewalsPerTerm = 3
	// looksPerTerm is how often somebody who waits looks whether the lease was
	// renewed or given back.
	looksPerTerm = 20
)

// Acquire implements [pipeline.Leaser]. A lease that was not renewed for its
// term when Acquire is called is taken over at once. That is safe also where
// its holder only slept: each change of the points looks in its own
// transaction whether the lease is still there, see [Index.Write].
func (x *Index) Acquire(ctx context.Context, holder pipeline.Holder, isDead func(pipeline.Holder) bool) (pipeline.Lease, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	db, _, err := x.writing()
	if err != nil {
		return nil, err
	}
	mine := leaseRow{Token: rand.Text(), Run: holder.Run, Host: holder.Host, PID: holder.PID, Since: holder.Since, Machine: holder.Machine}
	taken, other, err := x.take(ctx, db, mine, func(r leaseRow) bool { return r.left(x.options.LeaseTerm) == 0 })
	if err == nil && taken == nil {
		if isDead != nil && isDead(other.holder()) {
			taken, _, err = x.take(ctx, db, mine, other.same)
		}
		if err == nil && taken == nil {
			taken, err = x.await(ctx, db, mine, other)
		}
	}
	if err != nil {
		return nil, x.failContext(ctx, "lend", err)
	}
	return taken, nil
}

// await takes the lease of other when it is dead or given back. It fails as
// soon as it is renewed, or somebody else has it.
func (x *Index) await(ctx context.Context, db *sql.DB, mine, other leaseRow) (*lease, error) {
	end := time.NewTimer(other.left(x.options.LeaseTerm))
	defer end.Stop()
	look := time.NewTicker(x.options.LeaseTerm / looksPerTerm)
	defer look.Stop()
	for dead := false; ; {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-end.C:
			dead = true
		case <-look.C:
		}
		if !dead {
			// A look needs no lock, and so keeps nobody from writing.
			now, held, err := x.lookAtLease(ctx, db)
			if err != nil {
				return nil, err
			}
			if held && now.same(other) {
				continue
			}
		}
		taken, now, err := x.take(ctx, db, mine, func(r leaseRow) bool { return dead && r.same(other) })
		if taken == nil && err == nil {
			err = now.busy()
		}
		return taken, err
	}
}

// lookAtLease returns who has the lease, held false where nobody has it.
func (x *Index) lookAtLease(ctx context.Context, db *sql.DB) (now leaseRow, held bool, err error) {
	err = x.retryBusy(ctx, func() (err error) {
		now, held, err = readLease(ctx, db)
		return err
	})
	return now, held, err
}

// take takes the lease that nobody has, or somebody who is dead; else it
// returns nil and who has it.
func (x *Index) take(ctx context.Context, db *sql.DB, mine leaseRow, dead func(leaseRow) bool) (*lease, leaseRow, error) {
	tx, err := x.begin(ctx, db)
	if err != nil {
		return nil, leaseRow{}, err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	other, held, err := readLease(ctx, tx)
	if err != nil || held && !dead(other) {
		return nil, other, err
	}
	// Of a run that died, finished says "false" since it began.
	clean, err := readFinished(ctx, tx)
	if err != nil {
		return nil, leaseRow{}, err
	}
	mine.Renewed = time.Now().UnixMilli()
	if err := writeLease(ctx, tx, mine); err != nil {
		return nil, leaseRow{}, err
	}
	if err := writeMeta(ctx, tx, finishedKey, "false"); err != nil {
		return nil, leaseRow{}, err
	}
	if err := tx.Commit(); err != nil {
		return nil, leaseRow{}, err
	}
	x.setLease(mine.Token)
	return &lease{index: x, db: db, token: mine.Token, clean: clean}, mine, nil
}

// setLease notes which lease this handle has; "" is none.
func (x *Index) setLease(token string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.lease = token
}

// checkLease refuses a change by a handle whose lease is lost. One that never
// had any may write.
func (x *Index) checkLease(ctx context.Context, tx *sql.Tx) error {
	x.mu.Lock()
	token := x.lease
	x.mu.Unlock()
	if token == "" {
		return nil
	}
	_, err := ownLease(ctx, tx, token)
	return err
}

// ownLease returns the row of the lease, and fails where it is not token's.
func ownLease(ctx context.Context, tx *sql.Tx, token string) (leaseRow, error) {
	row, held, err := readLease(ctx, tx)
	if err == nil && (!held || row.Token != token) {
		err = lost(row, held)
	}
	return row, err
}
