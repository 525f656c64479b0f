package sinktest

import (
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// refreshCases test what a run over an index that is not empty needs.
func refreshCases() []testCase {
	return []testCase{
		{"WhatAPointWasMadeFromComesBack", whatAPointWasMadeFromComesBack},
		{"StoredIsInTheOrderOfIDs", storedIsInTheOrderOfIDs},
		{"StoredKnowsItsOwnVectorOnly", storedKnowsItsOwnVectorOnly},
		{"StoredTakesThousandsOfIDs", storedTakesThousandsOfIDs},
		{"StoredFollowsWrite", storedFollowsWrite},
		{"RefreshingNeedsPrepare", refreshingNeedsPrepare},
		{"RefreshingAVectorNobodyHasIsTold", refreshingAVectorNobodyHasIsTold},
		{"RefreshingHearsItsContext", refreshingHearsItsContext},
		{"UpdateReplacesAllButTheVector", updateReplacesAllButTheVector},
		{"UpdateOfAMissingPointMakesNone", updateOfAMissingPointMakesNone},
		{"UpdateTakesEveryKindOfPayload", updateTakesEveryKindOfPayload},
		{"UpdateTakesPointsOfEachVector", updateTakesPointsOfEachVector},
		{"UpdateTakesThousandsOfPoints", updateTakesThousandsOfPoints},
		{"ADeletedPointIsGone", aDeletedPointIsGone},
		{"DeleteKnowsItsOwnVectorOnly", deleteKnowsItsOwnVectorOnly},
		{"DeleteTakesThousandsOfIDs", deleteTakesThousandsOfIDs},
		{"ADeletedPointMayComeAgain", aDeletedPointMayComeAgain},
		{"AnEmptyIndexListsNothing", anEmptyIndexListsNothing},
		{"EachPointIsListedOnce", eachPointIsListedOnce},
		{"ListsAreOfOneVector", listsAreOfOneVector},
		{"TheListMayBeLeftEarly", theListMayBeLeftEarly},
		{"TheListHearsItsContext", theListHearsItsContext},
		{"PointsMayBeDeletedWhileTheyAreListed", pointsMayBeDeletedWhileTheyAreListed},
		{"VectorsKeepTheirDirection", vectorsKeepTheirDirection},
		{"ManyRefreshAtOnce", manyRefreshAtOnce},
	}
}

// chunks makes n points of a document that has n chunks.
func chunks(doc string, n int) []pipeline.Point {
	points := make([]pipeline.Point, n)
	for i := range points {
		p := point(doc, axis(i%dim), pipeline.Field{Name: "of", Value: pipeline.String(doc)})
		p.Chunk, p.Chunks = i, n
		p.ID = pipeline.NewPointID(p.Name, doc, i)
		p.Made.Input = pipeline.DigestText(p.ID.String())
		points[i] = p
	}
	return points
}

func ids(points []pipeline.Point) []pipeline.PointID {
	out := make([]pipeline.PointID, len(points))
	for i := range points {
		out[i] = points[i].ID
	}
	return out
}

// isStored is what an index knows of a point that it has.
func isStored(p pipeline.Point) pipeline.Stored {
	return pipeline.Stored{Found: true, Made: p.Made, Chunks: p.Chunks}
}

// wantStored asks for points in one call, which wants of each what isStored
// says, and nothing of those in missing, which are asked for behind them.
func wantStored(t *testing.T, index Index, name string, points []pipeline.Point, missing ...pipeline.PointID) {
	t.Helper()
	asked := append(ids(points), missing...)
	got, err := index.Stored(t.Context(), name, asked)
	if err != nil {
		t.Fatalf("Stored of %d ids: %v (%s)", len(asked), err, pipeline.Hint(err))
	}
	if len(got) != len(asked) {
		t.Fatalf("Stored gives %d answers to %d ids", len(got), len(asked))
	}
	wrong := 0
	for i := range got {
		want := pipeline.Stored{}
		if i < len(points) {
			want = isStored(points[i])
		}
		if got[i] != want {
			wrong++
			if wrong <= 3 {
				t.Errorf("id %d of %d: %s is\n%+v, want\n%+v", i, len(asked), asked[i], got[i], want)
			}
		}
	}
	if wrong > 3 {
		t.Errorf("%d of %d answers are wrong", wrong, len(asked))
	}
}

// vectorsOf reads vectors back.
func vectorsOf(t *testing.T, index Index, name string, ids []pipeline.PointID) []pipeline.Vector {
	t.Helper()
	got, err := index.Vectors(t.Context(), name, ids)
	if err != nil {
		t.Fatalf("Vectors of %d ids: %v (%s)", len(ids), err, pipeline.Hint(err))
	}
	if len(got) != len(ids) {
		t.Fatalf("Vectors gives %d answers to %d ids", len(got), len(ids))
	}
	return got
}

func update(t *testing.T, index Index, points ...pipeline.Point) {
	t.Helper()
	points = slices.Clone(points)
	for i := range points {
		points[i].Vector = nil
	}
	if err := index.Update(t.Context(), points); err != nil {
		t.Fatalf("Update of %d points: %v (%s)", len(points), err, pipeline.Hint(err))
	}
}

func remove(t *testing.T, index Index, name string, ids ...pipeline.PointID) {
	t.Helper()
	if err := index.Delete(t.Context(), name, ids); err != nil {
		t.Fatalf("Delete of %d ids: %v (%s)", len(ids), err, pipeline.Hint(err))
	}
}
