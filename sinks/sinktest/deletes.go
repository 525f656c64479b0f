package sinktest

import (
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func aDeletedPointIsGone(t *testing.T, open Open) {
	t.Helper()
	index, other := prepared(t, open), prepared(t, open)
	points := chunks("doc", 6)
	write(t, index, points...)
	// Ids that are not there are passed over, wherever they stand.
	remove(t, index, vector, pipeline.NewPointID(vector, "gone", 0), points[1].ID, pipeline.PointID{}, points[4].ID)
	gone := []pipeline.Point{points[1], points[4]}
	left := slices.Concat(points[:1], points[2:4], points[5:])
	for _, handle := range []Index{index, other} {
		wantCount(t, handle, 4)
		wantStored(t, handle, vector, left, ids(gone)...)
		for _, p := range gone {
			for _, hit := range search(t, handle, p.Vector, len(points)) {
				if hit.ID == p.ID {
					t.Errorf("chunk %d is found after it was deleted", p.Chunk)
				}
			}
		}
		for _, p := range left {
			wantPoint(t, search(t, handle, p.Vector, len(points)), p)
		}
		if v := vectorsOf(t, handle, vector, ids(gone)); v[0] != nil || v[1] != nil {
			t.Errorf("deleted points have vectors: %v", v)
		}
		wantListed(t, handle, vector, left)
	}
	// Twice is as good as once, and nothing is left to delete.
	remove(t, index, vector, ids(points)...)
	remove(t, index, vector, ids(points)...)
	wantCount(t, index, 0)
	wantStored(t, index, vector, nil, ids(points)...)
	if hits := search(t, index, axis(0), 5); len(hits) != 0 {
		t.Errorf("an emptied index has hits: %+v", hits)
	}
}

func deleteKnowsItsOwnVectorOnly(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	texts, images := chunks("doc", 3), pictures(3)
	write(t, index, slices.Concat(texts, images)...)
	// The ids of the other vector are ids that are not there.
	remove(t, index, image, append(ids(texts), images[0].ID)...)
	wantCount(t, index, 5)
	wantStored(t, index, vector, texts)
	wantStored(t, index, image, images[1:], images[0].ID)
	if hits := search(t, index, axis(0), 9); len(hits) != 3 {
		t.Errorf("%d hits of 3 texts", len(hits))
	}
	if hits := searchIn(t, index, image, images[1].Vector, 9); len(hits) != 2 {
		t.Errorf("%d hits of 2 images", len(hits))
	}
}

func deleteTakesThousandsOfIDs(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := randomPoints(5000, 24)
	write(t, index, points...)
	var gone, left []pipeline.Point
	for i, p := range points {
		if i%5 == 0 {
			left = append(left, p)
		} else {
			gone = append(gone, p)
		}
	}
	remove(t, index, vector, ids(gone)...)
	wantCount(t, index, int64(len(left)))
	wantStored(t, index, vector, left, ids(gone)...)
	wantListed(t, index, vector, left)
}

func aDeletedPointMayComeAgain(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := chunks("doc", 3)
	for round := range 3 {
		points[1].Made = made(string(rune('a' + round)))
		write(t, index, points...)
		wantCount(t, index, 3)
		wantStored(t, index, vector, points)
		wantPoint(t, search(t, index, points[1].Vector, 3), points[1])
		remove(t, index, vector, points[1].ID)
		wantCount(t, index, 2)
	}
}
