package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// The keys in meta that the lease has.
const (
	leaseKey    = "lease"    // a leaseRow as JSON; absent where nobody has the lease
	finishedKey = "finished" // "true" when the run before ended in good order
)

// leaseRow says who has the lease.
type leaseRow struct {
	Token    string    `json:"token"` // another one each time it is taken
	Run      string    `json:"run"`
	Host     string    `json:"host"`
	PID      int       `json:"pid"`
	Since    time.Time `json:"since"`
	Machine  string    `json:"machine,omitempty"`
	Renewals int64     `json:"renewals"`
	Renewed  int64     `json:"renewed"` // when, as Unix time in milliseconds
}

func (r leaseRow) holder() pipeline.Holder {
	return pipeline.Holder{Run: r.Run, Host: r.Host, PID: r.PID, Since: r.Since, Machine: r.Machine}
}

// same reports whether r is b, and was not renewed in between.
func (r leaseRow) same(b leaseRow) bool { return r.Token == b.Token && r.Renewals == b.Renewals }

// left is for how long the lease is not dead if it is never renewed, between 0
// and a term. Those who share the file share a clock, since the log needs
// memory that they share. Where the clock was set back, and the lease seems to
// be from later, it is a whole term.
func (r leaseRow) left(term time.Duration) time.Duration {
	age := time.Since(time.UnixMilli(r.Renewed))
	return min(max(term-age, 0), term)
}

// busy is the error for those who want what r's holder has.
func (r leaseRow) busy() error {
	return &pipeline.Error{
		Class: pipeline.Fatal,
		Hint:  "wait until that run has ended, or end it; a run that was killed is forgotten after a minute or so",
		Err: fmt.Errorf("%w: run %q on %q, process %d, since %s",
			pipeline.ErrBusy, r.Run, r.Host, r.PID, r.Since.UTC().Format(time.RFC3339)),
	}
}

type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// readLease returns who has the lease, ok false where nobody has it.
func readLease(ctx context.Context, db rowQuerier) (row leaseRow, ok bool, err error) {
	var text string
	err = db.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, leaseKey).Scan(&text)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return row, false, nil
	case err != nil:
		return row, false, err
	}
	row, err = decodeLease(text)
	return row, err == nil, err
}

func decodeLease(text string) (leaseRow, error) {
	var row leaseRow
	if err := json.Unmarshal([]byte(text), &row); err != nil {
		return row, damage(fmt.Errorf("the lease: %w", err))
	}
	if row.Token == "" {
		return row, damage(errors.New("the lease has no token"))
	}
	return row, nil
}

func writeLease(ctx context.Context, tx *sql.Tx, row leaseRow) error {
	text, err := json.Marshal(row)
	if err != nil {
		return err
	}
	return writeMeta(ctx, tx, leaseKey, string(text))
}

// readFinished reports whether the run before ended in good order.
func readFinished(ctx context.Context, db rowQuerier) (bool, error) {
	var text string
	err := db.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, finishedKey).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return text == "true", err
}

func writeMeta(ctx context.Context, tx *sql.Tx, key, value string) error {
	_, err := tx.ExecContext(ctx,
		`INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	return err
}
