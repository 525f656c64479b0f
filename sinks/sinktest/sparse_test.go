package sinktest_test

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/vecload/vecload/pipeline"
)

func (h *handle) SearchSparse(ctx context.Context, name string, query pipeline.Sparse, limit int) ([]pipeline.Hit, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if h.spaces[name].Sparse == "" {
		return nil, misconfigured("no such sparse vectors")
	}
	if err := query.Validate(); err != nil {
		return nil, err
	}
	points, with := 0, map[uint32]int{}
	for _, p := range h.points {
		if p.Name == name && p.Sparse.Len() > 0 {
			points++
			for _, index := range p.Sparse.Indices {
				with[index]++
			}
		}
	}
	var hits []pipeline.Hit
	for _, p := range h.points {
		shared := false
		score := query.Score(p.Sparse, func(index uint32) float64 {
			shared = true
			return pipeline.IDF(points, with[index])
		})
		if p.Name != name || !shared {
			continue
		}
		p.Vector, p.Sparse = nil, pipeline.Sparse{}
		hits = append(hits, pipeline.Hit{Point: p, Score: score})
	}
	slices.SortFunc(hits, func(a, b pipeline.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return hits[:min(limit, len(hits))], nil
}
