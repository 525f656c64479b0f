package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/vecload/vecload/pipeline"
)

const upsert = `INSERT INTO points (id, vec, doc, chunk, chunks, text, payload) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET vec = excluded.vec, doc = excluded.doc, chunk = excluded.chunk,
	chunks = excluded.chunks, text = excluded.text, payload = excluded.payload`

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
	db, space, err := x.writing()
	if err != nil {
		return err
	}
	// Encoded before the lock is taken, so that several writers share the work.
	rows, err := encode(points, space.Dim)
	if err != nil {
		return x.fail("write", err)
	}
	tx, err := x.begin(ctx, db)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	insert, err := tx.PrepareContext(ctx, upsert)
	if err != nil {
		return x.failContext(ctx, "write", err)
	}
	defer insert.Close() //nolint:errcheck // the transaction decides
	for i := range rows {
		p := rows[i].point
		if _, err := insert.ExecContext(ctx, p.ID[:], rows[i].vec, p.Doc, p.Chunk, p.Chunks,
			p.Text, rows[i].payload); err != nil {
			return x.failContext(ctx, "write", err)
		}
	}
	return x.failContext(ctx, "write", tx.Commit())
}

func encode(points []pipeline.Point, dim int) ([]row, error) {
	rows := make([]row, len(points))
	blobs := make([]byte, 4*dim*len(points))
	var text []byte
	for i := range points {
		p := &points[i]
		blob := blobs[4*dim*i : 4*dim*(i+1)]
		if err := encodeVector(blob, p.Vector); err != nil {
			return nil, fmt.Errorf("point %s: %w", p.ID, err)
		}
		text = pipeline.AppendJSONFields(text[:0], p.Payload)
		rows[i] = row{point: p, vec: blob, payload: string(text)}
	}
	return rows, nil
}

// encodeVector writes v, made to length 1, into blob (4 × dim bytes). A
// vector whose length is 1 already, as far as float32 can say, keeps its bits.
func encodeVector(blob []byte, v pipeline.Vector) error {
	if 4*len(v) != len(blob) {
		return fmt.Errorf("the vector has %d components, the index %d", len(v), len(blob)/4)
	}
	scale, err := unitScale(v)
	if err != nil {
		return err
	}
	for i, f := range v {
		if scale != 1 {
			f = float32(float64(f) * scale)
		}
		binary.LittleEndian.PutUint32(blob[4*i:], math.Float32bits(f))
	}
	return nil
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
