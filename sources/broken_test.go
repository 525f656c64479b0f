package sources_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
)

// secret stands in the texts of broken files: no message may hold it.
const secret = "xyzzy"

// good is a line that makes a document.
func good(id int) string { return fmt.Sprintf("{\"id\":%d,\"text\":\"%s %d\"}\n", id, secret, id) }

// broken is a file that has something wrong, and what has to come of it.
type broken struct {
	name    string
	file    string // its name
	content []byte
	mapping *sources.Mapping // nil: the fields id and text

	// want has a line for each document, "ROW ID", each reject, "ROW rejected:
	// REASON", and the error that ends the file, "CLASS, PLACE: REASON → HINT".
	want []string
}

// check reads the file and compares what came of it.
func (b *broken) check(t *testing.T) {
	t.Helper()
	path := filepath.Join(t.TempDir(), b.file)
	if err := os.WriteFile(path, b.content, 0o600); err != nil {
		t.Fatal(err)
	}
	mapping := byID()
	if b.mapping != nil {
		mapping = *b.mapping
	}
	got := outcomes(t, mapping, path)
	if g, w := strings.Join(got, "\n"), strings.Join(b.want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

// outcomes reads files and tells what came of each record.
func outcomes(t *testing.T, mapping sources.Mapping, paths ...string) []string {
	t.Helper()
	c, err := sources.NewCorpus(sources.Input{Files: paths, Formats: []sources.Format{jsonl.Format()}}, mapping)
	if err != nil {
		t.Fatal(err)
	}
	return outcomesOf(t, c)
}

func outcomesOf(t *testing.T, c *sources.Corpus) []string {
	t.Helper()
	var got []string
	for doc, err := range c.Documents(t.Context()) {
		row := doc.Origin.Row
		file := filepath.Base(doc.Origin.File)
		switch class := pipeline.Classify(err); {
		case err == nil:
			got = append(got, fmt.Sprintf("%d %s", row, doc.ID))
			continue
		case class == pipeline.Rejected:
			place := fmt.Sprintf("%s:%d: ", doc.Origin.File, row)
			if row < 1 || !strings.HasPrefix(err.Error(), place) {
				t.Errorf("a reject without its place: %v", err)
			}
			got = append(got, fmt.Sprintf("%d rejected: %s", row, strings.TrimPrefix(err.Error(), place)))
		default:
			message := strings.ReplaceAll(err.Error(), doc.Origin.File, file)
			got = append(got, fmt.Sprintf("%s, %s → %s", class, message, pipeline.Hint(err)))
			if pipeline.Hint(err) == "" {
				t.Errorf("an error without a hint: %v", err)
			}
		}
		if strings.Contains(err.Error(), secret) || strings.Contains(pipeline.Hint(err), secret) {
			t.Errorf("a message holds what was read: %v", err)
		}
	}
	return got
}

func gzipped(tb testing.TB, content string) []byte {
	tb.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write([]byte(content)); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func zstandard(tb testing.TB, content string, options ...zstd.EOption) []byte {
	tb.Helper()
	z, err := zstd.NewWriter(nil, options...)
	if err != nil {
		tb.Fatal(err)
	}
	defer z.Close() //nolint:errcheck // it writes nowhere
	return z.EncodeAll([]byte(content), nil)
}
