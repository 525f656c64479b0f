package sinktest

import (
	"bytes"
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// sparseCases test what a search by words needs.
func sparseCases() []testCase {
	return []testCase{
		{"SparseHitsAgreeWithTheScorer", sparseHitsAgreeWithTheScorer},
		{"SparseTiesComeInTheOrderOfIDs", sparseTiesComeInTheOrderOfIDs},
		{"AQueryOfNothingFindsNothing", aQueryOfNothingFindsNothing},
		{"NoSparseVectorsAreTold", noSparseVectorsAreTold},
		{"AWrongSparseVectorIsRefused", aWrongSparseVectorIsRefused},
		{"IDFFollowsReplacing", idfFollowsReplacing},
		{"IDFFollowsDeleting", idfFollowsDeleting},
		{"APointIsFoundByBothVectors", aPointIsFoundByBothVectors},
		{"UpdateKeepsTheSparseVector", updateKeepsTheSparseVector},
		{"SparseVectorsAreOfTheirName", sparseVectorsAreOfTheirName},
		{"OtherSparseSettingsAreRefused", otherSparseSettingsAreRefused},
	}
}

// sparseSpaces are those of an index of one vector with a sparse one beside it.
func sparseSpaces() pipeline.Spaces {
	s := space()
	s.Sparse = "sinktest words"
	return pipeline.Spaces{vector: s}
}

// words makes a sparse vector with these indices, of values that rise.
func words(indices ...uint32) pipeline.Sparse {
	s := pipeline.Sparse{Indices: indices}
	for i := range indices {
		s.Values = append(s.Values, 1+float32(i)/4)
	}
	return s
}

func wordy(doc string, sparse pipeline.Sparse) pipeline.Point {
	p := point(doc, axis(0))
	p.Sparse = sparse
	return p
}

// randomWords makes n points whose sparse vectors share indices, some of many
// points and some of few. Every tenth has none.
func randomWords(n int, seed uint64) []pipeline.Point {
	random := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // a test wants the same points each time
	points := randomPoints(n, seed)
	for i := range points {
		if i%10 > 0 {
			points[i].Sparse = randomSparse(random, 1+random.IntN(12))
		}
	}
	return points
}

func randomSparse(random *rand.Rand, n int) pipeline.Sparse {
	of := map[uint32]float32{}
	for range n {
		// Also indices that a signed number does not hold.
		of[uint32(random.IntN(1+random.IntN(60)))*71_582_788] = 0.1 + 2*random.Float32()
	}
	var s pipeline.Sparse
	for index := range of {
		s.Indices = append(s.Indices, index)
	}
	slices.Sort(s.Indices)
	for _, index := range s.Indices {
		s.Values = append(s.Values, of[index])
	}
	return s
}

func searchSparse(t *testing.T, index pipeline.SparseSearcher, name string, query pipeline.Sparse, limit int) []pipeline.Hit {
	t.Helper()
	hits, err := index.SearchSparse(t.Context(), name, query, limit)
	if err != nil {
		t.Fatalf("SearchSparse of %s: %v (%s)", name, err, pipeline.Hint(err))
	}
	return hits
}

// scoreAll is the plain scan: the points that share an index with the query,
// best first. counted are those that the IDF is of.
func scoreAll(points, counted []pipeline.Point, query pipeline.Sparse) []pipeline.Hit {
	total, with := 0, map[uint32]int{}
	for _, p := range counted {
		if p.Sparse.Len() > 0 {
			total++
		}
		for _, index := range p.Sparse.Indices {
			with[index]++
		}
	}
	var hits []pipeline.Hit
	for _, p := range points {
		if slices.ContainsFunc(query.Indices, func(index uint32) bool { return slices.Contains(p.Sparse.Indices, index) }) {
			score := query.Score(p.Sparse, func(index uint32) float64 { return pipeline.IDF(total, with[index]) })
			hits = append(hits, pipeline.Hit{Point: p, Score: score})
		}
	}
	slices.SortFunc(hits, func(a, b pipeline.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return hits
}

// closeTo reports whether two lists have the same scores, and each point the
// same one, as far as float32 can say.
func closeTo(got, want []pipeline.Hit) bool {
	if len(got) > len(want) {
		return false
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-5*math.Max(1, math.Abs(b)) }
	of := map[pipeline.PointID]float64{}
	for _, hit := range want {
		of[hit.ID] = hit.Score
	}
	for i, hit := range got {
		score, ok := of[hit.ID]
		if !ok || !near(hit.Score, score) || !near(hit.Score, want[i].Score) {
			return false
		}
	}
	return true
}

func wantScores(t *testing.T, index pipeline.SparseSearcher, points []pipeline.Point, query pipeline.Sparse, limit int) {
	t.Helper()
	got, want := searchSparse(t, index, vector, query, limit), scoreAll(points, points, query)
	if len(got) != min(limit, len(want)) || !closeTo(got, want) {
		t.Errorf("%d hits of %v:\n%s\nwant of %d:\n%s", len(got), query.Indices, listed(got), len(want), listed(want))
	}
	for i := 1; i < len(got); i++ {
		a, b := got[i-1], got[i]
		if a.Score < b.Score || a.Score == b.Score && bytes.Compare(a.ID[:], b.ID[:]) >= 0 {
			t.Errorf("hits %d and %d are out of order: %s %v, %s %v", i-1, i, a.ID, a.Score, b.ID, b.Score)
		}
	}
}

// listed writes the first hits down.
func listed(hits []pipeline.Hit) string {
	var b strings.Builder
	for _, hit := range hits[:min(len(hits), 6)] {
		b.WriteString("  " + hit.Doc + " " + strconv.FormatFloat(hit.Score, 'g', 8, 64))
	}
	return b.String()
}

func sparseHitsAgreeWithTheScorer(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, sparseSpaces())
	points := randomWords(500, 31)
	write(t, index, points[:200]...)
	write(t, index, points[200:]...)
	wantCount(t, index, 500)
	again := opened(t, open)
	random := rand.New(rand.NewPCG(1, 3)) //nolint:gosec // as above
	for n := 1; n <= 8; n++ {
		query := randomSparse(random, n)
		wantScores(t, index, points, query, 20)
		wantScores(t, again, points, query, 1000)
		for _, hit := range searchSparse(t, again, vector, query, 3) {
			i := slices.IndexFunc(points, func(p pipeline.Point) bool { return p.ID == hit.ID })
			wantPoint(t, []pipeline.Hit{hit}, points[i])
			if hit.Sparse.Len() > 0 {
				t.Error("a hit carries a sparse vector")
			}
		}
	}
}

func sparseTiesComeInTheOrderOfIDs(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, sparseSpaces())
	points := randomPoints(60, 32)
	for i := range points {
		points[i].Sparse = words(1, 2, uint32(3+i%2))
	}
	write(t, index, points...)
	wantScores(t, index, points, words(2, 3), 60)
	wantScores(t, index, points, words(1), 60)
}

func aQueryOfNothingFindsNothing(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, sparseSpaces())
	wantNone := func(what string, query pipeline.Sparse, limit int) {
		t.Helper()
		if hits := searchSparse(t, index, vector, query, limit); len(hits) > 0 {
			t.Errorf("%s finds %s", what, listed(hits))
		}
	}
	wantNone("a word in an empty index", words(1), 5)
	write(t, index, wordy("a", words(1, 2)), wordy("b", pipeline.Sparse{}))
	wantNone("an empty query", pipeline.Sparse{}, 5)
	wantNone("a word of no point", words(3), 5)
	wantNone("a limit of 0", words(1), 0)
	if hits := searchSparse(t, index, vector, words(1, 3), 5); len(hits) != 1 || hits[0].Doc != "a" {
		t.Errorf("a word beside one of no point finds %s", listed(hits))
	}
}

