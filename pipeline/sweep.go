package pipeline

import (
	"context"
	"fmt"
)

// sweep removes what nothing in the corpus stands for: the points of documents
// that the run did not meet, where that is wanted, and after a run that died
// the tails that it left. It is called after all else has succeeded.
func (r *run) sweep(ctx context.Context) error {
	missing := r.Refresh.DeleteMissing != nil
	if missing && r.nameless > 0 {
		// One of them may be the record of a document that seems to be missing.
		missing = false
		r.Counters.KeptMissing.Store(true)
	}
	if !missing && !r.Refresh.Careful {
		return nil
	}
	s := sweeper{run: r, missing: missing, gone: map[string][]PointID{}, tails: map[string][]PointID{}}
	for i := range r.Lanes {
		if err := s.list(ctx, r.Lanes[i].Vector); err != nil {
			return err
		}
	}
	if r.dry {
		r.plan.swept(s)
		return nil
	}
	if err := s.guard(); err != nil {
		return err
	}
	for _, all := range []map[string][]PointID{s.tails, s.gone} {
		for vector, ids := range all {
			if err := r.delete(ctx, vector, ids); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweeper lists the points of an index and finds those that are to go.
type sweeper struct {
	*run

	missing     bool // points of documents that were not met go
	points      int64
	gone, tails map[string][]PointID // by the name of the vector
	goneCount   int64
}

// list looks at all points of one vector.
func (s *sweeper) list(ctx context.Context, vector string) error {
	var suspects []Listed
	for point, err := range s.Refresh.Index.Listed(ctx, vector) {
		if err != nil {
			return err
		}
		s.points++
		gone := false
		if s.missing {
			met, err := s.seen.has(ctx, point.Doc)
			if err != nil {
				return err
			}
			gone = !met
		}
		switch {
		case gone:
			s.goneCount++
			if !s.dry {
				s.gone[vector] = append(s.gone[vector], point.ID)
			}
		case s.Refresh.Careful && point.Chunk > 0:
			if suspects = append(suspects, point); len(suspects) == s.Refresh.group() {
				if err := s.suspect(ctx, vector, suspects); err != nil {
					return err
				}
				suspects = suspects[:0]
			}
		}
	}
	return s.suspect(ctx, vector, suspects)
}

// suspect finds among points those that lie behind the last chunk of their
// document, which the point of its first chunk tells. Where that is missing the
// first chunk was refused, or a run died before it: such points are of a document
// that no run took for written, and a later, shorter text of it would not be
// looked for behind its end. So they go, whether the document is in this corpus or
// in another one. A plan, which changes nothing, leaves them out.
func (s *sweeper) suspect(ctx context.Context, vector string, points []Listed) error {
	if len(points) == 0 {
		return nil
	}
	place := map[string]int{}
	var ids []PointID
	for i := range points {
		if _, ok := place[points[i].Doc]; !ok {
			place[points[i].Doc] = len(ids)
			ids = append(ids, NewPointID(vector, points[i].Doc, 0))
		}
	}
	stored, err := s.Refresh.Index.Stored(ctx, vector, ids)
	if err != nil {
		return err
	}
	for i := range points {
		beginning := stored[place[points[i].Doc]]
		if beginning.Found && points[i].Chunk >= beginning.Chunks || !beginning.Found && !s.dry {
			s.tails[vector] = append(s.tails[vector], points[i].ID)
		}
	}
	return nil
}

// guard refuses to remove what looks like a mistake.
func (s *sweeper) guard() error {
	share := float64(s.goneCount) / float64(max(s.points, 1))
	switch {
	case s.goneCount == 0:
		return nil
	case s.Counters.Read.Load() == 0:
		return &Error{
			Class: Fatal,
			Hint:  "see why nothing was read; delete the index if it is to be empty",
			Err:   fmt.Errorf("the corpus is empty, and the index holds %d points; none was deleted", s.points),
		}
	case share > s.Refresh.DeleteMissing.MaxShare:
		return &Error{
			Class: Fatal,
			Hint:  "see whether the whole corpus is there; if so, allow more with --max-delete or index.max_delete_share",
			Err: fmt.Errorf("%d of %d points (%.3g%%) are of documents that are not in the corpus, more than the %.3g%% that may be deleted; none was",
				s.goneCount, s.points, 100*share, 100*s.Refresh.DeleteMissing.MaxShare),
		}
	}
	return nil
}
