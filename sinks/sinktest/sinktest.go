// Package sinktest holds the tests that every index has to pass.
//
// A store's test file is a constructor and one call:
//
//	sinktest.Run(t, func(t testing.TB) sinktest.Open {
//		path := filepath.Join(t.TempDir(), "index.db")
//		return func(t testing.TB) sinktest.Index { … }
//	})
package sinktest

import (
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// Index is what is tested: an index that can be written, searched and closed.
type Index interface {
	pipeline.Index
	pipeline.Searcher
	Close() error
}

// Open returns a new handle to one and the same place, at each call. It ends
// the test when it cannot.
type Open func(t testing.TB) Index

// Run tests the indexes that newPlace makes. Each call of newPlace gives a
// place where nothing is yet, which is removed when the test ends.
func Run(t *testing.T, newPlace func(t testing.TB) Open) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, open Open)
	}{
		{"WritingTwiceLeavesOnePoint", writingTwiceLeavesOnePoint},
		{"APointIsReplacedAsAWhole", aPointIsReplacedAsAWhole},
		{"TheSpaceIsKept", theSpaceIsKept},
		{"AnotherSpaceIsRefused", anotherSpaceIsRefused},
		{"ACompatibleSpaceIsTaken", aCompatibleSpaceIsTaken},
		{"NothingIsFoundBeforePrepare", nothingIsFoundBeforePrepare},
		{"WriteNeedsPrepare", writeNeedsPrepare},
		{"AWrongVectorIsRefused", aWrongVectorIsRefused},
		{"EveryKindOfPayloadComesBack", everyKindOfPayloadComesBack},
		{"TextsComeBack", textsComeBack},
		{"TheNearestComesFirst", theNearestComesFirst},
		{"HitsAgreeWithAPlainScan", hitsAgreeWithAPlainScan},
		{"TiesComeInTheOrderOfIDs", tiesComeInTheOrderOfIDs},
		{"LengthDoesNotMatter", lengthDoesNotMatter},
		{"AnEmptyIndexFindsNothing", anEmptyIndexFindsNothing},
		{"ManyWritersLoseNothing", manyWritersLoseNothing},
		{"AManyPointedWriteIsWhole", aManyPointedWriteIsWhole},
		{"ACancelledContextWritesNothing", aCancelledContextWritesNothing},
		{"AReopenedIndexHasAll", aReopenedIndexHasAll},
		{"AWriteIsSeenByOthersAtOnce", aWriteIsSeenByOthersAtOnce},
		{"CloseMayBeCalledTwice", closeMayBeCalledTwice},
		{"EachVectorFindsItsOwnPoints", eachVectorFindsItsOwnPoints},
		{"OneChunkHasAPointInEachVector", oneChunkHasAPointInEachVector},
		{"APointOfOneVectorIsReplacedAlone", aPointOfOneVectorIsReplacedAlone},
		{"AVectorNobodyHasIsTold", aVectorNobodyHasIsTold},
		{"DimensionsDifferByVector", dimensionsDifferByVector},
		{"OtherVectorsAreRefused", otherVectorsAreRefused},
		{"CompatibleVectorsAreTaken", compatibleVectorsAreTaken},
		{"NoVectorIsNoIndex", noVectorIsNoIndex},
		{"ManyVectorsAreKeptApart", manyVectorsAreKeptApart},
		{"WritersOfEachVectorLoseNothing", writersOfEachVectorLoseNothing},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, newPlace(t))
		})
	}
	runRefresh(t, newPlace)
	runLeases(t, newPlace)
}
