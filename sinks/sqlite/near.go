package sqlite

import (
	"context"
	"database/sql"
	"slices"

	"github.com/vecload/vecload/pipeline"
)

// storedKeys finds what is stored of ids in the table keys. A run mostly asks
// in the order in which an earlier one wrote, so that the rows of a group are
// neighbours: where some of them are, all between are read, which takes a
// fraction of the time of looking up each. Only what is not there is looked up.
func (x *Index) storedKeys(ctx context.Context, db *sql.DB, of table, ids []pipeline.PointID, found []pipeline.Stored) error {
	recent, err := x.synced(ctx, db, of)
	if err != nil {
		return err
	}
	from, to, err := around(ctx, db, of, recent, ids)
	if err != nil {
		return err
	}
	if from < to {
		if err := readKeys(ctx, db, of, from, to, ids, found); err != nil {
			return err
		}
	}
	rows, far := recent.findAll(ids)
	far = slices.DeleteFunc(far, func(i int) bool { return found[i].Found })
	for i := range ids {
		if found[i].Found {
			rows[i] = 0
		}
	}
	var made sql.RawBytes
	var chunks int64
	err = askRows(ctx, db, `made, chunks FROM `+of.keys, rows, []any{&made, &chunks}, func(i int) (err error) {
		found[i], err = readStored(made, chunks)
		return pointDamage(ids[i], err)
	})
	if err != nil {
		return err
	}
	return askStored(ctx, db, `k.made, k.chunks FROM `+of.ids+` AS t CROSS JOIN `+of.keys+` AS k ON k.row = t.row`, ids, far, found)
}

const (
	// nearAsked is how many ids tell where the rows of a group are. With fewer
	// in the group all are looked up.
	nearAsked = 8
	nearLeast = 16 * nearAsked
	// nearSpan is how many rows may be read for each that is asked for: reading
	// one takes an eighth of the time of looking it up.
	nearSpan = 4
)

// around returns the numbers between which the rows of ids seem to be, none
// where they are far from each other.
func around(ctx context.Context, db *sql.DB, of table, recent *recent, ids []pipeline.PointID) (from, to int64, err error) {
	if len(ids) < nearLeast {
		return 0, 0, nil
	}
	sample := make([]pipeline.PointID, nearAsked)
	for i := range sample {
		sample[i] = ids[i*(len(ids)-1)/(nearAsked-1)]
	}
	rows, err := locate(ctx, db, of, recent, sample)
	if err != nil {
		return 0, 0, err
	}
	rows = slices.DeleteFunc(rows, func(row int64) bool { return row == 0 })
	if len(rows) < nearAsked/2 {
		return 0, 0, nil
	}
	n, first, last := int64(len(ids)), slices.Min(rows), slices.Max(rows)
	if last-first > nearSpan*n {
		return 0, 0, nil
	}
	return first - n/nearAsked, last + n/nearAsked + 1, nil
}

// readKeys reads the rows from one number up to another, which is not among
// them, and takes what was asked for.
func readKeys(ctx context.Context, db *sql.DB, of table, from, to int64, ids []pipeline.PointID, found []pipeline.Stored) error {
	asked := make(map[pipeline.PointID]int, len(ids))
	for i, id := range ids {
		asked[id] = i
	}
	rows, err := db.QueryContext(ctx, `SELECT id, made, chunks FROM `+of.keys+` WHERE row >= ? AND row < ?`, from, to)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id, made sql.RawBytes
	var chunks int64
	for rows.Next() {
		if err := rows.Scan(&id, &made, &chunks); err != nil {
			return err
		}
		if len(id) != len(pipeline.PointID{}) {
			continue // it is not what was asked for
		}
		i, ok := asked[pipeline.PointID(id)]
		if !ok {
			continue
		}
		if found[i], err = readStored(made, chunks); err != nil {
			return pointDamage(ids[i], err)
		}
	}
	return rows.Err()
}
