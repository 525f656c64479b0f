package pipeline_test

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/vecload/vecload/pipeline"
)

// list draws a list of hits without one twice, of the points below n.
func list(t *rapid.T, n int, label string) []pipeline.Hit {
	order := rapid.Permutation(numbersBelow(n)).Draw(t, label)
	order = order[:rapid.IntRange(0, n).Draw(t, label+" length")]
	hits := make([]pipeline.Hit, len(order))
	for i, number := range order {
		doc := strconv.Itoa(number)
		hits[i] = pipeline.Hit{Point: pipeline.Point{ID: pipeline.NewPointID("text", doc, 0), Doc: doc}, Score: float64(len(order) - i)}
	}
	return hits
}

func numbersBelow(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func rankIn(hits []pipeline.Hit, id pipeline.PointID) pipeline.Ranked {
	i := slices.IndexFunc(hits, func(h pipeline.Hit) bool { return h.ID == id })
	if i < 0 {
		return pipeline.Ranked{}
	}
	return pipeline.Ranked{Rank: i + 1, Score: hits[i].Score}
}

func TestFuseRanksByTheSumOfReciprocals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dense, sparse := list(t, 30, "dense"), list(t, 30, "sparse")
		all := pipeline.Fuse(dense, sparse, 100)
		seen := map[pipeline.PointID]bool{}
		for i, f := range all {
			if seen[f.ID] {
				t.Fatalf("%s is there twice", f.Doc)
			}
			seen[f.ID] = true
			if f.Dense != rankIn(dense, f.ID) || f.Sparse != rankIn(sparse, f.ID) {
				t.Fatalf("%s stands at %+v and %+v", f.Doc, f.Dense, f.Sparse)
			}
			want := 0.0
			for _, r := range []pipeline.Ranked{f.Dense, f.Sparse} {
				if r.Rank > 0 {
					want += 1 / (60 + float64(r.Rank))
				}
			}
			if math.Abs(f.Score-want) > 1e-15 {
				t.Fatalf("%s scores %v, want %v", f.Doc, f.Score, want)
			}
			if i > 0 && (all[i-1].Score < f.Score || all[i-1].Score == f.Score && bytes.Compare(all[i-1].ID[:], f.ID[:]) >= 0) {
				t.Fatalf("hits %d and %d are out of order", i-1, i)
			}
		}
		for _, hit := range slices.Concat(dense, sparse) {
			if !seen[hit.ID] {
				t.Fatalf("%s is lost", hit.Doc)
			}
		}
		limit := rapid.IntRange(-1, 40).Draw(t, "limit")
		some := pipeline.Fuse(dense, sparse, limit)
		if len(some) != min(max(limit, 0), len(all)) {
			t.Fatalf("%d hits of %d for a limit of %d", len(some), len(all), limit)
		}
		for i := range some {
			if some[i].ID != all[i].ID {
				t.Fatalf("a limit changes hit %d", i)
			}
		}
		// The lists have the same weight.
		for i, f := range pipeline.Fuse(sparse, dense, 100) {
			if f.ID != all[i].ID || f.Score != all[i].Score || f.Dense != all[i].Sparse {
				t.Fatalf("exchanged lists give another hit %d", i)
			}
		}
	})
}

func TestFusePrefersWhatBothListsHold(t *testing.T) {
	t.Parallel()
	hit := func(doc string) pipeline.Hit {
		return pipeline.Hit{Point: pipeline.Point{ID: pipeline.NewPointID("text", doc, 0), Doc: doc}}
	}
	fused := pipeline.Fuse([]pipeline.Hit{hit("near"), hit("far"), hit("both")}, []pipeline.Hit{hit("words"), hit("both")}, 1)
	if len(fused) != 1 || fused[0].Doc != "both" {
		t.Errorf("first is %+v", fused)
	}
}
