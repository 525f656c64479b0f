package sinktest_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/sinktest"
)

// place is an index in memory, and handle one that was opened.
type place struct {
	mu       sync.Mutex
	spaces   pipeline.Spaces
	points   map[pipeline.PointID]pipeline.Point
	lease    *lease // nil where nobody has it
	finished bool
}

type handle struct {
	*place
	prepared, closed bool
}

func TestAnIndexInMemoryPassesTheSuite(t *testing.T) {
	t.Parallel()
	sinktest.RunInVirtualTime(t, func(testing.TB) sinktest.Open {
		p := &place{points: map[pipeline.PointID]pipeline.Point{}}
		return func(testing.TB) sinktest.Index { return &handle{place: p} }
	})
}

func (h *handle) Prepare(_ context.Context, spaces pipeline.Spaces) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(spaces) == 0 {
		return misconfigured("no vector")
	}
	for name, space := range spaces {
		if name == "" || strings.Contains(name, "\x00") || space.Dim <= 0 || space.Model == "" {
			return misconfigured("no name, no dimension or no model")
		}
	}
	if h.spaces == nil {
		h.spaces = maps.Clone(spaces)
	}
	if d := h.spaces.Differences(spaces); len(d) > 0 {
		return misconfigured(fmt.Sprintf("other spaces: %q", d))
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
		if _, err := h.unit(p.Name, p.Vector); err != nil {
			return err
		}
		if err := p.Sparse.Validate(); err != nil || p.Sparse.Len() > 0 && h.spaces[p.Name].Sparse == "" {
			return errors.Join(errors.New("a sparse vector that cannot be"), err)
		}
	}
	for _, p := range points {
		p.Vector, _ = h.unit(p.Name, p.Vector)
		h.points[p.ID] = p
	}
	return nil
}

func (h *handle) Spaces(context.Context) (pipeline.Spaces, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.spaces == nil {
		return nil, misconfigured("no index")
	}
	return h.spaces, nil
}

func (h *handle) Count(context.Context) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.spaces == nil {
		return 0, misconfigured("no index")
	}
	return int64(len(h.points)), nil
}

func (h *handle) Search(ctx context.Context, name string, query pipeline.Vector, limit int) ([]pipeline.Hit, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if h.spaces == nil {
		return nil, misconfigured("no index")
	}
	if _, ok := h.spaces[name]; !ok {
		return nil, &pipeline.Error{
			Class: pipeline.Misconfigured, Hint: fmt.Sprintf("it has %q", h.spaces.Names()), Err: errors.New("no such vector"),
		}
	}
	unit, err := h.unit(name, query)
	if err != nil {
		return nil, err
	}
	var hits []pipeline.Hit
	for _, p := range h.points {
		if p.Name != name {
			continue
		}
		hit := pipeline.Hit{Point: p}
		for i := range unit {
			hit.Score += float64(unit[i]) * float64(p.Vector[i])
		}
		hit.Vector, hit.Sparse = nil, pipeline.Sparse{}
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

// unit returns v, which is a vector of this name, with length 1.
func (h *handle) unit(name string, v pipeline.Vector) (pipeline.Vector, error) {
	var square float64
	for _, f := range v {
		square += float64(f) * float64(f)
	}
	if len(v) != h.spaces[name].Dim || len(v) == 0 || square == 0 || math.IsNaN(square) || math.IsInf(square, 0) {
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
