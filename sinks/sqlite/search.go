package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/vecload/vecload/pipeline"
)

// rangeRows is how many rows a scanner takes at a time: few enough to share
// the work evenly, many enough to forget the price of a query.
const rangeRows = 8192

// Search implements [pipeline.Searcher]. It reads every vector of the name once, on all
// cores, then the payloads of the hits. Its memory is limit candidates a
// core. A limit below 1 finds nothing.
func (x *Index) Search(ctx context.Context, name string, query pipeline.Vector, limit int) ([]pipeline.Hit, error) {
	db, all, err := x.reading(ctx)
	if err != nil {
		return nil, err
	}
	of, err := x.vector(all, name)
	if err != nil {
		return nil, err
	}
	unit, err := unitQuery(query, of.space.Dim)
	if err != nil {
		return nil, x.fail("search", err)
	}
	if limit < 1 {
		return nil, nil
	}
	best, err := scan(ctx, db, of.name, unit, limit)
	if err != nil {
		return nil, x.failContext(ctx, "search", err)
	}
	hits, err := fetch(ctx, db, of.name, best)
	if err != nil {
		return nil, x.failContext(ctx, "search", err)
	}
	for i := range hits {
		hits[i].Name = name
	}
	return hits, nil
}

func unitQuery(query pipeline.Vector, dim int) ([]float32, error) {
	if len(query) != dim {
		return nil, fmt.Errorf("the query has %d components, the index %d", len(query), dim)
	}
	scale, err := unitScale(query)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	unit := make([]float32, dim)
	for i, f := range query {
		unit[i] = float32(float64(f) * scale)
	}
	return unit, nil
}

// scan returns the best candidates of all rows of a table, best first.
func scan(ctx context.Context, db *sql.DB, table string, unit []float32, limit int) ([]candidate, error) {
	ranges, err := rangesOf(ctx, db, table)
	if err != nil {
		return nil, err
	}
	tops := newTops(limit)
	err = eachRange(ctx, ranges, func(ctx context.Context, worker int, from int64) error {
		return scanRange(ctx, db, table, unit, from, &tops[worker])
	})
	return tops.best(), err
}

// rangesOf returns where the ranges of a table's rows begin.
func rangesOf(ctx context.Context, db *sql.DB, table string) ([]int64, error) {
	var first, last sql.NullInt64
	if err := db.QueryRowContext(ctx, `SELECT min(rowid), max(rowid) FROM `+table).Scan(&first, &last); err != nil {
		return nil, err
	}
	var ranges []int64
	for from := first.Int64; first.Valid && from <= last.Int64; from += rangeRows {
		ranges = append(ranges, from)
	}
	return ranges, nil
}

// eachRange calls scan for each range, on all cores. Calls with one number of
// a worker, which is below GOMAXPROCS, come one after the other.
func eachRange(ctx context.Context, ranges []int64, scan func(ctx context.Context, worker int, from int64) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int64)
	var scanners sync.WaitGroup
	for worker := range min(runtime.GOMAXPROCS(0), len(ranges)) {
		scanners.Go(func() {
			for from := range next {
				if err := scan(ctx, worker, from); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
feed:
	for _, from := range ranges {
		select {
		case next <- from:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	scanners.Wait()
	return context.Cause(ctx)
}

func scanRange(ctx context.Context, db *sql.DB, table string, unit []float32, from int64, into *top) error {
	rows, err := db.QueryContext(ctx, `SELECT rowid, id, vec FROM `+table+` WHERE rowid >= ? AND rowid < ?`,
		from, from+rangeRows)
	if err != nil {
		return err
	}
	defer rows.Close()
	var c candidate
	var id, vec sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&c.row, &id, &vec); err != nil {
			return err
		}
		if len(vec) != 4*len(unit) || len(id) != len(c.id) {
			return damaged(c.row)
		}
		c.score = float64(dot(unit, vec))
		copy(c.id[:], id)
		into.add(c)
	}
	return rows.Err()
}

// fetch reads what the hits are. A point that was removed since the scan is
// left out, also when its row is another one's by now.
func fetch(ctx context.Context, db *sql.DB, table string, best []candidate) ([]pipeline.Hit, error) {
	hits := make([]pipeline.Hit, 0, len(best))
	if len(best) == 0 {
		return hits, nil
	}
	read, err := db.PrepareContext(ctx, `SELECT doc, chunk, chunks, text, payload FROM `+table+` WHERE rowid = ? AND id = ?`)
	if err != nil {
		return nil, err
	}
	defer read.Close()
	for _, c := range best {
		hit := pipeline.Hit{Point: pipeline.Point{ID: c.id}, Score: c.score}
		var payload []byte
		err := read.QueryRowContext(ctx, c.row, c.id[:]).Scan(&hit.Doc, &hit.Chunk, &hit.Chunks, &hit.Text, &payload)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err == nil {
			hit.Payload, err = decodePayload(payload)
		}
		if err != nil {
			return nil, fmt.Errorf("point %s: %w", c.id, err)
		}
		hits = append(hits, hit)
	}
	return hits, nil
}

func damaged(row int64) error {
	return &pipeline.Error{
		Op: fmt.Sprintf("row %d", row), Class: pipeline.Fatal,
		Hint: damagedHint,
		Err:  errors.New("its id or its vector has another length than the index says"),
	}
}

// decodePayload reads what Write wrote.
func decodePayload(text []byte) ([]pipeline.Field, error) {
	var value pipeline.Value
	if err := value.UnmarshalJSON(text); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if value.Kind() != pipeline.KindObject {
		return nil, fmt.Errorf("payload: is of kind %s, not an object", value.Kind())
	}
	return value.Object(), nil
}
