package sqlite

import (
	"context"
	"database/sql"

	"github.com/vecload/vecload/pipeline"
)

// change is a transaction that changes points.
type change struct {
	index *Index
	tx    *sql.Tx
	of    map[string]*tableChange // by the names of the tables
}

// tableChange is what a change does to the rows of one vector.
type tableChange struct {
	of     table
	recent *recent // nil in layout 4
	next   int64   // the number of the next row
	added  []idRow
	gone   []pipeline.PointID
	filed  int // ids that went into the index
}

// change lets f change points in one transaction, unless a lease that this
// handle had is lost.
func (x *Index) change(ctx context.Context, db *sql.DB, verb string, f func(c *change) error) error {
	tx, err := x.begin(ctx, db)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if err := x.checkLease(ctx, tx); err != nil {
		return x.failContext(ctx, verb, err)
	}
	c := &change{index: x, tx: tx, of: map[string]*tableChange{}}
	if err := c.do(ctx, f); err != nil {
		return x.failContext(ctx, verb, err)
	}
	return x.fail(verb, x.sameFile())
}

func (c *change) do(ctx context.Context, f func(c *change) error) (err error) {
	defer func() { c.end(err == nil) }()
	if err := f(c); err != nil {
		return err
	}
	for _, t := range c.of {
		if err := t.write(ctx, c.tx); err != nil {
			return err
		}
	}
	return c.tx.Commit()
}

// table returns what the change does to the rows of a vector.
func (c *change) table(ctx context.Context, of table) (*tableChange, error) {
	if t, ok := c.of[of.name]; ok {
		return t, nil
	}
	t := &tableChange{of: of}
	if of.ids == "" {
		err := c.tx.QueryRowContext(ctx, `SELECT ifnull(max(row), 0) + 1 FROM `+of.name).Scan(&t.next)
		return t, err
	}
	t.recent = c.index.recentOf(of)
	t.recent.changing.Lock()
	c.of[of.name] = t
	err := t.recent.sync(ctx, c.tx, of)
	t.next = t.recent.extent.next
	return t, err
}

// write notes in the file how far the rows go.
func (t *tableChange) write(ctx context.Context, tx *sql.Tx) error {
	now := t.recent.extentAfter(t.next, t.filed)
	if now == t.recent.extent {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE vectors SET filed = ?, next = ? WHERE id = ?`, now.filed, now.next, t.of.id)
	return err
}

// end tells what is kept in memory how the change ended.
func (c *change) end(done bool) {
	for _, t := range c.of {
		if done {
			t.recent.note(t.recent.extentAfter(t.next, t.filed), t.added, t.filed, t.gone)
		} else {
			t.recent.forget()
		}
		t.recent.changing.Unlock()
	}
}

// recentOf returns what is kept in memory of a vector's rows.
func (x *Index) recentOf(of table) *recent {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.recents == nil {
		x.recents = map[string]*recent{}
	}
	r := x.recents[of.name]
	if r == nil {
		r = &recent{lot: x.lot}
		x.recents[of.name] = r
	}
	return r
}

// synced returns what is kept in memory of a vector's rows, as the file has it
// now; nil in layout 4. Nobody else changes the file of a handle that has the
// lease, so that it looks once.
func (x *Index) synced(ctx context.Context, db querier, of table) (*recent, error) {
	if of.ids == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	r := x.recentOf(of)
	x.mu.Lock()
	alone := x.lease != ""
	x.mu.Unlock()
	if alone && r.isKnown() {
		return r, nil
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	if err := r.sync(ctx, db, of); err != nil {
		return nil, err
	}
	return r, nil
}
