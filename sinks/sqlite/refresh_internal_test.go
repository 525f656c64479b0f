package sqlite

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// FuzzLease reads a lease: one that can be read names its holder, and ends.
func FuzzLease(f *testing.F) {
	for _, text := range []string{
		`{"token":"a","run":"r","host":"h","pid":1,"since":"2026-11-20T10:00:00Z","renewals":3,"renewed":1795000000000}`,
		`{"token":"a","renewed":-9223372036854775808}`, `{"token":"a","renewed":9223372036854775807,"pid":-1}`,
		`{}`, `null`, `[]`, `"a"`, `{"token":"a","since":"never"}`, ``,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		row, err := decodeLease(text)
		if err != nil {
			if pipeline.Classify(err) != pipeline.Fatal || pipeline.Hint(err) == "" {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if row.Token == "" {
			t.Errorf("%q has no token", text)
		}
		if left := row.left(time.Minute); left < 0 || left > time.Minute {
			t.Errorf("%q is not dead for %v", text, left)
		}
		if row.busy().Error() == "" || lost(row, true).Error() == "" {
			t.Errorf("%q has no words", text)
		}
	})
}

// FuzzListed reads the columns of a row: what can be read is written as the
// same.
func FuzzListed(f *testing.F) {
	f.Add(make([]byte, 16), make([]byte, 32), int64(0), int64(1))
	f.Add([]byte("0123456789abcdef"), []byte("0123456789abcdef0123456789ABCDEF"), int64(3), int64(1<<31-1))
	f.Add([]byte{}, []byte{}, int64(-1), int64(1<<31))
	f.Fuzz(func(t *testing.T, id, made []byte, chunk, chunks int64) {
		var p pipeline.Listed
		if err := fill(&p, id, made, chunk, chunks); err != nil {
			return
		}
		if !bytes.Equal(p.ID[:], id) || !bytes.Equal(madeBlob(p.Made), made) || int64(p.Chunk) != chunk || int64(p.Chunks) != chunks {
			t.Errorf("%x %x %d %d is read as %+v", id, made, chunk, chunks, p)
		}
		if p.Chunk < 0 || p.Chunks < 0 {
			t.Errorf("a place is negative: %+v", p)
		}
	})
}

func TestAHitIsNotAnotherPointsRow(t *testing.T) {
	t.Parallel()
	index, err := New(Options{Path: filepath.Join(t.TempDir(), "index.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = index.Close() })
	if err := index.Prepare(t.Context(), pipeline.Spaces{"text": {Model: "a/model", Dim: 1}}); err != nil {
		t.Fatal(err)
	}
	write := func(doc string) pipeline.PointID {
		p := pipeline.Point{ID: pipeline.NewPointID("text", doc, 0), Name: "text", Doc: doc, Chunks: 1, Vector: pipeline.Vector{1}}
		if err := index.Write(t.Context(), []pipeline.Point{p}); err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	old := write("old")
	db, _, err := index.reading(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	best, err := scan(t.Context(), db, "points_1", []float32{1}, 5)
	if err != nil || len(best) != 1 {
		t.Fatalf("%d candidates, %v", len(best), err)
	}
	// The new point takes the row of the old one.
	if err := index.Delete(t.Context(), "text", []pipeline.PointID{old}); err != nil {
		t.Fatal(err)
	}
	write("new")
	hits, err := fetch(t.Context(), db, "points_1", best)
	if err != nil || len(hits) != 0 {
		t.Errorf("the hits of a point that is gone are %+v, %v", hits, err)
	}
}
