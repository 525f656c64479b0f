package pipeline

import "context"

// stored tells that the index has one more chunk of each document, and
// finishes those of which that was the last.
func (r *run) stored(ctx context.Context, docs []*tracked) error {
	var done []*tracked
	for _, doc := range docs {
		if doc.left.Add(-1) == 0 {
			done = append(done, doc)
		}
	}
	return r.finish(ctx, done)
}

// finish settles documents of which the index has all that it should have:
// their tails are deleted, now that what replaces them is in, and then they
// count.
func (r *run) finish(ctx context.Context, docs []*tracked) error {
	tails := map[string][]PointID{}
	for _, doc := range docs {
		for _, t := range doc.tails {
			for chunk := t.from; chunk < t.to; chunk++ {
				tails[t.vector] = append(tails[t.vector], NewPointID(t.vector, doc.ID, chunk))
			}
		}
	}
	for vector, ids := range tails {
		if err := r.delete(ctx, vector, ids); err != nil {
			return err
		}
	}
	for _, doc := range docs {
		r.ledger.count(doc)
	}
	return nil
}

// deleteAtOnce is how many points one call deletes.
const deleteAtOnce = 1000

func (r *run) delete(ctx context.Context, vector string, ids []PointID) error {
	for len(ids) > 0 {
		some := ids[:min(len(ids), deleteAtOnce)]
		ids = ids[len(some):]
		if err := r.Refresh.Index.Delete(ctx, vector, some); err != nil {
			return err
		}
		r.Counters.Deleted.Add(int64(len(some)))
	}
	return nil
}
