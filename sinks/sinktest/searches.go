package sinktest

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func theNearestComesFirst(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	// Vectors in one plane, ever further from the first axis.
	var points []pipeline.Point
	for i, angle := range []float64{0, 0.3, 0.9, math.Pi / 2, 2.5, math.Pi} {
		v := make(pipeline.Vector, dim)
		v[0], v[1] = float32(math.Cos(angle)), float32(math.Sin(angle))
		points = append(points, point(string(rune('a'+i)), v))
	}
	shuffled := []pipeline.Point{points[3], points[0], points[5], points[2], points[4], points[1]}
	write(t, index, shuffled...)
	for limit := 1; limit <= len(points)+1; limit++ {
		hits := search(t, index, axis(0), limit)
		if want := min(limit, len(points)); len(hits) != want {
			t.Fatalf("limit %d gives %d hits, want %d", limit, len(hits), want)
		}
		for i, hit := range hits {
			if hit.Doc != points[i].Doc {
				t.Errorf("limit %d: hit %d is %q, want %q", limit, i, hit.Doc, points[i].Doc)
			}
			if want := float64(points[i].Vector[0]); math.Abs(hit.Score-want) > 1e-5 {
				t.Errorf("score of %q is %v, want %v", hit.Doc, hit.Score, want)
			}
		}
	}
}

func hitsAgreeWithAPlainScan(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := randomPoints(700, 5)
	write(t, index, points...)
	for _, query := range randomPoints(5, 6) {
		want := make([]float64, len(points))
		for i, p := range points {
			for j := range p.Vector {
				want[i] += float64(p.Vector[j]) * float64(query.Vector[j])
			}
		}
		slices.SortFunc(want, func(a, b float64) int {
			switch {
			case a > b:
				return -1
			case a < b:
				return 1
			}
			return 0
		})
		hits := search(t, index, query.Vector, 20)
		if len(hits) != 20 {
			t.Fatalf("%d hits, want 20", len(hits))
		}
		for i, hit := range hits {
			if math.Abs(hit.Score-want[i]) > 1e-5 {
				t.Errorf("hit %d scores %v, want %v", i, hit.Score, want[i])
			}
		}
	}
}

func tiesComeInTheOrderOfIDs(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := randomPoints(60, 7)
	for i := range points {
		points[i].Vector = axis(0)
		if i%2 == 1 {
			points[i].Vector = axis(1)
		}
	}
	write(t, index, points...)
	hits := search(t, index, axis(0), len(points))
	if len(hits) != len(points) {
		t.Fatalf("%d hits, want %d", len(hits), len(points))
	}
	for i := 1; i < len(hits); i++ {
		a, b := hits[i-1], hits[i]
		if a.Score < b.Score || a.Score == b.Score && bytes.Compare(a.ID[:], b.ID[:]) >= 0 {
			t.Errorf("hits %d and %d are out of order: %s %v, %s %v", i-1, i, a.ID, a.Score, b.ID, b.Score)
		}
	}
}

func lengthDoesNotMatter(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	// A cosine compares directions: neither a long point nor a long query
	// scores above 1.
	long, short := axis(0), axis(1)
	long[0], short[1] = 1000, 0.001
	write(t, index, point("long", long), point("short", short))
	query := axis(0)
	query[0], query[1] = 30, 40
	hits := search(t, index, query, 2)
	if len(hits) != 2 || hits[0].Doc != "short" || hits[1].Doc != "long" {
		t.Fatalf("hits are %+v, want short before long", hits)
	}
	if math.Abs(hits[0].Score-0.8) > 1e-5 || math.Abs(hits[1].Score-0.6) > 1e-5 {
		t.Errorf("scores are %v and %v, want 0.8 and 0.6", hits[0].Score, hits[1].Score)
	}
}

func anEmptyIndexFindsNothing(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	wantCount(t, index, 0)
	if hits := search(t, index, axis(0), 5); len(hits) != 0 {
		t.Errorf("an empty index has hits: %+v", hits)
	}
	write(t, index, point("a", axis(0)))
	if hits := search(t, index, axis(0), 0); len(hits) != 0 {
		t.Errorf("a limit of 0 gives hits: %+v", hits)
	}
}