func noSparseVectorsAreTold(t *testing.T, open Open) {
	t.Helper()
	_, err := opened(t, open).SearchSparse(t.Context(), vector, words(1), 1)
	wantClass(t, err, pipeline.Misconfigured)
	index := preparedFor(t, open, both())
	write(t, index, point("a", axis(0)))
	for _, handle := range []Index{index, opened(t, open)} {
		for _, name := range []string{vector, image, "audio"} {
			for _, query := range []pipeline.Sparse{words(1), {}} {
				_, err := handle.SearchSparse(t.Context(), name, query, 1)
				wantClass(t, err, pipeline.Misconfigured)
			}
		}
	}
	// One that came all the same would be found by nobody.
	err = index.Write(t.Context(), []pipeline.Point{point("b", axis(0)), wordy("c", words(1))})
	wantClass(t, err, pipeline.Fatal)
	wantCount(t, index, 1)
}

func aWrongSparseVectorIsRefused(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, sparseSpaces())
	for name, sparse := range map[string]pipeline.Sparse{
		"uneven":       {Indices: []uint32{1, 2}, Values: []float32{1}},
		"falling":      {Indices: []uint32{2, 1}, Values: []float32{1, 1}},
		"not a number": {Indices: []uint32{1}, Values: []float32{float32(math.NaN())}},
	} {
		err := index.Write(t.Context(), []pipeline.Point{wordy("good", words(1)), wordy("bad", sparse)})
		if err == nil {
			t.Errorf("%s: written", name)
		} else {
			wantClass(t, err, pipeline.Fatal)
		}
		if _, err := index.SearchSparse(t.Context(), vector, sparse, 1); err == nil {
			t.Errorf("%s: searched for", name)
		}
	}
	wantCount(t, index, 0)
}
