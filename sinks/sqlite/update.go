package sqlite

import (
	"context"
	"database/sql"
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
	return x.change(ctx, db, "update", func(tx *sql.Tx) error {
		for name, some := range byName {
			if err := updateAll(ctx, tx, of[name].name, some); err != nil {
				return err
			}
		}
		return nil
	})
}

func updateAll(ctx context.Context, tx *sql.Tx, table string, points []*pipeline.Point) error {
	statement, err := tx.PrepareContext(ctx, `UPDATE `+table+`
		SET made = ?, chunk = ?, chunks = ?, doc = ?, text = ?, payload = ? WHERE id = ?`)
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	var payload []byte
	for _, p := range points {
		payload = pipeline.AppendJSONFields(payload[:0], p.Payload)
		if _, err := statement.ExecContext(ctx, madeBlob(p.Made), p.Chunk, p.Chunks, p.Doc, p.Text, string(payload), p.ID[:]); err != nil {
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
	return x.change(ctx, db, "delete from", func(tx *sql.Tx) error {
		n := min(len(ids), askedIDs)
		statement, err := tx.PrepareContext(ctx, `DELETE FROM `+of.name+` WHERE id IN (`+placeholders(n)+`)`)
		if err != nil {
			return err
		}
		defer func() { _ = statement.Close() }()
		args := make([]any, n)
		for some := range slices.Chunk(ids, n) {
			for i := range args {
				args[i] = some[min(i, len(some)-1)][:] // the last one again fills what is left
			}
			if _, err := statement.ExecContext(ctx, args...); err != nil {
				return err
			}
		}
		return nil
	})
}
