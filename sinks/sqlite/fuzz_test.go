package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// FuzzOpen opens bytes as an index: an error or an answer, never a panic and
// never an error without a class or a hint.
func FuzzOpen(f *testing.F) {
	path := filepath.Join(f.TempDir(), "index.db")
	index := newIndex(f, path)
	both := spaces()
	both["image"] = pipeline.Space{Model: "b/model", Dim: 2}
	if err := index.Prepare(f.Context(), both); err != nil {
		f.Fatal(err)
	}
	if err := index.Write(f.Context(), points("a", "b")); err != nil {
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
		}
		if err := newIndex(t, path).Prepare(t.Context(), spaces()); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
