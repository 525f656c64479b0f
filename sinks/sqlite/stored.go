package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// askedIDs is how many ids one statement asks for. From a hundred on the
// number makes no difference.
const askedIDs = 500

// Stored implements [pipeline.Refresher]. It reads no points.
func (x *Index) Stored(ctx context.Context, name string, ids []pipeline.PointID) ([]pipeline.Stored, error) {
	db, of, err := x.refreshing(ctx, name)
	if err != nil {
		return nil, err
	}
	found := make([]pipeline.Stored, len(ids))
	if of.keys == "" {
		err = askStored(ctx, db, `t.made, t.chunks FROM `+of.name+` AS t INDEXED BY `+of.name+`_made`, ids, places(len(ids)), found)
	} else {
		err = x.storedKeys(ctx, db, of, ids, found)
	}
	if err != nil {
		return nil, x.failContext(ctx, "read", err)
	}
	return found, nil
}

// askStored asks for those of ids that are at some places.
func askStored(ctx context.Context, db preparer, what string, ids []pipeline.PointID, some []int, found []pipeline.Stored) error {
	var made sql.RawBytes
	var chunks int64
	return ask(ctx, db, what, ids, some, []any{&made, &chunks}, func(i int) (err error) {
		found[i], err = readStored(made, chunks)
		return err
	})
}

func readStored(made []byte, chunks int64) (s pipeline.Stored, err error) {
	s.Found = true
	if s.Made, err = readMade(made); err != nil {
		return s, err
	}
	s.Chunks, err = readPlace(chunks)
	return s, err
}

// Vectors implements [pipeline.Refresher].
func (x *Index) Vectors(ctx context.Context, name string, ids []pipeline.PointID) ([]pipeline.Vector, error) {
	db, of, err := x.refreshing(ctx, name)
	if err != nil {
		return nil, err
	}
	found := make([]pipeline.Vector, len(ids))
	if err := x.readVectors(ctx, db, of, ids, found); err != nil {
		return nil, x.failContext(ctx, "read", err)
	}
	return found, nil
}

func (x *Index) readVectors(ctx context.Context, db *sql.DB, of table, ids []pipeline.PointID, found []pipeline.Vector) error {
	recent, err := x.synced(ctx, db, of)
	if err != nil {
		return err
	}
	rows, err := locate(ctx, db, of, recent, ids)
	if err != nil {
		return err
	}
	var vec sql.RawBytes
	return askRows(ctx, db, `vec FROM `+of.name, rows, []any{&vec}, func(i int) error {
		if len(vec) != 4*of.space.Dim {
			return pointDamage(ids[i], errLength)
		}
		found[i] = decodeVector(vec)
		return nil
	})
}

// preparer is a database or a transaction.
type preparer interface {
	querier
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// places are the numbers below n.
func places(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// ask reads rows by those of ids that are at some places. what is the
// statement between the id, which is read first, and its WHERE, and calls the
// table that has the ids t; into is where the columns go, and each is told
// the place in ids of a row that was read into them.
func ask(ctx context.Context, db preparer, what string, ids []pipeline.PointID, some []int, into []any, each func(i int) error) error {
	if len(some) == 0 {
		return nil
	}
	// In the order of ids, which is that of the answers and touches each page
	// of the index once.
	slices.SortFunc(some, func(a, b int) int { return bytes.Compare(ids[a][:], ids[b][:]) })
	n := min(len(some), askedIDs)
	statement, err := db.PrepareContext(ctx, `SELECT t.id, `+what+` WHERE t.id IN (`+placeholders(n)+`) ORDER BY t.id`)
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	args := make([]any, n)
	for some := range slices.Chunk(some, n) {
		for i := range args {
			args[i] = ids[some[min(i, len(some)-1)]][:] // the last one again fills what is left
		}
		if err := askSome(ctx, statement, args, into, ids, some, each); err != nil {
			return err
		}
	}
	return nil
}

// askSome reads the rows of one statement. some are places in ids, in the
// order of the ids.
func askSome(ctx context.Context, statement *sql.Stmt, args, into []any, ids []pipeline.PointID, some []int,
	each func(i int) error,
) error {
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id sql.RawBytes
	columns := append([]any{&id}, into...)
	for rows.Next() {
		if err := rows.Scan(columns...); err != nil {
			return err
		}
		for len(some) > 0 && bytes.Compare(ids[some[0]][:], id) < 0 {
			some = some[1:]
		}
		if len(some) == 0 || !bytes.Equal(ids[some[0]][:], id) {
			return damage(errors.New("an index of the points is out of order"))
		}
		if err := each(some[0]); err != nil {
			return pointDamage(ids[some[0]], err)
		}
	}
	return rows.Err()
}

// placeholders is a list of n parameters.
func placeholders(n int) string { return strings.Repeat(`?, `, n-1) + `?` }

// madeBlob is what the column made has: the digest of the input, then that of
// the rest.
func madeBlob(m pipeline.Made) []byte {
	return append(m.Input[:], m.Rest[:]...)
}

// readMade reads what madeBlob wrote.
func readMade(blob []byte) (pipeline.Made, error) {
	var m pipeline.Made
	if len(blob) != len(m.Input)+len(m.Rest) {
		return m, errLength
	}
	copy(m.Input[:], blob)
	copy(m.Rest[:], blob[len(m.Input):])
	return m, nil
}

// readPlace reads the place of a chunk or the number of chunks. No document
// has so many that they would not fit 31 bits.
func readPlace(n int64) (int, error) {
	if n < 0 || n > math.MaxInt32 {
		return 0, errPlace
	}
	return int(n), nil
}

var (
	errLength = errors.New("a column has another length than the index says")
	errPlace  = errors.New("the place of the chunk is out of range")
)

// damage is an error about a row that Write cannot have written.
func damage(err error) error {
	return &pipeline.Error{Class: pipeline.Fatal, Hint: damagedHint, Err: err}
}

// pointDamage is an error about a point, nil where there is none.
func pointDamage(id pipeline.PointID, err error) error {
	if err == nil {
		return nil
	}
	return damage(fmt.Errorf("point %s: %w", id, err))
}
