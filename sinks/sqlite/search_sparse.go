package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"

	"github.com/vecload/vecload/pipeline"
)

// SearchSparse implements [pipeline.SparseSearcher]. It reads the sparse
// vectors of the name on all cores, all of them to count words, and once more
// those of ranges in which some were found. Only points that are there count.
// Its memory is limit candidates a core.
func (x *Index) SearchSparse(ctx context.Context, name string, query pipeline.Sparse, limit int) ([]pipeline.Hit, error) {
	db, all, err := x.reading(ctx)
	if err != nil {
		return nil, err
	}
	of, err := x.vector(all, name)
	if err != nil {
		return nil, err
	}
	if of.sparse == "" {
		return nil, x.problem(fmt.Sprintf("the index was made without what finds words, for its vector %q", name),
			"index the corpus again into another file, with index.hybrid in the configuration or --hybrid")
	}
	if err := query.Validate(); err != nil {
		return nil, x.fail("search", err)
	}
	if limit < 1 || query.Len() == 0 {
		return nil, nil
	}
	best, err := scanSparse(ctx, db, of.sparse, query, limit)
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

// scanSparse returns the best candidates of a table of sparse vectors, best
// first.
func scanSparse(ctx context.Context, db *sql.DB, table string, query pipeline.Sparse, limit int) ([]candidate, error) {
	ranges, err := rangesOf(ctx, db, table)
	if err != nil {
		return nil, err
	}
	tallies := make([]tally, runtime.GOMAXPROCS(0))
	err = eachRange(ctx, ranges, func(ctx context.Context, worker int, from int64) error {
		return tallies[worker].count(ctx, db, table, query, from)
	})
	if err != nil {
		return nil, err
	}
	total := tally{with: make([]int, query.Len())}
	for i := range tallies {
		total.add(&tallies[i])
	}
	idf := make([]float64, query.Len())
	for i := range idf {
		idf[i] = pipeline.IDF(total.points, total.with[i])
	}
	tops := newTops(limit)
	err = eachRange(ctx, total.found, func(ctx context.Context, worker int, from int64) error {
		return score(ctx, db, table, query, idf, from, &tops[worker])
	})
	return tops.best(), err
}

// tally counts what the IDF is of.
type tally struct {
	points int
	with   []int   // of each index of the query
	found  []int64 // ranges that have some of them
}

func (t *tally) add(other *tally) {
	t.points += other.points
	for i, n := range other.with {
		t.with[i] += n
	}
	t.found = append(t.found, other.found...)
}

// count counts the points of a range.
func (t *tally) count(ctx context.Context, db *sql.DB, table string, query pipeline.Sparse, from int64) error {
	rows, err := db.QueryContext(ctx, `SELECT row, weights FROM `+table+` WHERE row >= ? AND row < ?`, from, from+rangeRows)
	if err != nil {
		return err
	}
	defer rows.Close()
	if t.with == nil {
		t.with = make([]int, query.Len())
	}
	var row int64
	var blob sql.RawBytes
	some := false
	for rows.Next() {
		if err := rows.Scan(&row, &blob); err != nil {
			return err
		}
		w := weights(blob)
		if !w.valid() {
			return damaged(row)
		}
		t.points++
		for i, place := 0, 0; i < query.Len(); i++ {
			var ok bool
			if place, ok = w.find(place, query.Indices[i]); ok {
				t.with[i]++
				some = true
			}
		}
	}
	if some {
		t.found = append(t.found, from)
	}
	return rows.Err()
}

// score offers the points of a range that share an index with the query.
func score(ctx context.Context, db *sql.DB, table string, query pipeline.Sparse, idf []float64, from int64, into *top) error {
	rows, err := db.QueryContext(ctx, `SELECT row, point, weights FROM `+table+` WHERE row >= ? AND row < ?`, from, from+rangeRows)
	if err != nil {
		return err
	}
	defer rows.Close()
	var c candidate
	var id, blob sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&c.row, &id, &blob); err != nil {
			return err
		}
		w := weights(blob)
		if !w.valid() || len(id) != len(c.id) {
			return damaged(c.row)
		}
		shared := false
		c.score = 0
		for i, place := 0, 0; i < query.Len(); i++ {
			var ok bool
			if place, ok = w.find(place, query.Indices[i]); ok {
				shared = true
				// As pipeline.Sparse.Score has it, to the last bit.
				c.score += float64(float64(query.Values[i]) * w.value(place) * idf[i])
			}
		}
		if shared {
			copy(c.id[:], id)
			into.add(c)
		}
	}
	return rows.Err()
}
