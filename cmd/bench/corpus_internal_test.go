package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
	"github.com/vecload/vecload/sources/parquet"
)

// record is what a reader of vecload makes of a document.
type record struct{ ID, Text, Payload string }

func readAll(t *testing.T, file string) []record {
	t.Helper()
	read, err := sources.NewCorpus(
		sources.Input{Files: []string{file}, Formats: []sources.Format{jsonl.Format(), parquet.Format()}},
		sources.Mapping{ID: "id", Text: "text", Payload: []string{"title", "year"}})
	if err != nil {
		t.Fatal(err)
	}
	var out []record
	for d, err := range read.Documents(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		r := record{ID: d.ID, Text: d.Text}
		for _, f := range d.Payload {
			value, err := f.Value.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			r.Payload += f.Name + "=" + string(value) + " "
		}
		out = append(out, r)
	}
	return out
}

func TestAllFormatsHoldTheSameDocuments(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	// More than one row group, and a rest.
	c := corpus{Documents: rowGroup + 7, Words: 5, Format: "jsonl"}
	file, err := c.ensure(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := readAll(t, file)
	if len(want) != c.Documents {
		t.Fatalf("%d documents, want %d", len(want), c.Documents)
	}
	for _, format := range []string{"jsonl.gz", "parquet"} {
		c.Format = format
		file, err := c.ensure(folder)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, readAll(t, file)); diff != "" {
			t.Errorf("%s (-jsonl +%s):\n%.500s", format, format, diff)
		}
	}
	parts, err := filepath.Glob(filepath.Join(folder, "*.part"))
	if err != nil || len(parts) > 0 {
		t.Errorf("files left over: %q, %v", parts, err)
	}
}

func TestACorpusIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"jsonl", "jsonl.gz", "parquet"} {
		c := corpus{Documents: 100, Words: 30, Format: format}
		var once, twice bytes.Buffer
		if err := c.write(&once); err != nil {
			t.Fatal(err)
		}
		if err := c.write(&twice); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Errorf("%s differs from itself", format)
		}
	}
}

func TestAnUnknownFormatLeavesNoFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if name, err := (corpus{Documents: 1, Words: 1, Format: "csv"}).ensure(folder); err == nil {
		t.Errorf("csv gave %s and no error", name)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
