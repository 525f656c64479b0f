package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math"

	"github.com/vecload/vecload/pipeline"
)

// listedRows is how many rows a statement of a list reads.
const listedRows = 1024

// Listed implements [pipeline.Refresher]. Points come in the order in which
// they were first written. They are read in pages, and between two pages
// nothing is open: a reader that lasts for minutes would keep the log from
// being folded into the file, and let it grow meanwhile.
func (x *Index) Listed(ctx context.Context, name string) iter.Seq2[pipeline.Listed, error] {
	return func(yield func(pipeline.Listed, error) bool) {
		fail := func(err error) { yield(pipeline.Listed{}, x.failContext(ctx, "list", err)) }
		db, of, err := x.refreshing(ctx, name)
		if err != nil {
			fail(err)
			return
		}
		query := `SELECT rowid, id, made, chunk, chunks, doc FROM ` + of.name + ` WHERE rowid > ? ORDER BY rowid LIMIT ?`
		page := make([]pipeline.Listed, 0, listedRows)
		for last := int64(math.MinInt64); ; {
			if page, last, err = readPage(ctx, db, query, page[:0], last); err != nil {
				fail(err)
				return
			}
			for _, listed := range page {
				if err := ctx.Err(); err != nil {
					fail(err)
					return
				}
				if !yield(listed, nil) {
					return
				}
			}
			if len(page) < listedRows {
				return
			}
		}
	}
}

// readPage appends the rows behind last to page, and returns the last of them.
func readPage(ctx context.Context, db *sql.DB, query string, page []pipeline.Listed, last int64) ([]pipeline.Listed, int64, error) {
	rows, err := db.QueryContext(ctx, query, last, listedRows)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var id, made sql.RawBytes
	var chunk, chunks int64
	for rows.Next() {
		var p pipeline.Listed
		if err := rows.Scan(&last, &id, &made, &chunk, &chunks, &p.Doc); err != nil {
			return nil, 0, err
		}
		if err := fill(&p, id, made, chunk, chunks); err != nil {
			return nil, 0, damage(fmt.Errorf("row %d: %w", last, err))
		}
		page = append(page, p)
	}
	return page, last, rows.Err()
}

func fill(p *pipeline.Listed, id, made []byte, chunk, chunks int64) (err error) {
	if len(id) != len(p.ID) {
		return errLength
	}
	copy(p.ID[:], id)
	if p.Made, err = readMade(made); err != nil {
		return err
	}
	if p.Chunk, err = readPlace(chunk); err != nil {
		return err
	}
	p.Chunks, err = readPlace(chunks)
	return err
}
