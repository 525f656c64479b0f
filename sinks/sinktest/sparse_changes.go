package sinktest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// wantScoresSince is wantScores where points were replaced or deleted: the
// older versions may count for the IDF until the index has cleaned up.
func wantScoresSince(t *testing.T, index pipeline.SparseSearcher, now, older []pipeline.Point, query pipeline.Sparse) {
	t.Helper()
	got := searchSparse(t, index, vector, query, 1000)
	for _, counted := range [][]pipeline.Point{now, slices.Concat(now, older)} {
		if want := scoreAll(now, counted, query); len(got) == len(want) && closeTo(got, want) {
			return
		}
	}
	t.Errorf("hits of %v are\n%s\nwant\n%s", query.Indices, listed(got), listed(scoreAll(now, now, query)))
}

func idfFollowsReplacing(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, sparseSpaces())
	points := randomWords(100, 33)
	write(t, index, points...)
	random := rand.New(rand.NewPCG(2, 3)) //nolint:gosec // a test wants the same points each time
	older := slices.Clone(points[:40])
	for i := range older {
		points[i].Sparse = pipeline.Sparse{}
		if i%4 > 0 {
			points[i].Sparse = randomSparse(random, 5)
		}
	}
	write(t, index, points[:40]...)
	wantCount(t, index, 100)
	for n := 1; n <= 6; n++ {
		wantScoresSince(t, index, points, older, randomSparse(random, n))
	}
}

func idfFollowsDeleting(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, sparseSpaces())
	points := randomWords(100, 34)
	write(t, index, points...)
	remove(t, index, vector, ids(points[:30])...)
	random := rand.New(rand.NewPCG(3, 3)) //nolint:gosec // as above
	for n := 1; n <= 6; n++ {
		wantScoresSince(t, index, points[30:], points[:30], randomSparse(random, n))
	}
	// They may come again.
	write(t, index, points[:30]...)
	wantCount(t, index, 100)
	for n := 1; n <= 6; n++ {
		wantScoresSince(t, index, points, points[:30], randomSparse(random, n))
	}
}

func aPointIsFoundByBothVectors(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, sparseSpaces())
	p := wordy("doc", words(7, 9))
	p.Payload = []pipeline.Field{{Name: "n", Value: pipeline.Int(1)}}
	other := point("other", axis(1))
	write(t, index, p, other)
	wantPoint(t, search(t, index, axis(0), 2), p)
	wantPoint(t, searchSparse(t, index, vector, words(9), 2), p)
	if v := vectorsOf(t, index, vector, ids([]pipeline.Point{p}))[0]; math.Abs(v.Cosine(axis(0))-1) > 1e-6 {
		t.Errorf("the vector is %v", v)
	}
	// A point is replaced with both.
	p.Sparse, p.Text = words(8), "new"
	write(t, index, p)
	wantCount(t, index, 2)
	if hits := searchSparse(t, index, vector, words(9), 2); len(hits) > 0 {
		t.Errorf("a word of before finds %s", listed(hits))
	}
	wantPoint(t, searchSparse(t, index, vector, words(8), 2), p)
	p.Sparse = pipeline.Sparse{}
	write(t, index, p)
	if hits := searchSparse(t, index, vector, words(7, 8, 9), 2); len(hits) > 0 {
		t.Errorf("words of before find %s", listed(hits))
	}
	wantPoint(t, search(t, index, axis(0), 2), p)
}

func updateKeepsTheSparseVector(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, sparseSpaces())
	points := randomWords(30, 35)
	write(t, index, points...)
	for i := range points[:20] {
		p := points[i]
		p.Text, p.Made, p.Payload = "new", made("new"), nil
		points[i] = p
		p.Vector, p.Sparse = nil, pipeline.Sparse{}
		update(t, index, p)
	}
	wantStored(t, index, vector, points)
	random := rand.New(rand.NewPCG(4, 3)) //nolint:gosec // as above
	for n := 1; n <= 5; n++ {
		query := randomSparse(random, n)
		wantScoresSince(t, index, points, nil, query)
		for _, hit := range searchSparse(t, index, vector, query, 5) {
			i := slices.IndexFunc(points, func(p pipeline.Point) bool { return p.ID == hit.ID })
			wantPoint(t, []pipeline.Hit{hit}, points[i])
		}
	}
}

func sparseVectorsAreOfTheirName(t *testing.T, open Open) {
	t.Helper()
	spaces := sparseSpaces()
	spaces["title"], spaces[image] = spaces[vector], imageSpace()
	index := preparedFor(t, open, spaces)
	text := wordy("doc", words(1, 2))
	title := pointIn("title", "doc", axis(0))
	title.Sparse = words(2, 3)
	write(t, index, title, text, pictures(1)[0])
	for _, want := range []struct {
		name string
		word uint32
		n    int
	}{{vector, 1, 1}, {vector, 2, 1}, {vector, 3, 0}, {"title", 1, 0}, {"title", 2, 1}, {"title", 3, 1}} {
		hits := searchSparse(t, index, want.name, words(want.word), 5)
		if len(hits) != want.n {
			t.Errorf("the word %d is in %d points of %s, want %d", want.word, len(hits), want.name, want.n)
		}
		for _, hit := range hits {
			if hit.Name != want.name {
				t.Errorf("a hit in %s is of %s", want.name, hit.Name)
			}
		}
	}
	_, err := index.SearchSparse(t.Context(), image, words(1), 1)
	wantClass(t, err, pipeline.Misconfigured)
	remove(t, index, vector, text.ID)
	if hits := searchSparse(t, index, vector, words(1, 2), 5); len(hits) > 0 {
		t.Errorf("a deleted point is found: %s", listed(hits))
	}
	wantPoint(t, searchSparse(t, index, "title", words(2), 5), title)
}

func otherSparseSettingsAreRefused(t *testing.T, open Open) {
	t.Helper()
	index := preparedFor(t, open, sparseSpaces())
	write(t, index, wordy("doc", words(1)))
	for _, settings := range []string{"", "other words"} {
		other := space()
		other.Sparse = settings
		err := opened(t, open).Prepare(t.Context(), pipeline.Spaces{vector: other})
		wantClass(t, err, pipeline.Misconfigured)
	}
	wantCount(t, preparedFor(t, open, sparseSpaces()), 1)
}
