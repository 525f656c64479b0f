package sinktest_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/sinktest"
)

// usable reports why a run cannot use the handle; the caller has the lock.
func (h *handle) usable(ctx context.Context, name string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if h.closed || !h.prepared {
		return errors.New("not open or not prepared")
	}
	if _, ok := h.spaces[name]; !ok {
		return misconfigured("no such vector")
	}
	return nil
}

// all returns what the index has of each id, the zero point where it has none.
func (h *handle) all(ctx context.Context, name string, ids []pipeline.PointID) ([]pipeline.Point, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.usable(ctx, name); err != nil {
		return nil, err
	}
	found := make([]pipeline.Point, len(ids))
	for i, id := range ids {
		if p := h.points[id]; p.Name == name {
			found[i] = p
		}
	}
	return found, nil
}

func (h *handle) Stored(ctx context.Context, name string, ids []pipeline.PointID) ([]pipeline.Stored, error) {
	found, err := h.all(ctx, name, ids)
	stored := make([]pipeline.Stored, len(found))
	for i, p := range found {
		stored[i] = pipeline.Stored{Found: p.Vector != nil, Made: p.Made, Chunks: p.Chunks}
	}
	return stored, err
}

func (h *handle) Vectors(ctx context.Context, name string, ids []pipeline.PointID) ([]pipeline.Vector, error) {
	found, err := h.all(ctx, name, ids)
	vectors := make([]pipeline.Vector, len(found))
	for i, p := range found {
		vectors[i] = slices.Clone(p.Vector)
	}
	return vectors, err
}

func (h *handle) Update(ctx context.Context, points []pipeline.Point) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range points {
		if err := h.usable(ctx, p.Name); err != nil {
			return err
		}
	}
	for _, p := range points {
		if old, ok := h.points[p.ID]; ok {
			p.Vector, p.Sparse = old.Vector, old.Sparse
			h.points[p.ID] = p
		}
	}
	return nil
}

func (h *handle) Delete(ctx context.Context, name string, ids []pipeline.PointID) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.usable(ctx, name); err != nil {
		return err
	}
	for _, id := range ids {
		if h.points[id].Name == name {
			delete(h.points, id)
		}
	}
	return nil
}

func (h *handle) Listed(ctx context.Context, name string) iter.Seq2[pipeline.Listed, error] {
	return func(yield func(pipeline.Listed, error) bool) {
		h.mu.Lock()
		err := h.usable(ctx, name)
		var list []pipeline.Listed
		for _, p := range h.points {
			if p.Name == name {
				list = append(list, pipeline.Listed{ID: p.ID, Doc: p.Doc, Chunk: p.Chunk, Chunks: p.Chunks, Made: p.Made})
			}
		}
		h.mu.Unlock()
		if err != nil {
			yield(pipeline.Listed{}, err)
			return
		}
		for _, listed := range list {
			if err := ctx.Err(); err != nil {
				yield(pipeline.Listed{}, err)
				return
			}
			if !yield(listed, nil) {
				return
			}
		}
	}
}

// lease is that of a place in memory.
type lease struct {
	place   *place
	holder  pipeline.Holder
	renewed time.Time
	clean   bool
}

func (h *handle) Acquire(ctx context.Context, holder pipeline.Holder, isDead func(pipeline.Holder) bool) (pipeline.Lease, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || !h.prepared {
		return nil, errors.New("not open or not prepared")
	}
	if other := h.lease; other != nil {
		seen := other.renewed
		h.mu.Unlock()
		wait := time.Until(seen.Add(sinktest.LeaseTerm))
		if isDead != nil && isDead(other.holder) {
			wait = 0
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		h.mu.Lock()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if now := h.lease; now != nil && (now != other || !now.renewed.Equal(seen)) {
			return nil, &pipeline.Error{
				Hint: "wait", Err: fmt.Errorf("%w: %s on %s", pipeline.ErrBusy, now.holder.Run, now.holder.Host),
			}
		}
	}
	h.lease = &lease{place: h.place, holder: holder, renewed: time.Now(), clean: h.finished}
	h.finished = false
	return h.lease, nil
}

func (l *lease) Clean() bool { return l.clean }

func (l *lease) Keep(ctx context.Context) error {
	for {
		l.place.mu.Lock()
		mine := l.place.lease == l
		l.renewed = time.Now()
		l.place.mu.Unlock()
		if !mine {
			return pipeline.ErrBusy
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(sinktest.LeaseTerm / 3):
		}
	}
}

func (l *lease) Release(_ context.Context, finished bool) error {
	l.place.mu.Lock()
	defer l.place.mu.Unlock()
	if l.place.lease == l {
		l.place.lease, l.place.finished = nil, finished
	}
	return nil
}
