package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/vecload/vecload/pipeline"
)

// row is a point that is going to be stored.
type row struct {
	number int64 // 0 until it is known
	point  *pipeline.Point
	scale  float64 // by which its vector has length 1
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
	// Looked at before the lock is taken: what cannot be written changes nothing.
	rows, err := rowsOf(points, of)
	if err != nil {
		return x.fail("write", err)
	}
	return x.change(ctx, db, "write", func(c *change) error {
		for name, some := range rows {
			if err := c.put(ctx, of[name], some); err != nil {
				return err
			}
		}
		return nil
	})
}

// sameFile returns an error when the file that is written to is not the one
// that readers find any more. It is asked after a change was made, so that
// what was counted as written is there.
func (x *Index) sameFile() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.opened.see(x.options.Path)
}

// rowsOf returns the rows of each vector.
func rowsOf(points []pipeline.Point, of tables) (map[string][]row, error) {
	rows := make(map[string][]row, len(of))
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
		scale, err := unitScale(p.Vector)
		if err != nil {
			return nil, fmt.Errorf("point %s: %w", p.ID, err)
		}
		if rows[p.Name] == nil {
			rows[p.Name] = make([]row, 0, len(points)-i)
		}
		rows[p.Name] = append(rows[p.Name], row{point: p, scale: scale})
	}
	return rows, nil
}

// columns makes the arguments of statements, in memory that is used again:
// SQLite copies what it is given.
type columns struct {
	args []any
	blob []byte
	text []byte
}

// reset begins the next statement.
func (c *columns) reset() { c.args, c.blob = c.args[:0], c.blob[:0] }

// add appends the columns of a row but its number and id.
func (c *columns) add(r *row) {
	p, from := r.point, len(c.blob)
	c.blob = slices.Grow(c.blob, 4*len(p.Vector))[:from+4*len(p.Vector)]
	vec := c.blob[from:len(c.blob):len(c.blob)]
	putVector(vec, p.Vector, r.scale)
	c.text = pipeline.AppendJSONFields(c.text[:0], p.Payload)
	c.args = append(c.args, madeBlob(p.Made), p.Chunk, p.Chunks, vec, p.Doc, p.Text, string(c.text))
}

// putVector writes v, made to length 1, into blob, which has 4 bytes a
// component. A vector whose length is 1 already, as far as float32 can say,
// keeps its bits.
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
