package sqlite_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/sqlite"
)

// worded is a point of a vector with a sparse one, of these indices.
func worded(name, doc string, indices ...uint32) pipeline.Point {
	p := points(doc)[0]
	p.ID, p.Name = pipeline.NewPointID(name, doc, 0), name
	p.Sparse.Indices = indices
	for range indices {
		p.Sparse.Values = append(p.Sparse.Values, 1)
	}
	return p
}

// wordedIndex has the points a to d, of which b was deleted.
func wordedIndex(t *testing.T, path string) *sqlite.Index {
	t.Helper()
	index := newIndex(t, path)
	if err := index.Prepare(t.Context(), pipeline.Spaces{"text": {Model: "a/model", Dim: 3, Sparse: "words"}}); err != nil {
		t.Fatal(err)
	}
	made := []pipeline.Point{worded("text", "a", 1, 9), worded("text", "b", 2, 9), worded("text", "c", 3), worded("text", "d", 4, 9)}
	if err := index.Write(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	if err := index.Delete(t.Context(), "text", []pipeline.PointID{made[1].ID}); err != nil {
		t.Fatal(err)
	}
	return index
}

// found searches for the points that have an index.
func found(t *testing.T, index *sqlite.Index, word uint32) []string {
	t.Helper()
	hits, err := index.SearchSparse(t.Context(), "text", pipeline.Sparse{Indices: []uint32{word}, Values: []float32{1}}, 10)
	if err != nil {
		t.Fatal(err)
	}
	docs := []string{}
	for _, hit := range hits {
		docs = append(docs, hit.Doc)
	}
	slices.Sort(docs)
	return docs
}

func TestSparseVectorsStayWithTheirPoints(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	if err := wordedIndex(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	// Other programs may fill the gaps between rows, and delete points.
	execute(t, path, `VACUUM`, `DELETE FROM points_1 WHERE doc = 'c'`)
	index := newIndex(t, path)
	for word, want := range map[uint32][]string{1: {"a"}, 2: {}, 3: {}, 4: {"d"}, 9: {"a", "d"}} {
		if got := found(t, index, word); !slices.Equal(got, want) {
			t.Errorf("the word %d is in %q, want %q", word, got, want)
		}
	}
}

func TestIDFIsOfThePointsThatAreThere(t *testing.T) {
	t.Parallel()
	index := wordedIndex(t, filepath.Join(t.TempDir(), "index.db"))
	hits, err := index.SearchSparse(t.Context(), "text", pipeline.Sparse{Indices: []uint32{9}, Values: []float32{2}}, 10)
	if err != nil || len(hits) != 2 {
		t.Fatalf("%d hits, %v", len(hits), err)
	}
	for _, hit := range hits {
		if want := 2 * pipeline.IDF(3, 2); hit.Score != want {
			t.Errorf("%s scores %v, want %v", hit.Doc, hit.Score, want)
		}
	}
}

func TestADamagedSparseVectorIsTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	if err := wordedIndex(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	// One connection, since the pragma is one's own.
	execute(t, path, `PRAGMA ignore_check_constraints = ON; UPDATE sparse_1 SET weights = x'000102'`)
	_, err := newIndex(t, path).SearchSparse(t.Context(), "text", pipeline.Sparse{Indices: []uint32{9}, Values: []float32{2}}, 10)
	if pipeline.Classify(err) != pipeline.Fatal || pipeline.Hint(err) == "" {
		t.Errorf("error %v (%s)", err, pipeline.Hint(err))
	}
}
