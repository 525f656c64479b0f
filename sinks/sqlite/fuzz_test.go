package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/sqlite"
)

// FuzzOpen opens bytes as an index: an error or an answer, never a panic and
// never an error without a class or a hint.
func FuzzOpen(f *testing.F) {
	path := filepath.Join(f.TempDir(), "index.db")
	index := newIndex(f, path)
	both := spaces()
	both["image"] = pipeline.Space{Model: "b/model", Dim: 2}
	both["words"] = pipeline.Space{Model: "b/model", Dim: 3, Sparse: "words"}
	if err := index.Prepare(f.Context(), both); err != nil {
		f.Fatal(err)
	}
	if err := index.Write(f.Context(), append(points("a", "b"), worded("words", "a", 1, 2))); err != nil {
		f.Fatal(err)
	}
	if err := index.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(content(path)))
	f.Add([]byte("SQLite format 3\x00"))
	f.Add([]byte("# text"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "index.db")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		index := newIndex(t, path)
		if _, err := index.Spaces(t.Context()); err == nil {
			_, _ = index.Count(t.Context())
			_, _ = index.Search(t.Context(), "text", pipeline.Vector{1, 0, 0}, 3)
			_, _ = index.SearchSparse(t.Context(), "words", pipeline.Sparse{Indices: []uint32{2}, Values: []float32{1}}, 3)
		}
		index, err := sqlite.New(sqlite.Options{Path: path, LeaseTerm: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		defer index.Close() //nolint:errcheck // a damaged file may be closed with an error
		err = index.Prepare(t.Context(), spaces())
		if err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
		if err == nil {
			refresh(t, index)
		}
	})
}

// refresh does with an index what a run does, and takes any answer that has
// words.
func refresh(t *testing.T, index *sqlite.Index) {
	t.Helper()
	asked := make([]pipeline.PointID, 0, 3)
	for _, p := range points("a", "b", "c") {
		asked = append(asked, p.ID)
	}
	var errs []error
	stored, err := index.Stored(t.Context(), "text", asked)
	for _, s := range stored {
		if s.Chunks < 0 || !s.Found && s != (pipeline.Stored{}) {
			t.Errorf("a point is stored as %+v", s)
		}
	}
	errs = append(errs, err)
	vectors, err := index.Vectors(t.Context(), "text", asked)
	for _, v := range vectors {
		if v != nil && len(v) != 3 {
			t.Errorf("a vector is %v", v)
		}
	}
	errs = append(errs, err)
	for listed, err := range index.Listed(t.Context(), "text") {
		if listed.Chunk < 0 || listed.Chunks < 0 {
			t.Errorf("a point is listed as %+v", listed)
		}
		errs = append(errs, err)
	}
	errs = append(errs, index.Update(t.Context(), points("a")), index.Delete(t.Context(), "text", asked[:1]))
	lease, err := index.Acquire(t.Context(), pipeline.Holder{Run: "a"}, nil)
	if err == nil {
		err = lease.Release(t.Context(), true)
	}
	for _, err := range append(errs, err) {
		if err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	}
}
