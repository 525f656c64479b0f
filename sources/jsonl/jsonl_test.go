package jsonl_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
	"github.com/vecload/vecload/sources/sourcetest"
)

func TestFilesKeepThePromisesOfASource(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a.jsonl", "a.ndjson", "a.jsonl.gz", "a.jsonl.zst", "a.NDJSON.GZ"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, func(tb testing.TB, records []sourcetest.Record) pipeline.Source {
				tb.Helper()
				var plain bytes.Buffer
				for _, r := range records {
					plain.Write(r.JSON())
					plain.WriteByte('\n')
				}
				return corpus(tb, sourcetest.Mapping(), write(tb, name, plain.Bytes()))
			})
		})
	}
}

// write writes a file, compressed as its name says.
func write(tb testing.TB, name string, plain []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, compress(tb, filepath.Ext(name), plain), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func compress(tb testing.TB, ext string, plain []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch ext {
	case ".gz", ".GZ":
		w = gzip.NewWriter(&out)
	case ".zst":
		w, err = zstd.NewWriter(&out)
	default:
		return plain
	}
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func corpus(tb testing.TB, mapping sources.Mapping, files ...string) *sources.Corpus {
	tb.Helper()
	c, err := sources.NewCorpus(sources.Input{Files: files, Formats: []sources.Format{jsonl.Format()}}, mapping)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}
