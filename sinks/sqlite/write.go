package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// statementRows is how many rows one statement inserts: past a dozen there is
// nothing left to save.
const statementRows = 16

// upsert is the statement that inserts or replaces n rows of a table. A row
// that cannot be written fails without taking back the rows before it, which
// the transaction does: else SQLite copied each page of the indexes aside
// before it changed it, which took a third of the time.
func upsert(table string, n int) string {
	return `INSERT OR FAIL INTO ` + table + ` (id, made, chunk, chunks, vec, doc, text, payload) VALUES ` +
		strings.Repeat(`(?, ?, ?, ?, ?, ?, ?, ?), `, n-1) + `(?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET made = excluded.made, chunk = excluded.chunk, chunks = excluded.chunks,
	vec = excluded.vec, doc = excluded.doc, text = excluded.text, payload = excluded.payload`
}

// row is a point as it is stored.
type row struct {
	point   *pipeline.Point
	vec     []byte
	payload string
}

// Write implements [pipeline.Index]: all points in one transaction, so that
// after an error none was written.
func (x *Index) Write(ctx context.Context, points []pipeline.Point) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	db, of, err := x.writing()
	if err != nil {
		return err
	}
	// Encoded before the lock is taken, so that several writers share the work.
	rows, err := encode(points, of)
	if err != nil {
		return x.fail("write", err)
	}
	return x.change(ctx, db, "write", func(tx *sql.Tx) error {
		for name, some := range rows {
			if err := insertAll(ctx, tx, of[name].name, some); err != nil {
				return err
			}
			if of[name].sparse == "" {
				continue
			}
			if err := insertSparse(ctx, tx, of[name], some); err != nil {
				return err
			}
		}
		return nil
	})
}

// change lets f change points in one transaction, unless a lease that this
// handle had is lost.
func (x *Index) change(ctx context.Context, db *sql.DB, verb string, f func(tx *sql.Tx) error) error {
	tx, err := x.begin(ctx, db)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if err := x.checkLease(ctx, tx); err != nil {
		return x.failContext(ctx, verb, err)
	}
	if err := f(tx); err != nil {
		return x.failContext(ctx, verb, err)
	}
	if err := tx.Commit(); err != nil {
		return x.failContext(ctx, verb, err)
	}
	return x.fail(verb, x.sameFile())
}

// sameFile returns an error when the file that is written to is not the one
// that readers find any more. It is asked after a change was made, so that
// what was counted as written is there.
func (x *Index) sameFile() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.opened.see(x.options.Path)
}

// insertAll writes rows of one table.
func insertAll(ctx context.Context, tx *sql.Tx, table string, rows []row) error {
	whole := len(rows) - len(rows)%statementRows
	if err := insert(ctx, tx, table, rows[:whole], statementRows); err != nil {
		return err
	}
	return insert(ctx, tx, table, rows[whole:], 1)
}

// insert writes rows, n with each statement.
func insert(ctx context.Context, tx *sql.Tx, table string, rows []row, n int) error {
	if len(rows) == 0 {
		return nil
	}
	statement, err := tx.PrepareContext(ctx, upsert(table, n))
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	args := make([]any, 0, 8*n)
	for some := range slices.Chunk(rows, n) {
		args = args[:0]
		for i := range some {
			p := some[i].point
			args = append(args, p.ID[:], madeBlob(p.Made), p.Chunk, p.Chunks, some[i].vec, p.Doc, p.Text, some[i].payload)
		}
		if _, err := statement.ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// encode returns the rows of each vector.
func encode(points []pipeline.Point, of tables) (map[string][]row, error) {
	rows, size := map[string][]row{}, 0
	for i := range points {
		p := &points[i]
		table, ok := of[p.Name]
		switch {
		case !ok:
			return nil, fmt.Errorf("point %s: the index has no vector %q, it has %q", p.ID, p.Name, of.spaces().Names())
		case len(p.Vector) != table.space.Dim:
			return nil, fmt.Errorf("point %s: the vector %q has %d components, the index %d",
				p.ID, p.Name, len(p.Vector), table.space.Dim)
		case table.sparse == "" && p.Sparse.Len() > 0:
			return nil, fmt.Errorf("point %s: the vector %q has no sparse one beside it", p.ID, p.Name)
		}
		if err := p.Sparse.Validate(); err != nil {
			return nil, fmt.Errorf("point %s: %w", p.ID, err)
		}
		size += 4 * len(p.Vector)
	}
	blobs := make([]byte, size)
	var text []byte
	for i := range points {
		p := &points[i]
		n := 4 * len(p.Vector)
		blob := blobs[:n:n]
		blobs = blobs[n:]
		if err := encodeVector(blob, p.Vector); err != nil {
			return nil, fmt.Errorf("point %s: %w", p.ID, err)
		}
		text = pipeline.AppendJSONFields(text[:0], p.Payload)
		rows[p.Name] = append(rows[p.Name], row{point: p, vec: blob, payload: string(text)})
	}
	return rows, nil
}

// encodeVector writes v, made to length 1, into blob, which has 4 bytes a
// component. A vector whose length is 1 already, as far as float32 can say,
// keeps its bits.
func encodeVector(blob []byte, v pipeline.Vector) error {
	scale, err := unitScale(v)
	if err != nil {
		return err
	}
	putVector(blob, v, scale)
	return nil
}

func putVector(blob []byte, v []float32, scale float64) {
	for i, f := range v {
		if scale != 1 {
			f = float32(float64(f) * scale)
		}
		binary.LittleEndian.PutUint32(blob[4*i:], math.Float32bits(f))
	}
}

// unitScale returns what v is to be multiplied with to have length 1.
func unitScale(v pipeline.Vector) (float64, error) {
	var square float64
	for _, f := range v {
		square += float64(f) * float64(f)
	}
	switch {
	case math.IsNaN(square) || math.IsInf(square, 0):
		return 0, errors.New("the vector has a component that is not a finite number")
	case square == 0:
		return 0, errors.New("the vector is zero and has no direction")
	case math.Abs(square-1) < 1e-6:
		return 1, nil
	}
	return 1 / math.Sqrt(square), nil
}

// decodeVector reads what putVector wrote.
func decodeVector(blob []byte) pipeline.Vector {
	v := make(pipeline.Vector, len(blob)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(blob[4*i:]))
	}
	return v
}
