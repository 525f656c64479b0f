package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/vecload/vecload/pipeline"
)

// row is a point as it is stored.
type row struct {
	number  int64 // 0 until it is known
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
