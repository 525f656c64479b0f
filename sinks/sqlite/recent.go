package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"slices"
	"sync"

	"github.com/vecload/vecload/pipeline"
)

// recentRows is how many points wait to be put into the index of ids. Ids are
// hashes, so that of some points that come in one after the other each has a
// page of the index of its own. Of this many, sorted, a page takes about five
// when ten million are in the index, and fifty when it is a million. Twice as
// many, of 24 bytes each, are held at most; they are read again from the table
// keys when the file is opened.
const recentRows = 128 << 10

// idRow says where a point stands.
type idRow struct {
	id  pipeline.PointID
	row int64
}

// extent is what the table vectors says of the rows of a vector. No number is
// given twice, so that a row that is found is never another point's.
type extent struct {
	filed int64 // up to which the ids of rows are in the index of ids
	next  int64 // the number of the next row
}

// recent has the ids of rows that are not in a vector's index of ids yet. They
// gather in fresh; when there are enough they are put in order and go from
// there into the index, some with each change. A crash loses nothing: what is
// here is read from the file.
//
// What is found here may have been deleted by another program: then there is
// no row of this number.
type recent struct {
	changing sync.Mutex // held from when a change looks here until it is noted

	lot int // how many wait, see [recentRows]

	mutex  sync.Mutex // guards what follows
	known  bool
	extent extent
	fresh  map[pipeline.PointID]int64
	filing []idRow // by id; they stay here until all are in the index; row 0 where one was deleted
	filed  int     // how many of them are in the index
	upTo   int64   // the last row of those in filing
	// filter has all ids of the index where whole is true, which is so in a file
	// that was empty when it was opened: then most points that are new are known
	// to be new without a look at the index.
	filter filter
	whole  bool
}

// find returns the row of an id, 0 where it is not a recent one.
func (r *recent) find(id pipeline.PointID) int64 {
	if row, ok := r.fresh[id]; ok {
		return row
	}
	if place, ok := r.search(id); ok {
		return r.filing[place].row
	}
	return 0
}

func (r *recent) search(id pipeline.PointID) (place int, ok bool) {
	return slices.BinarySearchFunc(r.filing, id, func(a idRow, id pipeline.PointID) int { return bytes.Compare(a.id[:], id[:]) })
}

// findAll returns the rows of ids, 0 for those that are not here, and the
// places of those that may be in the index.
func (r *recent) findAll(ids []pipeline.PointID) (rows []int64, unknown []int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	rows = make([]int64, len(ids))
	for i := range ids {
		rows[i] = r.find(ids[i])
		if rows[i] == 0 && (!r.whole || r.filter.mayHold(&ids[i])) {
			unknown = append(unknown, i)
		}
	}
	return rows, unknown
}

// sync brings what is known here up to what the file says. The caller holds
// changing.
func (r *recent) sync(ctx context.Context, db querier, of table) error {
	now, err := readExtent(ctx, db, of)
	if err != nil {
		return err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	from := r.extent.next
	switch {
	case r.known && now == r.extent:
		return nil
	case !r.known, now.filed != r.extent.filed, now.next < from:
		// Another process has filed rows, or this one does not know whether it did.
		r.fresh, r.filing, r.filed = map[pipeline.PointID]int64{}, nil, 0
		r.filter, r.whole = filter{}, now.filed == 0
		from = now.filed + 1
	}
	r.known = false // until all is read
	if err := r.read(ctx, db, of, from, now.next); err != nil {
		return err
	}
	r.known, r.extent = true, now
	return nil
}

func readExtent(ctx context.Context, db querier, of table) (extent, error) {
	var e extent
	rows, err := db.QueryContext(ctx, `SELECT filed, next FROM vectors WHERE id = ?`, of.id)
	if err != nil {
		return e, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&e.filed, &e.next); err != nil {
			return e, err
		}
	}
	return e, rows.Err()
}

// read adds the rows from one number up to another, which is not among them.
func (r *recent) read(ctx context.Context, db querier, of table, from, to int64) error {
	if from >= to {
		return nil
	}
	rows, err := db.QueryContext(ctx, `SELECT row, id FROM `+of.keys+` WHERE row >= ? AND row < ?`, from, to)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id sql.RawBytes
	for rows.Next() {
		var point idRow
		if err := rows.Scan(&point.row, &id); err != nil {
			return err
		}
		if len(id) != len(point.id) {
			return damaged(point.row)
		}
		copy(point.id[:], id)
		r.fresh[point.id] = point.row
	}
	return rows.Err()
}

// due returns which ids a change that adds points is to put into the index,
// in their order: so many that all are there before as many have come again.
func (r *recent) due(added int) []idRow {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.filing) == 0 && len(r.fresh) >= r.lot {
		r.freeze()
	}
	left := r.filing[r.filed:]
	if len(r.filing) > r.lot+r.lot/2 {
		return left // a run was killed that had not put away all; they get no more
	}
	return left[:min(2*added, len(left))]
}

// freeze takes what is fresh to put it into the index.
func (r *recent) freeze() {
	r.filing = slices.Grow(r.filing, len(r.fresh))
	for id, row := range r.fresh {
		r.filing = append(r.filing, idRow{id, row})
	}
	slices.SortFunc(r.filing, func(a, b idRow) int { return bytes.Compare(a.id[:], b.id[:]) })
	clear(r.fresh)
	r.upTo = r.extent.next - 1
}

// extentAfter returns what the file is to say after a change that added rows
// up to next and put so many ids into the index.
func (r *recent) extentAfter(next int64, filed int) extent {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	e := extent{filed: r.extent.filed, next: next}
	if len(r.filing) > 0 && r.filed+filed == len(r.filing) {
		e.filed = r.upTo
	}
	return e
}

// note takes in a change that the file has.
func (r *recent) note(now extent, added []idRow, filed int, gone []pipeline.PointID) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, point := range added {
		r.fresh[point.id] = point.row
	}
	for _, id := range gone {
		delete(r.fresh, id)
		if place, ok := r.search(id); ok && place >= r.filed {
			r.filing[place].row = 0
		}
	}
	if r.whole {
		r.filter.add(r.filing[r.filed:][:filed])
	}
	if r.filed += filed; r.filed == len(r.filing) {
		r.filing, r.filed = r.filing[:0], 0
	}
	r.extent = now
}

// forget has the file read again, after a change of which it is not known
// whether the file has it.
func (r *recent) forget() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.known = false
}

// isKnown reports whether the file was read.
func (r *recent) isKnown() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.known
}
