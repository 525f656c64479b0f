package sinktest

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func writingTwiceLeavesOnePoint(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := randomPoints(40, 1)
	for range 3 {
		write(t, index, points...)
	}
	wantCount(t, index, int64(len(points)))
	hits := search(t, index, points[7].Vector, len(points)+5)
	if len(hits) != len(points) {
		t.Fatalf("%d hits of %d points", len(hits), len(points))
	}
	for _, p := range points {
		wantPoint(t, hits, p)
	}
}

func aPointIsReplacedAsAWhole(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	before := point("a", axis(0),
		pipeline.Field{Name: "old", Value: pipeline.Int(1)},
		pipeline.Field{Name: "both", Value: pipeline.String("before")})
	before.Chunks = 3
	write(t, index, before, point("b", axis(1)))
	after := point("a", axis(2), pipeline.Field{Name: "both", Value: pipeline.String("after")})
	after.Text = ""
	write(t, index, after)
	wantCount(t, index, 2)
	hits := search(t, index, axis(2), 1)
	if len(hits) != 1 || math.Abs(hits[0].Score-1) > 1e-5 {
		t.Fatalf("the new vector is not found: %+v", hits)
	}
	wantPoint(t, hits, after)
	for _, hit := range search(t, index, axis(0), 5) {
		if hit.Score > 0.5 {
			t.Errorf("the old vector is still found: %+v", hit)
		}
	}
}

func everyKindOfPayloadComesBack(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := pointsOfEachPayload()
	write(t, index, points...)
	hits := search(t, index, axis(0), len(points))
	for _, p := range points {
		wantPoint(t, hits, p)
	}
}

func textsComeBack(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	var points []pipeline.Point
	for _, text := range []string{
		"", "plain", "naïve 世界 👋🏽", "NUL \x00 inside", "line\nline\r\n\ttab", strings.Repeat("長い ", 1<<15),
		"'; DROP TABLE points; --", "https://example.com/a?b=c#d",
	} {
		p := point("doc "+text, axis(len(points)%dim))
		p.Text, p.Chunk, p.Chunks = text, 2, 5
		p.ID = pipeline.NewPointID(vector, p.Doc, p.Chunk)
		points = append(points, p)
	}
	write(t, index, points...)
	hits := search(t, index, axis(0), len(points))
	for _, p := range points {
		wantPoint(t, hits, p)
	}
}

func manyWritersLoseNothing(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	const writers, writes, size = 8, 5, 16
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range writes {
				if err := index.Write(t.Context(), randomPoints(size, uint64(100+w*writes+i))); err != nil {
					t.Errorf("Write: %v", err)
				}
			}
		})
	}
	group.Wait()
	wantCount(t, index, writers*writes*size)
}

func aManyPointedWriteIsWhole(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	one, many := randomPoints(1, 2), randomPoints(5000, 3)
	write(t, index, one...)
	write(t, index, many...)
	wantCount(t, index, 5001)
	for _, p := range []pipeline.Point{one[0], many[0], many[2500], many[4999]} {
		wantPoint(t, search(t, index, p.Vector, 3), p)
	}
}

func aCancelledContextWritesNothing(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	write(t, index, point("a", axis(0)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := index.Write(ctx, []pipeline.Point{point("b", axis(1))})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Write under a cancelled context gives %v, want %v", err, context.Canceled)
	}
	if _, err := index.Search(ctx, vector, axis(0), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Search under a cancelled context gives %v, want %v", err, context.Canceled)
	}
	wantCount(t, index, 1)
	write(t, index, point("b", axis(1)))
	wantCount(t, index, 2)
}

func aReopenedIndexHasAll(t *testing.T, open Open) {
	t.Helper()
	points := randomPoints(300, 4)
	index := open(t)
	if err := index.Prepare(t.Context(), spaces()); err != nil {
		t.Fatalf("Prepare: %v", err)
	}
	write(t, index, points...)
	if err := index.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	again := opened(t, open)
	wantCount(t, again, int64(len(points)))
	hits := search(t, again, points[0].Vector, len(points))
	for _, p := range points {
		wantPoint(t, hits, p)
	}
}

func aWriteIsSeenByOthersAtOnce(t *testing.T, open Open) {
	t.Helper()
	index, other := prepared(t, open), opened(t, open)
	for i := range 5 {
		write(t, index, randomPoints(10, uint64(50+i))...)
		wantCount(t, other, int64(10*(i+1)))
	}
}
