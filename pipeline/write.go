package pipeline

import "context"

// write brings embedded batches into the index. It gathers what is ready, so
// that an index which pays for each call is not called for each batch, and
// never waits for more.
func (r *run) write(ctx context.Context, in <-chan embedded) error {
	for next := range in {
		points, docs := next.points, next.docs
		for open := true; open && len(points) < r.Writes.Points; {
			select {
			case more, ok := <-in:
				if open = ok; ok {
					points, docs = append(points, more.points...), append(docs, more.docs...)
				}
			default:
				open = false
			}
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		switch err := r.Index.Write(ctx, points); {
		case leftBy(ctx, err):
			continue // an index that is away is not waited for
		case err != nil && ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		}
		r.countPoints(points)
		switch err := r.stored(ctx, docs); {
		case leftBy(ctx, err):
		case err != nil && ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		}
	}
	return nil
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
