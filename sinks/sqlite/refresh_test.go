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
	for query, want := range map[string]string{
		`SELECT id, made, chunks FROM keys_1 WHERE row >= 1 AND row < 9`: "SEARCH keys_1 USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
		`SELECT t.id, k.made, k.chunks FROM ids_1 AS t CROSS JOIN keys_1 AS k ON k.row = t.row WHERE t.id IN (x'00', x'01') ORDER BY t.id`: "SEARCH t USING PRIMARY KEY (id=?)\n" +
			"SEARCH k USING INTEGER PRIMARY KEY (rowid=?)",
	} {
		if plan := planOf(t, db, query); plan != want {
			t.Errorf("the plan of %s is %q, want %q", query, plan, want)
		}
	}
}

// planOf returns the steps that SQLite takes for a query.
func planOf(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "\n")
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
