package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// statementRows is how many rows one statement inserts: past a dozen there is
// nothing left to save.
const statementRows = 16

// locate returns the numbers of the rows of ids, 0 for those that have none.
// Another program may have deleted a row that is found.
func locate(ctx context.Context, db preparer, of table, recent *recent, ids []pipeline.PointID) ([]int64, error) {
	from, rows, unknown := of.name, make([]int64, len(ids)), places(len(ids))
	if recent != nil {
		from = of.ids
		rows, unknown = recent.findAll(ids)
	}
	var row int64
	err := ask(ctx, db, `t.row FROM `+from+` AS t`, ids, unknown, []any{&row}, func(i int) error {
		rows[i] = row
		return nil
	})
	return rows, err
}

// locate is the same for a change.
func (c *change) locate(ctx context.Context, of table, ids []pipeline.PointID) ([]int64, error) {
	t, err := c.table(ctx, of)
	if err != nil {
		return nil, err
	}
	return locate(ctx, c.tx, of, t.recent, ids)
}

// askRows reads rows by their numbers, of which those that are 0 are passed
// over. what is the statement between the number, which is read first, and its
// WHERE; each is told the place in numbers of a row that was read into into.
func askRows(ctx context.Context, db preparer, what string, numbers []int64, into []any, each func(i int) error) error {
	some := places(len(numbers))
	some = slices.DeleteFunc(some, func(i int) bool { return numbers[i] == 0 })
	if len(some) == 0 {
		return nil
	}
	slices.SortFunc(some, func(a, b int) int { return cmp.Compare(numbers[a], numbers[b]) })
	n := min(len(some), askedIDs)
	statement, err := db.PrepareContext(ctx, `SELECT row, `+what+` WHERE row IN (`+placeholders(n)+`) ORDER BY row`)
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	args := make([]any, n)
	for some := range slices.Chunk(some, n) {
		for i := range args {
			args[i] = numbers[some[min(i, len(some)-1)]] // the last one again fills what is left
		}
		if err := askSomeRows(ctx, statement, args, into, numbers, some, each); err != nil {
			return err
		}
	}
	return nil
}

// askSomeRows reads the rows of one statement. some are places in numbers, in
// the order of the numbers.
func askSomeRows(ctx context.Context, statement *sql.Stmt, args, into []any, numbers []int64, some []int, each func(i int) error) error {
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var number int64
	columns := append([]any{&number}, into...)
	for rows.Next() {
		if err := rows.Scan(columns...); err != nil {
			return err
		}
		for len(some) > 0 && numbers[some[0]] < number {
			some = some[1:]
		}
		if len(some) == 0 || numbers[some[0]] != number {
			return damage(errors.New("the rows of a table are out of order"))
		}
		if err := each(some[0]); err != nil {
			return err
		}
	}
	return rows.Err()
}

// put writes rows of one vector: those of points that are there take their
// places, others come behind the last.
func (c *change) put(ctx context.Context, of table, rows []row) error {
	t, err := c.table(ctx, of)
	if err != nil {
		return err
	}
	ids := make([]pipeline.PointID, len(rows))
	for i := range rows {
		ids[i] = rows[i].point.ID
	}
	numbers, err := locate(ctx, c.tx, of, t.recent, ids)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].number = numbers[i]
	}
	if err := replaceAll(ctx, c.tx, of, rows); err != nil {
		return err
	}
	first := t.next
	for i := range rows {
		if rows[i].number == 0 {
			rows[i].number = t.next
			t.next++
			t.added = append(t.added, idRow{ids[i], rows[i].number})
		}
	}
	if err := insertAll(ctx, c.tx, of, rows, first); err != nil {
		return err
	}
	if err := t.file(ctx, c.tx); err != nil {
		return err
	}
	if of.sparse == "" {
		return nil
	}
	return insertSparse(ctx, c.tx, of, rows, first)
}

// replaceAll writes the rows that have a number in the place of what is there,
// and takes the numbers away from those whose place is gone.
func replaceAll(ctx context.Context, tx *sql.Tx, of table, rows []row) error {
	if !slices.ContainsFunc(rows, func(r row) bool { return r.number != 0 }) {
		return nil
	}
	statement, err := tx.PrepareContext(ctx, `UPDATE OR FAIL `+of.name+`
		SET made = ?, chunk = ?, chunks = ?, vec = ?, doc = ?, text = ?, payload = ? WHERE row = ? AND id = ?`)
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	var columns columns
	for i := range rows {
		if rows[i].number == 0 {
			continue
		}
		columns.reset()
		columns.add(&rows[i])
		done, err := statement.ExecContext(ctx, append(columns.args, rows[i].number, rows[i].point.ID[:])...)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return err
		}
		if n == 0 {
			rows[i].number = 0
		}
	}
	return nil
}

// insertAll writes the rows whose numbers are first or above.
func insertAll(ctx context.Context, tx *sql.Tx, of table, rows []row, first int64) error {
	fresh := make([]*row, 0, len(rows))
	for i := range rows {
		if rows[i].number >= first {
			fresh = append(fresh, &rows[i])
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	whole := len(fresh) - len(fresh)%statementRows
	if err := insert(ctx, tx, of.name, fresh[:whole], statementRows); err != nil {
		return err
	}
	if err := insert(ctx, tx, of.name, fresh[whole:], 1); err != nil {
		return err
	}
	if of.keys == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT OR FAIL INTO `+of.keys+` SELECT row, id, made, chunks FROM `+of.name+` WHERE row >= ?`, first)
	return err
}

// insert writes rows, n with each statement. A row that cannot be written
// fails without taking back the rows before it, which the transaction does:
// else SQLite copied each page aside before it changed it.
func insert(ctx context.Context, tx *sql.Tx, table string, rows []*row, n int) error {
	if len(rows) == 0 {
		return nil
	}
	statement, err := tx.PrepareContext(ctx, `INSERT OR FAIL INTO `+table+` (row, id, made, chunk, chunks, vec, doc, text, payload) VALUES `+
		strings.Repeat(`(?, ?, ?, ?, ?, ?, ?, ?, ?), `, n-1)+`(?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	columns := columns{args: make([]any, 0, 9*n), blob: make([]byte, 0, n*4*len(rows[0].point.Vector))}
	for some := range slices.Chunk(rows, n) {
		columns.reset()
		for _, r := range some {
			columns.args = append(columns.args, r.number, r.point.ID[:])
			columns.add(r)
		}
		if _, err := statement.ExecContext(ctx, columns.args...); err != nil {
			return err
		}
	}
	return nil
}
