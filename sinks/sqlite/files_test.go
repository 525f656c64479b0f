package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/sqlite"
)

func spaces() pipeline.Spaces {
	return pipeline.Spaces{"text": {Model: "a/model", Dim: 3, Normalize: true}}
}

func points(ids ...string) []pipeline.Point {
	var out []pipeline.Point
	for i, id := range ids {
		out = append(out, pipeline.Point{
			ID: pipeline.NewPointID("text", id, 0), Name: "text", Doc: id, Chunks: 1, Text: id, Vector: pipeline.Vector{1, float32(i), 0},
		})
	}
	return out
}

func prepared(tb testing.TB, path string) *sqlite.Index {
	tb.Helper()
	index := newIndex(tb, path)
	if err := index.Prepare(tb.Context(), spaces()); err != nil {
		tb.Fatalf("Prepare: %v (%s)", err, pipeline.Hint(err))
	}
	return index
}

// execute runs statements as another program would.
func execute(tb testing.TB, path string, statements ...string) {
	tb.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		tb.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(tb.Context(), statement); err != nil {
			tb.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		tb.Fatal(err)
	}
}

// wantError checks class, words and hint of an error.
func wantError(tb testing.TB, err error, class pipeline.Class, text, hint string) {
	tb.Helper()
	if err == nil {
		tb.Fatal("no error")
	}
	if got := pipeline.Classify(err); got != class {
		tb.Errorf("class of %q is %q, want %q", err, got, class)
	}
	if !strings.Contains(err.Error(), text) {
		tb.Errorf("error is %q, want it to say %q", err, text)
	}
	if got := pipeline.Hint(err); !strings.Contains(got, hint) || got == "" {
		tb.Errorf("hint is %q, want it to say %q", got, hint)
	}
}

func TestAForeignFileIsRefusedAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		make       func(t *testing.T, path string)
		text, hint string
	}{
		"text": {
			func(t *testing.T, path string) {
				t.Helper()
				write(t, path, "# My notes\n\nlong enough for a header\n")
			},
			"not an SQLite database", "choose another path",
		},
		"one byte": {
			func(t *testing.T, path string) { t.Helper(); write(t, path, "S") },
			"not an SQLite database", "choose another path",
		},
		"only the first bytes of a database": {
			func(t *testing.T, path string) { t.Helper(); write(t, path, "SQLite format 3\x00") },
			"", "choose another path",
		},
		"a database of another program": {
			func(t *testing.T, path string) { t.Helper(); execute(t, path, `CREATE TABLE notes (x)`) },
			"not an index of vecload", "choose another path",
		},
		"an empty database of another program": {
			func(t *testing.T, path string) { t.Helper(); execute(t, path, `PRAGMA application_id = 42`) },
			"not an index of vecload", "choose another path",
		},
		"an index of a later layout": {
			func(t *testing.T, path string) {
				t.Helper()
				if err := prepared(t, path).Close(); err != nil {
					t.Fatal(err)
				}
				execute(t, path, `PRAGMA user_version = 6`, `PRAGMA journal_mode = DELETE`)
			},
			"layout 6", "newer",
		},
		"an index of an earlier layout": {
			func(t *testing.T, path string) {
				t.Helper()
				execute(t, path, firstLayout()...)
			},
			"layout 1", "index it again",
		},
		"an index that does not know what its points were made from": {
			func(t *testing.T, path string) {
				t.Helper()
				execute(t, path, `CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT`,
					`PRAGMA application_id = 0x7665636c`, `PRAGMA user_version = 2`)
			},
			"layout 2", "index it again",
		},
		"a folder": {
			func(t *testing.T, path string) {
				t.Helper()
				if err := os.Mkdir(path, 0o700); err != nil {
					t.Fatal(err)
				}
			},
			"not a regular file", "name a file",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "index.db")
			test.make(t, path)
			before := content(path)
			err := newIndex(t, path).Prepare(t.Context(), spaces())
			wantError(t, err, pipeline.Misconfigured, test.text, test.hint)
			_, err = newIndex(t, path).Spaces(t.Context())
			wantError(t, err, pipeline.Misconfigured, test.text, test.hint)
			if content(path) != before {
				t.Error("the file was changed")
			}
		})
	}
}

