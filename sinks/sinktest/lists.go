package sinktest

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// wantListed wants each of points once in the list, and no other.
func wantListed(t *testing.T, index Index, name string, points []pipeline.Point) {
	t.Helper()
	want := make(map[pipeline.PointID]pipeline.Listed, len(points))
	for _, p := range points {
		want[p.ID] = pipeline.Listed{ID: p.ID, Doc: p.Doc, Chunk: p.Chunk, Chunks: p.Chunks, Made: p.Made}
	}
	n := 0
	for got, err := range index.Listed(t.Context(), name) {
		if err != nil {
			t.Fatalf("Listed, after %d points: %v (%s)", n, err, pipeline.Hint(err))
		}
		n++
		if got != want[got.ID] {
			t.Fatalf("element %d of the list is\n%+v, want\n%+v\n(zero: it was listed before, or is no point)", n, got, want[got.ID])
		}
		delete(want, got.ID)
	}
	if len(want) > 0 {
		t.Errorf("%d of %d points are not listed", len(want), len(points))
	}
}

func anEmptyIndexListsNothing(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	for _, name := range both().Names() {
		wantListed(t, index, name, nil)
	}
	p := point("a", axis(0))
	write(t, index, p)
	remove(t, index, vector, p.ID)
	wantListed(t, index, vector, nil)
}

func eachPointIsListedOnce(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	// More than a store gives in one page.
	points := randomPoints(12_000, 25)
	for some := range slices.Chunk(points, 4000) {
		write(t, index, some...)
	}
	more := slices.Concat(chunks("naïve 世界 \x00 doc", 3), chunks("", 1))
	write(t, index, more...)
	wantListed(t, index, vector, append(points, more...))
	wantListed(t, prepared(t, open), vector, append(points, more...))
}

func listsAreOfOneVector(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	texts, images := chunks("doc", 5), pictures(7)
	write(t, index, slices.Concat(texts, images)...)
	wantListed(t, index, vector, texts)
	wantListed(t, index, image, images)
	texts[2].Made, texts[2].Chunks = made("new"), 9
	update(t, index, texts[2])
	wantListed(t, index, vector, texts)
}

func theListMayBeLeftEarly(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := randomPoints(3000, 26)
	write(t, index, points...)
	list := index.Listed(t.Context(), vector)
	for _, leave := range []int{1, 2, 2999} {
		n := 0
		for _, err := range list {
			if err != nil {
				t.Fatalf("Listed: %v", err)
			}
			if n++; n == leave {
				break
			}
		}
		if n != leave {
			t.Errorf("the list ends after %d points, before %d", n, leave)
		}
	}
	// What was left holds nothing back.
	write(t, index, point("another", axis(0)))
	wantListed(t, index, vector, append(points, point("another", axis(0))))
}

func theListHearsItsContext(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	const many = 12_000
	points := randomPoints(many, 27)
	for some := range slices.Chunk(points, 4000) {
		write(t, index, some...)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	n, after := 0, 0
	for _, err := range index.Listed(ctx, vector) {
		if last != nil {
			after++
		}
		if last = err; err == nil {
			n++
		}
		cancel()
	}
	if !errors.Is(last, context.Canceled) || after > 0 {
		t.Errorf("a list whose context is done ends with %v, and %d elements behind it", last, after)
	}
	if n == many {
		t.Error("a list whose context is done goes on to the end")
	}
}

func pointsMayBeDeletedWhileTheyAreListed(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := randomPoints(4000, 28)
	write(t, index, points...)
	listed := map[pipeline.PointID]bool{}
	var batch []pipeline.PointID
	for got, err := range index.Listed(t.Context(), vector) {
		if err != nil {
			t.Fatalf("Listed: %v", err)
		}
		if listed[got.ID] {
			t.Fatalf("%s is listed twice", got.ID)
		}
		listed[got.ID] = true
		if batch = append(batch, got.ID); len(batch) == 500 {
			remove(t, index, vector, batch...)
			batch = batch[:0]
		}
	}
	if len(listed) != len(points) {
		t.Errorf("%d of %d points were listed", len(listed), len(points))
	}
	wantCount(t, index, 0)
}

func vectorsKeepTheirDirection(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	texts, images := randomPoints(2000, 29), pictures(4)
	for i := range texts {
		for j := range texts[i].Vector {
			texts[i].Vector[j] *= float32(i%9+1) / 3
		}
	}
	write(t, index, slices.Concat(texts, images)...)
	slices.Reverse(texts)
	asked := slices.Concat(ids(texts[:1000]), ids(images), []pipeline.PointID{{}}, ids(texts[1000:]))
	got := vectorsOf(t, index, vector, asked)
	texts = slices.Concat(texts[:1000], make([]pipeline.Point, len(images)+1), texts[1000:])
	for i, p := range texts {
		if p.Vector == nil {
			if got[i] != nil {
				t.Errorf("a point that is not there has the vector %v", got[i])
			}
			continue
		}
		if c := cosine(got[i], p.Vector); len(got[i]) != dim || math.Abs(c-1) > 1e-6 {
			t.Fatalf("vector %d is %v, want the direction of %v (cosine %v)", i, got[i], p.Vector, c)
		}
	}
	for i, v := range vectorsOf(t, index, image, ids(images)) {
		if len(v) != imageDim || math.Abs(cosine(v, images[i].Vector)-1) > 1e-6 {
			t.Errorf("image %d is %v, want the direction of %v", i, v, images[i].Vector)
		}
	}
	// They are the caller's own.
	got[0][0] += 2
	if again := vectorsOf(t, index, vector, asked[:1]); sameBits(again[0], got[0]) {
		t.Error("the index gave its own memory away")
	}
}

// cosine of a and b, 0 when they cannot be compared.
func cosine(a, b pipeline.Vector) float64 {
	if len(a) != len(b) {
		return 0
	}
	var dot, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot, aa, bb = dot+x*y, aa+x*x, bb+y*y
	}
	return dot / math.Sqrt(aa*bb)
}
