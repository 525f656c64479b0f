package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func TestStoredReadsNoRow(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	if err := prepared(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var id, parent, unused int
	var plan string
	err = db.QueryRowContext(t.Context(), `EXPLAIN QUERY PLAN SELECT id, made, chunks FROM points_1 INDEXED BY points_1_made
		WHERE id IN (x'00', x'01') ORDER BY id`).Scan(&id, &parent, &unused, &plan)
	if err != nil || !strings.Contains(plan, "COVERING INDEX points_1_made (id=?)") {
		t.Errorf("the plan is %q, %v", plan, err)
	}
}

func TestAListKeepsNoReaderOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	index := prepared(t, path)
	const many = 3000
	ids := make([]string, many)
	for i := range ids {
		ids[i] = strconv.Itoa(i)
	}
	if err := index.Write(t.Context(), points(ids...)); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	n := 0
	for _, err := range index.Listed(t.Context(), "text") {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%1000 != 0 {
			continue
		}
		// In the middle of the list the log can be folded into the file as a whole.
		if err := index.Write(t.Context(), points(strconv.Itoa(n))); err != nil {
			t.Fatal(err)
		}
		var blocked, pages, folded int
		err := db.QueryRowContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&blocked, &pages, &folded)
		if err != nil || blocked != 0 || pages != folded {
			t.Errorf("after %d points: blocked %d, %d of %d pages, %v", n, blocked, folded, pages, err)
		}
	}
	if n != many {
		t.Errorf("%d points listed, want %d", n, many)
	}
}

func TestADamagedRowIsToldToARun(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"a short digest":    `UPDATE points_1 SET made = x'00'`,
		"a negative number": `UPDATE points_1 SET chunks = -1`,
		"a huge number":     `UPDATE points_1 SET chunks = 1 << 40`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "index.db")
			index := prepared(t, path)
			if err := index.Write(t.Context(), points("a")); err != nil {
				t.Fatal(err)
			}
			execute(t, path, `PRAGMA ignore_check_constraints = 1; `+statement)
			_, err := index.Stored(t.Context(), "text", []pipeline.PointID{points("a")[0].ID})
			wantError(t, err, pipeline.Fatal, points("a")[0].ID.String(), "damaged")
			for _, err := range index.Listed(t.Context(), "text") {
				wantError(t, err, pipeline.Fatal, "row 1", "damaged")
			}
		})
	}
}
