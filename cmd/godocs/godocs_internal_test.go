package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/want.jsonl")

func TestCorpusOfASmallDistribution(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var out strings.Builder
	if err := run(t.Context(), []string{"-goroot", "testdata/goroot", "-out", folder}, &out); err != nil {
		t.Fatal(err)
	}
	got := readFile(t, filepath.Join(folder, "godocs.jsonl"))
	if *update {
		if err := os.WriteFile("testdata/want.jsonl", got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := readFile(t, "testdata/want.jsonl")
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("godocs.jsonl (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(out.String(), "16 documents of 2 packages\n") {
		t.Errorf("output = %q, want the counts first", out.String())
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 2 {
		t.Errorf("folder has %v (%v), want two files", left, err)
	}
}

func TestBothFilesHoldTheSame(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := run(t.Context(), []string{"-out", folder}, &strings.Builder{}); err != nil {
		t.Fatal(err)
	}
	lines := parseJSONL(t, readFile(t, filepath.Join(folder, "godocs.jsonl")))
	rows, groups := parseParquet(t, readFile(t, filepath.Join(folder, "godocs.parquet")))
	if diff := cmp.Diff(lines, rows); diff != "" {
		t.Errorf("(-jsonl +parquet):\n%.2000s", diff)
	}
	if groups < 3 {
		t.Errorf("%d row groups, want several", groups)
	}
	// Go adds symbols with each version and never takes one away.
	if len(lines) < 8000 {
		t.Errorf("%d documents of the standard library, want thousands", len(lines))
	}
	for _, d := range lines {
		if d.ID == "" || d.Signature == "" || d.Doc == "" || strings.Contains(d.Signature, "\n") {
			t.Errorf("document %+v lacks something, or has a signature of several lines", d)
		}
		if d.ID == "io.Copy" && (d.Kind != kindFunc || d.Since != "go1" || !strings.HasPrefix(d.Doc, "Copy copies from src to dst")) {
			t.Errorf("io.Copy = %+v", d)
		}
	}
}

func TestTheSameFilesEachTime(t *testing.T) {
	t.Parallel()
	var first [][]byte
	for range 2 {
		folder := t.TempDir()
		if err := run(t.Context(), []string{"-goroot", "testdata/goroot", "-out", folder}, &strings.Builder{}); err != nil {
			t.Fatal(err)
		}
		files := [][]byte{
			readFile(t, filepath.Join(folder, "godocs.jsonl")),
			readFile(t, filepath.Join(folder, "godocs.parquet")),
		}
		if first == nil {
			first = files
		}
		for i := range files {
			if !bytes.Equal(files[i], first[i]) {
				t.Errorf("file %d differs between two runs", i)
			}
		}
	}
}

func TestFolderWithoutGoIsAnError(t *testing.T) {
	t.Parallel()
	for _, goroot := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		if err := run(t.Context(), []string{"-goroot", goroot, "-out", t.TempDir()}, &strings.Builder{}); err == nil {
			t.Errorf("run over %s = nil, want an error", goroot)
		}
	}
}

func parseJSONL(t *testing.T, data []byte) []document {
	t.Helper()
	var documents []document
	for line := range bytes.Lines(data) {
		var d document
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		documents = append(documents, d)
	}
	return documents
}

func parseParquet(t *testing.T, data []byte) (documents []document, groups int) {
	t.Helper()
	reader, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	for g := range reader.NumRowGroups() {
		group := reader.RowGroup(g)
		part := make([]document, group.NumRows())
		for i := range columnsOf() {
			for row, value := range readColumn(t, group, i) {
				d := &part[row]
				switch name := group.MetaData().Schema.Column(i).Name(); name {
				case "id":
					d.ID = value
				case "package":
					d.Package = value
				case "symbol":
					d.Symbol = value
				case "kind":
					d.Kind = kind(value)
				case "signature":
					d.Signature = value
				case "doc":
					d.Doc = value
				case "since":
					d.Since = value
				default:
					t.Fatalf("unexpected column %s", name)
				}
			}
		}
		documents = append(documents, part...)
	}
	return documents, reader.NumRowGroups()
}

func readColumn(t *testing.T, group *file.RowGroupReader, i int) []string {
	t.Helper()
	column, err := group.Column(i)
	if err != nil {
		t.Fatal(err)
	}
	texts, ok := column.(*file.ByteArrayColumnChunkReader)
	if !ok {
		t.Fatalf("column %d is a %T", i, column)
	}
	var all []string
	values := make([]parquet.ByteArray, group.NumRows())
	for texts.HasNext() {
		_, n, err := texts.ReadBatch(int64(len(values)), values, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range values[:n] {
			all = append(all, string(value))
		}
	}
	return all
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
