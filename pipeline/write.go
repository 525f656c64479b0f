package pipeline

import "context"

// write brings embedded batches into the index. It gathers what is ready, so
// that an index which pays for each call is not called for each batch, and
// never waits for more.
func (r *run) write(ctx context.Context, in <-chan embedded) error {
	var all embedded // in memory that is used for each call again
	for next := range in {
		r.gather(&all, &next)
		for open := true; open && len(all.points) < r.Writes.Points; {
			select {
			case more, ok := <-in:
				if open = ok; ok {
					r.gather(&all, &more)
				}
			default:
				open = false
			}
		}
		if err := r.writeAll(ctx, all); err != nil {
			return err
		}
		all.clear()
	}
	return nil
}

func (r *run) writeAll(ctx context.Context, all embedded) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	switch err := r.Index.Write(ctx, all.points); {
	case leftBy(ctx, err):
		return nil // an index that is away is not waited for
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	}
	r.countPoints(all.points)
	switch err := r.stored(ctx, all.docs); {
	case leftBy(ctx, err):
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	}
	return nil
}

// gather adds a batch, whose memory is used for another one.
func (r *run) gather(all, batch *embedded) {
	all.points, all.docs = append(all.points, batch.points...), append(all.docs, batch.docs...)
	batch.clear()
	r.written.Put(batch)
}

// clear keeps the memory, and nothing that it refers to.
func (e *embedded) clear() {
	clear(e.points)
	clear(e.docs)
	e.points, e.docs = e.points[:0], e.docs[:0]
}

// countPoints counts what the index took, for the run and for each lane.
func (r *run) countPoints(points []Point) {
	r.Counters.Points.Add(int64(len(points)))
	for i := range r.Lanes {
		lane := &r.Lanes[i]
		if lane.Counters == nil {
			continue
		}
		for j := range points {
			if points[j].Name == lane.Vector {
				lane.Counters.Points.Add(1)
			}
		}
	}
}
