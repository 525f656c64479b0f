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
	"slices"
	"testing"
	"testing/synctest"

	"github.com/vecload/vecload/pipeline"
)

// Index is what is tested: an index that can be written, searched by vectors and by words,
// gone on with by a later run, lent to one run at a time, and closed. Its leases have [LeaseTerm].
type Index interface {
	pipeline.Index
	searchable
	resumable
	Close() error
}

// searchable is an index that is searched by vectors and by words.
type searchable interface {
	pipeline.Searcher
	pipeline.SparseSearcher
}

// resumable is an index that a run can go on with.
type resumable interface {
	pipeline.Refresher
	pipeline.Leaser
}

// Open returns a new handle to one and the same place, at each call. It ends
// the test when it cannot.
type Open func(t testing.TB) Index

// Run tests the indexes that newPlace makes. Each call of newPlace gives a
// place where nothing is yet, which is removed when the test ends.
func Run(t *testing.T, newPlace func(t testing.TB) Open) {
	t.Helper()
	run(t, newPlace, func(t *testing.T, test func(t *testing.T)) { t.Helper(); test(t) })
}

// RunInVirtualTime is Run for indexes that wait for nothing outside of this
// process but files, so that what happens after minutes is tested in no time:
// the cases of leases run in bubbles of [synctest].
func RunInVirtualTime(t *testing.T, newPlace func(t testing.TB) Open) {
	t.Helper()
	run(t, newPlace, synctest.Test)
}

// testCase is what one property of an index is tested by.
type testCase struct {
	name string
	run  func(t *testing.T, open Open)
}

// run runs all cases, those that wait in a time of their own.
func run(t *testing.T, newPlace func(t testing.TB) Open, inTime func(t *testing.T, test func(t *testing.T))) {
	t.Helper()
	for _, test := range slices.Concat(indexCases(), refreshCases(), sparseCases()) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, newPlace(t))
		})
	}
	for _, test := range leaseCases() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inTime(t, func(t *testing.T) {
				t.Helper()
				test.run(t, newPlace(t))
			})
		})
	}
}

// indexCases test what each run needs of an index, and each search.
func indexCases() []testCase {
	return []testCase{
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
	}
}
