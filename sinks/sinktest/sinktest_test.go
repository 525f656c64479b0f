package sinktest_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/sinktest"
)

// place is an index in memory, and handle one that was opened.
type place struct {
	mu     sync.Mutex
	space  pipeline.Space
	points map[pipeline.PointID]pipeline.Point
}

type handle struct {
	*place
	prepared, closed bool
}

func TestAnIndexInMemoryPassesTheSuite(t *testing.T) {
	t.Parallel()
	sinktest.Run(t, func(testing.TB) sinktest.Open {
		p := &place{points: map[pipeline.PointID]pipeline.Point{}}
		return func(testing.TB) sinktest.Index { return &handle{place: p} }
	})
}

func (h *handle) Prepare(_ context.Context, space pipeline.Space) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.space.Dim == 0 {
		h.space = space
	}
	if d := h.space.Differences(space); len(d) > 0 {
		return misconfigured(fmt.Sprintf("another space: %q", d))
	}
	h.prepared = true
	return nil
}

func (h *handle) Write(ctx context.Context, points []pipeline.Point) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if h.closed || !h.prepared {
		return errors.New("not open or not prepared")
	}
	for _, p := range points {
		if _, err := h.unit(p.Vector); err != nil {
			return err
		}
	}
	for _, p := range points {
		p.Vector, _ = h.unit(p.Vector)
		h.points[p.ID] = p
	}
	return nil
}

func (h *handle) Space(context.Context) (pipeline.Space, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.space.Dim == 0 {
		return pipeline.Space{}, misconfigured("no index")
	}
	return h.space, nil
}

func (h *handle) Count(context.Context) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.space.Dim == 0 {
		return 0, misconfigured("no index")
	}
	return int64(len(h.points)), nil
}

func (h *handle) Search(ctx context.Context, query pipeline.Vector, limit int) ([]pipeline.Hit, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if h.space.Dim == 0 {
		return nil, misconfigured("no index")
	}
	unit, err := h.unit(query)
	if err != nil {
		return nil, err
	}
	var hits []pipeline.Hit
	for _, p := range h.points {
		hit := pipeline.Hit{Point: p}
		for i := range unit {
			hit.Score += float64(unit[i]) * float64(p.Vector[i])
		}
		hit.Vector = nil
		hits = append(hits, hit)
	}
	slices.SortFunc(hits, func(a, b pipeline.Hit) int {
		if c := cmp.Compare(b.Score, a.Score); c != 0 {
			return c
		}
		return bytes.Compare(a.ID[:], b.ID[:])
	})
	return hits[:min(limit, len(hits))], nil
}

func (h *handle) Close() error {
	h.closed = true
	return nil
}

// unit returns v with length 1.
func (h *handle) unit(v pipeline.Vector) (pipeline.Vector, error) {
	var square float64
	for _, f := range v {
		square += float64(f) * float64(f)
	}
	if len(v) != h.space.Dim || square == 0 || math.IsNaN(square) || math.IsInf(square, 0) {
		return nil, errors.New("a vector of no direction or of another dimension")
	}
	out := make(pipeline.Vector, len(v))
	for i, f := range v {
		out[i] = float32(float64(f) / math.Sqrt(square))
	}
	return out, nil
}

func misconfigured(what string) error {
	return &pipeline.Error{Class: pipeline.Misconfigured, Hint: "run vecload run first", Err: errors.New(what)}
}