// firstLayout makes a file as layout 1 had it, with a point.
func firstLayout() []string {
	return []string{
		`CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT`,
		`CREATE TABLE points (id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16), vec BLOB NOT NULL, doc TEXT NOT NULL,
			chunk INTEGER NOT NULL, chunks INTEGER NOT NULL, text TEXT NOT NULL, payload TEXT NOT NULL) STRICT`,
		`INSERT INTO meta VALUES ('space', '{"model":"a/model","dim":3,"normalize":true}')`,
		`INSERT INTO points VALUES (x'00112233445566778899aabbccddeeff', x'0000803f0000000000000000', 'a', 0, 1, 'a', '{}')`,
		`PRAGMA application_id = 0x7665636c`, `PRAGMA user_version = 1`,
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func content(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func TestSearchingMakesNoFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	_, err := newIndex(t, path).Search(t.Context(), "text", pipeline.Vector{1, 0, 0}, 1)
	wantError(t, err, pipeline.Misconfigured, path, "vecload run")
	write(t, path, "")
	_, err = newIndex(t, path).Spaces(t.Context())
	wantError(t, err, pipeline.Misconfigured, "no index", "vecload run")
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 || content(path) != "" {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

func TestAMissingFolderIsTold(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "nowhere")
	err := newIndex(t, filepath.Join(folder, "index.db")).Prepare(t.Context(), spaces())
	wantError(t, err, pipeline.Misconfigured, folder, "create the folder")
	_, err = sqlite.New(sqlite.Options{})
	wantError(t, err, pipeline.Misconfigured, "no path", "vecload.db")
}

func TestAnEmptyFileBecomesAnIndex(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	write(t, path, "")
	if err := prepared(t, path).Write(t.Context(), points("a")); err != nil {
		t.Errorf("Write: %v", err)
	}
}

func TestADamagedFileIsTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	index := prepared(t, path)
	var many []string
	for i := range 2000 {
		many = append(many, strconv.Itoa(i)+strings.Repeat("x", 50))
	}
	if err := index.Write(t.Context(), points(many...)); err != nil {
		t.Fatalf("Write: %v", err)
	}
	if err := index.Close(); err != nil {
		t.Fatal(err)
	}
	data := []byte(content(path))
	for i := 3 * 8192; i < len(data)-100; i += 512 {
		copy(data[i:], "damaged damaged damaged damaged")
	}
	write(t, path, string(data))
	_, err := newIndex(t, path).Search(t.Context(), "text", pipeline.Vector{1, 0, 0}, 2000)
	wantError(t, err, pipeline.Fatal, "", "damaged")
	write(t, path, string(data[:len(data)/2]))
	_, err = newIndex(t, path).Search(t.Context(), "text", pipeline.Vector{1, 0, 0}, 2000)
	wantError(t, err, pipeline.Fatal, "", "damaged")
}

func TestARowOfAnotherLengthIsTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	index := prepared(t, path)
	if err := index.Write(t.Context(), points("a")); err != nil {
		t.Fatal(err)
	}
	execute(t, path, `UPDATE points_1 SET vec = x'00000000'`)
	_, err := index.Search(t.Context(), "text", pipeline.Vector{1, 0, 0}, 1)
	wantError(t, err, pipeline.Fatal, "length", "damaged")
}

func TestASecondWriterWaits(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	patient := prepared(t, path)
	impatient, err := sqlite.New(sqlite.Options{Path: path, LockWait: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = impatient.Close() })
	if err := impatient.Prepare(t.Context(), spaces()); err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	lock, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, impatient.Write(t.Context(), points("a")), pipeline.Transient, "lock", "another process")
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	if err := patient.Write(ctx, points("b")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a writer that waits hears its context with %v", err)
	}
	done := make(chan error)
	go func() { done <- patient.Write(t.Context(), points("c")) }()
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("Write after the lock was free: %v", err)
	}
}

func TestAReadOnlyIndexIsSearchedAndNotWritten(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("the superuser may write to read-only files")
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "index.db")
	index := prepared(t, path)
	if err := index.Write(t.Context(), points("a", "b")); err != nil {
		t.Fatal(err)
	}
	if err := index.Close(); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{path: 0o400, folder: 0o500} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(folder, 0o700) }) //nolint:gosec // a folder needs to be entered to be removed
	if n, err := newIndex(t, path).Count(t.Context()); err != nil || n != 2 {
		t.Errorf("Count is %d, %v", n, err)
	}
	wantError(t, newIndex(t, path).Prepare(t.Context(), spaces()), pipeline.Misconfigured, path, "no right")
}
