package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vecload/vecload/pipeline"
)

// two are the spaces of an index of texts and images.
func two() pipeline.Spaces {
	both := spaces()
	both["it's an image"] = pipeline.Space{Model: "b/model", Dim: 2}
	return both
}

func picture(id string) pipeline.Point {
	const name = "it's an image"
	return pipeline.Point{
		ID: pipeline.NewPointID(name, id, 0), Name: name, Doc: id, Chunks: 1, Vector: pipeline.Vector{0, 1},
	}
}

func TestOtherToolsReadAllPointsAsOneTable(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	index := newIndex(t, path)
	if err := index.Prepare(t.Context(), two()); err != nil {
		t.Fatal(err)
	}
	if err := index.Write(t.Context(), append(points("a", "b"), picture("a"))); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	rows, err := db.QueryContext(t.Context(),
		`SELECT doc, vector, length(vec), chunk, chunks, text, payload FROM points WHERE length(id) = 16 ORDER BY doc, vector DESC`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		fields := make([]string, 7)
		into := make([]any, len(fields))
		for i := range fields {
			into[i] = &fields[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.Join(fields, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	want := []string{"a|text|12|0|1|a|{}", "a|it's an image|8|0|1||{}", "b|text|12|0|1|b|{}"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the view has other points (-want +got):\n%s", diff)
	}
}

func TestASearchReadsItsOwnVectorOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	index := newIndex(t, path)
	if err := index.Prepare(t.Context(), two()); err != nil {
		t.Fatal(err)
	}
	if err := index.Write(t.Context(), append(points("a"), picture("a"))); err != nil {
		t.Fatal(err)
	}
	// A search that met a row of the images would tell that it is damaged.
	execute(t, path, `UPDATE points_1 SET vec = x'00'`)
	hits, err := index.Search(t.Context(), "text", pipeline.Vector{1, 0, 0}, 5)
	if err != nil || len(hits) != 1 {
		t.Errorf("%d hits, %v", len(hits), err)
	}
	_, err = index.Search(t.Context(), "it's an image", pipeline.Vector{0, 1}, 5)
	wantError(t, err, pipeline.Fatal, "length", "damaged")
}

func TestAStampThatCannotBeReadIsTold(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"no JSON": "{", "no dimension": `{"model":"a/model"}`} {
		path := filepath.Join(t.TempDir(), "index.db")
		if err := prepared(t, path).Close(); err != nil {
			t.Fatal(err)
		}
		execute(t, path, `UPDATE vectors SET space = '`+text+`'`)
		_, err := newIndex(t, path).Spaces(t.Context())
		if pipeline.Classify(err) != pipeline.Fatal || !strings.Contains(err.Error(), `vector "text"`) {
			t.Errorf("%s: %v", name, err)
		}
		if err := newIndex(t, path).Prepare(t.Context(), spaces()); err == nil {
			t.Errorf("%s: Prepare takes it", name)
		}
	}
}

func TestARefusalNamesTheVectors(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	index := newIndex(t, path)
	if err := index.Prepare(t.Context(), two()); err != nil {
		t.Fatal(err)
	}
	wantError(t, newIndex(t, path).Prepare(t.Context(), spaces()), pipeline.Misconfigured,
		`there is a vector "it's an image" that is not expected`, "another path")
	_, err := index.Search(t.Context(), "audio", pipeline.Vector{1}, 1)
	wantError(t, err, pipeline.Misconfigured, `no vector named "audio"`, "it's an image, text")
	err = index.Write(t.Context(), []pipeline.Point{{Name: "audio", Vector: pipeline.Vector{1}}})
	if pipeline.Classify(err) != pipeline.Fatal || !strings.Contains(err.Error(), `no vector "audio"`) {
		t.Errorf("Write of an unknown vector: %v", err)
	}
}
