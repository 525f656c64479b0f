package sinktest

import (
	"math"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// sameBits reports whether both vectors have the same bits.
func sameBits(a, b pipeline.Vector) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

func updateReplacesAllButTheVector(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := randomPoints(5, 21)
	for i := range points {
		// Lengths that are not 1, which a store may or may not keep.
		for j := range points[i].Vector {
			points[i].Vector[j] *= float32(i + 1)
		}
		points[i].Chunks = 3
		points[i].Payload = append(points[i].Payload, pipeline.Field{Name: "old", Value: pipeline.String("x")})
	}
	write(t, index, points...)
	before := vectorsOf(t, index, vector, ids(points))
	for i := range points[:3] {
		points[i].Payload = []pipeline.Field{{Name: "new", Value: pipeline.Int(int64(i))}}
		points[i].Text = "new text " + strconv.Itoa(i)
		points[i].Chunks = 2
		points[i].Made = made("new " + strconv.Itoa(i))
	}
	points[1].Text, points[2].Payload = "", nil
	update(t, index, points[:3]...)
	wantCount(t, index, 5)
	wantStored(t, index, vector, points)
	after := vectorsOf(t, index, vector, ids(points))
	hits := search(t, index, points[0].Vector, len(points))
	for i, p := range points {
		wantPoint(t, hits, p)
		if !sameBits(before[i], after[i]) {
			t.Errorf("vector %d was %v and is %v", i, before[i], after[i])
		}
	}
	if hits[0].ID != points[0].ID || math.Abs(hits[0].Score-1) > 1e-5 {
		t.Errorf("an updated point is not found by its vector: %+v", hits[0])
	}
	again := prepared(t, open)
	wantStored(t, again, vector, points)
	for _, p := range points {
		wantPoint(t, search(t, again, p.Vector, len(points)), p)
	}
}

func updateOfAMissingPointMakesNone(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	points := chunks("doc", 4)
	write(t, index, points[:2]...)
	points[0].Text, points[0].Made = "new", made("new")
	// One that is there, between others that never were or were deleted.
	remove(t, index, vector, points[1].ID)
	update(t, index, points[3], points[0], points[1])
	update(t, index, points[2])
	wantCount(t, index, 1)
	wantStored(t, index, vector, points[:1], ids(points[1:])...)
	hits := search(t, index, axis(0), 5)
	wantPoint(t, hits, points[0])
	if len(hits) != 1 {
		t.Errorf("%d hits, want 1", len(hits))
	}
}

func updateTakesEveryKindOfPayload(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := pointsOfEachPayload()
	before := slices.Clone(points)
	for i := range before {
		before[i].Payload = []pipeline.Field{{Name: "old", Value: pipeline.Int(1)}}
	}
	write(t, index, before...)
	update(t, index, points...)
	hits := search(t, index, axis(0), len(points))
	for _, p := range points {
		wantPoint(t, hits, p)
	}
}

func updateTakesPointsOfEachVector(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	text, picture := point("doc", axis(0)), pictures(1)[0]
	rest := randomPoints(3, 22)
	write(t, index, append(rest, text, picture)...)
	text.Text, text.Made = "new text", made("new text")
	picture.Payload, picture.Made = []pipeline.Field{{Name: "new", Value: pipeline.Bool(true)}}, made("new picture")
	update(t, index, picture, text)
	wantStored(t, index, vector, append(rest, text))
	wantStored(t, index, image, []pipeline.Point{picture})
	wantPoint(t, search(t, index, axis(0), 9), text)
	wantPoint(t, searchIn(t, index, image, picture.Vector, 9), picture)
	// An update of one leaves the other alone.
	text.Made = made("newer text")
	update(t, index, text)
	wantStored(t, index, vector, append(rest, text))
	wantStored(t, index, image, []pipeline.Point{picture})
	wantCount(t, index, 5)
}

func updateTakesThousandsOfPoints(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := randomPoints(3000, 23)
	write(t, index, points...)
	for i := range points {
		if i%3 > 0 {
			points[i].Made, points[i].Text = made(strconv.Itoa(i)), "new "+strconv.Itoa(i)
		}
	}
	update(t, index, points...)
	wantCount(t, index, 3000)
	wantStored(t, index, vector, points)
	for _, p := range []pipeline.Point{points[0], points[1], points[1499], points[2999]} {
		wantPoint(t, search(t, index, p.Vector, 3), p)
	}
}

func manyRefreshAtOnce(t *testing.T, open Open) {
	t.Helper()
	const workers, size = 6, 40
	index := prepared(t, open)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			points := randomPoints(size, uint64(300+w))
			fail := func(what string, err error) {
				if err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			fail("Write", index.Write(t.Context(), points))
			for round := range 3 {
				for i := range points {
					points[i].Made = made(strconv.Itoa(round))
					points[i].Vector = nil
				}
				fail("Update", index.Update(t.Context(), points))
				stored, err := index.Stored(t.Context(), vector, ids(points))
				fail("Stored", err)
				for i := range stored {
					if stored[i] != isStored(points[i]) {
						t.Errorf("point %d of %d in round %d is %+v", i, w, round, stored[i])
						break
					}
				}
				for _, err := range index.Listed(t.Context(), vector) {
					fail("Listed", err)
				}
			}
			fail("Delete", index.Delete(t.Context(), vector, ids(points[:size/2])))
			_, err := index.Vectors(t.Context(), vector, ids(points))
			fail("Vectors", err)
		})
	}
	group.Wait()
	wantCount(t, index, workers*size/2)
}
