package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// begin starts a transaction that holds the write lock. It waits for a
// writer in another process, and hears its context while it waits.
func (x *Index) begin(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	var tx *sql.Tx
	err := x.retryBusy(ctx, func() (err error) {
		tx, err = db.BeginTx(ctx, nil)
		return err
	})
	if err != nil {
		return nil, x.failContext(ctx, "lock", err)
	}
	return tx, nil
}

// retryBusy repeats f while another process has the file locked, for at most
// LockWait. SQLite's own waiting, of 100 ms a call, paces it.
func (x *Index) retryBusy(ctx context.Context, f func() error) error {
	deadline := time.Now().Add(x.options.LockWait)
	for {
		err := f()
		if err == nil || !busy(err) || time.Now().After(deadline) {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}
