package sqlite

import (
	"context"
	"fmt"
	"slices"

	"github.com/vecload/vecload/pipeline"
)

// Update implements [pipeline.Refresher]: all points in one transaction, so
// that after an error none was changed.
func (x *Index) Update(ctx context.Context, points []pipeline.Point) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	db, of, err := x.writing()
	if err != nil {
		return err
	}
	byName := map[string][]*pipeline.Point{}
	for i := range points {
		p := &points[i]
		if _, ok := of[p.Name]; !ok {
			return x.fail("update", fmt.Errorf("point %s: the index has no vector %q, it has %q", p.ID, p.Name, of.spaces().Names()))
		}
		byName[p.Name] = append(byName[p.Name], p)
	}
	return x.change(ctx, db, "update", func(c *change) error {
		for name, some := range byName {
			if err := c.update(ctx, of[name], some); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *change) update(ctx context.Context, of table, points []*pipeline.Point) error {
	ids := make([]pipeline.PointID, len(points))
	for i, p := range points {
		ids[i] = p.ID
	}
	rows, err := c.locate(ctx, of, ids)
	if err != nil {
		return err
	}
	statement, err := c.tx.PrepareContext(ctx, `UPDATE OR FAIL `+of.name+`
		SET made = ?, chunk = ?, chunks = ?, doc = ?, text = ?, payload = ? WHERE row = ? AND id = ?`)
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	var payload []byte
	for i, p := range points {
		if rows[i] == 0 {
			continue
		}
		payload = pipeline.AppendJSONFields(payload[:0], p.Payload)
		if _, err := statement.ExecContext(ctx, madeBlob(p.Made), p.Chunk, p.Chunks, p.Doc, p.Text, string(payload), rows[i], p.ID[:]); err != nil {
			return err
		}
	}
	return nil
}

// Delete implements [pipeline.Refresher]: all points in one transaction, so
// that after an error none was deleted. The file keeps the room for points to
// come.
func (x *Index) Delete(ctx context.Context, name string, ids []pipeline.PointID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	db, all, err := x.writing()
	if err != nil {
		return err
	}
	of, err := x.vector(all, name)
	if err != nil || len(ids) == 0 {
		return err
	}
	return x.change(ctx, db, "delete from", func(c *change) error { return c.remove(ctx, of, ids) })
}

func (c *change) remove(ctx context.Context, of table, ids []pipeline.PointID) error {
	rows, err := c.locate(ctx, of, ids)
	if err != nil {
		return err
	}
	n := min(len(ids), askedIDs)
	statement, err := c.tx.PrepareContext(ctx, `DELETE FROM `+of.name+` WHERE row IN (`+placeholders(n)+`)`)
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	args := make([]any, n)
	for some := range slices.Chunk(rows, n) {
		for i := range args {
			args[i] = some[min(i, len(some)-1)] // the last one again fills what is left; no row is 0
		}
		if _, err := statement.ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	if t, ok := c.of[of.name]; ok {
		t.gone = append(t.gone, ids...)
	}
	return nil
}
