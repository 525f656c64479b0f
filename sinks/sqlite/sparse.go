package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"math"

	"github.com/vecload/vecload/pipeline"
)

// sparseTable is the statement that makes the table of a vector's sparse
// vectors, beside that of its points so that neither search reads what the
// other needs.
//
// A row a point is what a load can afford: with 75 terms a point it takes 8 %
// off the points that are written in a second, and a search takes as long as
// one by vectors of 384 dimensions. An inverted table, a row for each term of
// each point, was four times as fast to search, and took twice the room and 25
// times as long to write: 4,500 points a second are fewer than models embed.
func (t table) sparseTable() string {
	if t.sparse == "" {
		return ""
	}
	return `
CREATE TABLE ` + t.sparse + ` (
	row     INTEGER PRIMARY KEY NOT NULL,
	point   BLOB    NOT NULL CHECK (length(point) = 16),
	weights BLOB    NOT NULL CHECK (length(weights) > 0 AND length(weights) % 8 = 0)
) STRICT;
CREATE TRIGGER ` + t.sparse + `_gone AFTER DELETE ON ` + t.name + ` BEGIN
	DELETE FROM ` + t.sparse + ` WHERE row = old.row;
END;
`
}

// insertSparse writes the sparse vectors of rows. Those below first had one
// perhaps.
func insertSparse(ctx context.Context, tx *sql.Tx, of table, rows []row, first int64) error {
	put, err := tx.PrepareContext(ctx, `INSERT OR FAIL INTO `+of.sparse+` (row, point, weights) VALUES (?, ?, ?)
		ON CONFLICT (row) DO UPDATE SET weights = excluded.weights`)
	if err != nil {
		return err
	}
	defer func() { _ = put.Close() }()
	drop, err := tx.PrepareContext(ctx, `DELETE FROM `+of.sparse+` WHERE row = ?`)
	if err != nil {
		return err
	}
	defer func() { _ = drop.Close() }()
	var weights []byte
	for i := range rows {
		p := rows[i].point
		if p.Sparse.Len() == 0 {
			if rows[i].number >= first {
				continue
			}
			if _, err := drop.ExecContext(ctx, rows[i].number); err != nil {
				return err
			}
			continue
		}
		weights = appendWeights(weights[:0], p.Sparse)
		if _, err := put.ExecContext(ctx, rows[i].number, p.ID[:], weights); err != nil {
			return err
		}
	}
	return nil
}

// appendWeights appends what the column weights has.
func appendWeights(b []byte, s pipeline.Sparse) []byte {
	for _, index := range s.Indices {
		b = binary.LittleEndian.AppendUint32(b, index)
	}
	for _, value := range s.Values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(value))
	}
	return b
}

// weights reads the column of that name without copying it.
type weights []byte

// valid reports whether the column has the length of one.
func (w weights) valid() bool { return len(w) > 0 && len(w)%8 == 0 }

// find returns the place of the first index, from the place from on, that is
// not below index, and whether it is that index.
func (w weights) find(from int, index uint32) (place int, ok bool) {
	low, high := from, len(w)/8
	for low < high {
		middle := int(uint(low+high) / 2)
		if w.index(middle) < index {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < len(w)/8 && w.index(low) == index
}

func (w weights) index(place int) uint32 { return binary.LittleEndian.Uint32(w[4*place:]) }

func (w weights) value(place int) float64 {
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(w[len(w)/2+4*place:])))
}
