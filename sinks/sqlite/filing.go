package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

// filedRows is how many ids one statement puts into the index.
const filedRows = 64

// file puts some of the ids that wait for it into the index. They come in
// their order, so that a page is changed once for all that belong there.
func (t *tableChange) file(ctx context.Context, tx *sql.Tx) error {
	if t.recent == nil || len(t.added) == 0 {
		return nil
	}
	due := t.recent.due(len(t.added))
	t.filed = len(due)
	due = slices.DeleteFunc(slices.Clone(due), func(p idRow) bool { return p.row == 0 })
	whole := len(due) - len(due)%filedRows
	if err := fileAll(ctx, tx, t.of.ids, due[:whole], filedRows); err != nil {
		return err
	}
	return fileAll(ctx, tx, t.of.ids, due[whole:], 1)
}

// fileAll puts ids into the index, n with each statement. An id that is there
// had a row that is gone.
func fileAll(ctx context.Context, tx *sql.Tx, table string, points []idRow, n int) error {
	if len(points) == 0 {
		return nil
	}
	statement, err := tx.PrepareContext(ctx, `INSERT OR FAIL INTO `+table+` (id, row) VALUES `+
		strings.Repeat(`(?, ?), `, n-1)+`(?, ?) ON CONFLICT (id) DO UPDATE SET row = excluded.row`)
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	args := make([]any, 0, 2*n)
	for some := range slices.Chunk(points, n) {
		args = args[:0]
		for i := range some {
			args = append(args, some[i].id[:], some[i].row)
		}
		if _, err := statement.ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}
