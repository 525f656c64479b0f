package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// FuzzPayload reads a payload column back: whatever is read is written and
// read again as the same.
func FuzzPayload(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"a":1,"b":1.0,"c":[null,true,"\u0000"],"d":{"e":{}}}`, `{"n":9223372036854775807}`,
		`[]`, `null`, `{"a":1e999}`, `{"a":`, `{"a":1}{"b":2}`, `{"a":-0.0}`, `{"a":123456789012345678901}`, ``,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		fields, err := decodePayload(text)
		if err != nil {
			return
		}
		once := pipeline.AppendJSONFields(nil, fields)
		again, err := decodePayload(once)
		if err != nil {
			t.Fatalf("%q was read, and written as %q: %v", text, once, err)
		}
		if twice := pipeline.AppendJSONFields(nil, again); string(twice) != string(once) {
			t.Errorf("%q became %q", once, twice)
		}
	})
}

func TestDotAgreesWithAPlainLoop(t *testing.T) {
	t.Parallel()
	for dim := range 19 {
		v := make([]float32, dim)
		blob := make([]byte, 4*dim)
		want := float32(0)
		for i := range v {
			v[i] = float32(i+1) / 64
			want += v[i] * v[i]
		}
		if dim > 0 {
			// Kept as they are, as those of length 1 are.
			putVector(blob, v, 1)
		}
		if got := dot(v, blob); got != min(1, want) {
			t.Errorf("dimension %d: %v, want %v", dim, got, want)
		}
	}
}

func TestErrorsOfTheSystemHaveAClass(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want pipeline.Class
	}{
		{fmt.Errorf("write: %w", syscall.ENOSPC), pipeline.Fatal},
		{syscall.EACCES, pipeline.Misconfigured},
		{syscall.EROFS, pipeline.Misconfigured},
		{errors.New("anything"), pipeline.Fatal},
	} {
		if got, hint := classify(test.err); got != test.want || hint == "" && test.err.Error() != "anything" {
			t.Errorf("%v is %q with hint %q, want %q", test.err, got, hint, test.want)
		}
	}
}

func TestAFullDiskIsTold(t *testing.T) {
	t.Parallel()
	index, err := New(Options{Path: filepath.Join(t.TempDir(), "index.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = index.Close() })
	if err := index.Prepare(t.Context(), pipeline.Spaces{"text": {Model: "a/model", Dim: 1}}); err != nil {
		t.Fatal(err)
	}
	// SQLite says the same of a file that may not grow as of a disk that is full.
	if _, err := index.writer.ExecContext(t.Context(), `PRAGMA max_page_count = 40`); err != nil {
		t.Fatal(err)
	}
	written := int64(0)
	for i := range 100 {
		doc := strconv.Itoa(i)
		err = index.Write(t.Context(), []pipeline.Point{{
			ID: pipeline.NewPointID("text", doc, 0), Name: "text", Doc: doc, Text: strings.Repeat("x", 10_000), Vector: pipeline.Vector{1},
		}})
		if err != nil {
			break
		}
		written++
	}
	if got, hint := pipeline.Classify(err), pipeline.Hint(err); err == nil || got != pipeline.Fatal || !strings.Contains(hint, "free some space") {
		t.Errorf("after %d points: %v of class %q, hint %q", written, err, got, hint)
	}
	if n, err := index.Count(t.Context()); err != nil || n != written || n == 0 {
		t.Errorf("Count is %d, %v; %d writes succeeded", n, err, written)
	}
}
