package sinktest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func whatAPointWasMadeFromComesBack(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := slices.Concat(chunks("one", 1), chunks("four", 4))
	unknown, extremes := point("unknown", axis(0)), point("extremes", axis(1))
	unknown.Made = pipeline.Made{} // such as a point that was copied
	for i := range extremes.Made.Input {
		extremes.Made.Input[i], extremes.Made.Rest[i] = 0xff, byte(i)
	}
	extremes.Chunks = 1 << 20
	points = append(points, unknown, extremes)
	write(t, index, points...)
	wantStored(t, index, vector, points)
	for _, p := range points {
		wantStored(t, index, vector, []pipeline.Point{p})
	}
	// What is durable does not depend on the handle.
	wantStored(t, prepared(t, open), vector, points)
}

func storedIsInTheOrderOfIDs(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := chunks("doc", 6)
	write(t, index, points...)
	for _, order := range [][]int{{5, 3, 0, 1, 2, 4}, {2}, {4, 2}, {0, 5}} {
		var asked []pipeline.Point
		for _, i := range order {
			asked = append(asked, points[i])
		}
		wantStored(t, index, vector, asked)
		// Also with ids among them that are not there.
		gone := pipeline.NewPointID(vector, "gone", 0)
		got, err := index.Stored(t.Context(), vector, append([]pipeline.PointID{gone}, ids(asked)...))
		if err != nil || len(got) != len(asked)+1 || got[0] != (pipeline.Stored{}) || got[1] != isStored(asked[0]) {
			t.Errorf("with a missing id in front: %+v, %v", got, err)
		}
	}
	wantStored(t, index, vector, nil, pipeline.NewPointID(vector, "doc", 6), pipeline.PointID{})
}

func storedKnowsItsOwnVectorOnly(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	texts, images := chunks("doc", 3), pictures(3)
	write(t, index, slices.Concat(texts, images)...)
	wantStored(t, index, vector, texts, ids(images)...)
	wantStored(t, index, image, images, ids(texts)...)
}

func storedTakesThousandsOfIDs(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	points := randomPoints(6000, 20)
	for i := range points {
		points[i].Chunks = i%7 + 1
	}
	written, missing := points[:4000], points[4000:]
	write(t, index, written...)
	wantStored(t, index, vector, written, ids(missing)...)
	slices.Reverse(written)
	wantStored(t, index, vector, written[:3999], ids(missing)...)
}

func storedFollowsWrite(t *testing.T, open Open) {
	t.Helper()
	index, other := prepared(t, open), prepared(t, open)
	points := chunks("doc", 3)
	wantStored(t, index, vector, nil, ids(points)...)
	write(t, index, points...)
	wantStored(t, index, vector, points)
	for i := range points[:2] {
		points[i].Made, points[i].Chunks = made("changed"), 2
	}
	points[1].Made.Rest = points[2].Made.Rest
	write(t, index, points[:2]...)
	wantStored(t, index, vector, points)
	wantStored(t, other, vector, points)
}

func refreshingNeedsPrepare(t *testing.T, open Open) {
	t.Helper()
	p := point("a", axis(0))
	write(t, prepared(t, open), p)
	index := opened(t, open)
	for name, err := range refreshAll(t.Context(), index, vector, p) {
		t.Run(name, func(t *testing.T) { wantClass(t, err, pipeline.Fatal) })
	}
}

// refreshAll calls each method for one point and returns their errors.
func refreshAll(ctx context.Context, index Index, name string, p pipeline.Point) map[string]error {
	errs := map[string]error{}
	asked := []pipeline.PointID{p.ID}
	_, errs["Stored"] = index.Stored(ctx, name, asked)
	_, errs["Vectors"] = index.Vectors(ctx, name, asked)
	p.Name, p.Vector = name, nil
	errs["Update"] = index.Update(ctx, []pipeline.Point{p})
	errs["Delete"] = index.Delete(ctx, name, asked)
	errs["Listed"] = nil
	for _, err := range index.Listed(ctx, name) {
		errs["Listed"] = err
	}
	return errs
}

func refreshingAVectorNobodyHasIsTold(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, both())
	p := point("a", axis(0))
	write(t, index, p)
	for _, unknown := range []string{"audio", "", "Text", vector + "\x00"} {
		for name, err := range refreshAll(t.Context(), index, unknown, p) {
			if err == nil {
				t.Errorf("%s takes the vector %q", name, unknown)
			}
		}
	}
	wantStored(t, index, vector, []pipeline.Point{p})
}

func refreshingHearsItsContext(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	p := point("a", axis(0))
	write(t, index, p)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	changed := p
	changed.Made = made("changed")
	for name, err := range refreshAll(ctx, index, vector, changed) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s under a cancelled context gives %v", name, err)
		}
	}
	wantCount(t, index, 1)
	wantStored(t, index, vector, []pipeline.Point{p})
}
