package sources_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

// put writes a file and returns its path.
func put(tb testing.TB, folder, name, content string) string {
	tb.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// row gives a line of JSON.
func row(id int) string { return fmt.Sprintf("{\"id\":%d,\"text\":\"text %d\"}\n", id, id) }

func byID() sources.Mapping { return sources.Mapping{ID: "id", Text: "text"} }

// origins reads a corpus and gives the base name and row of each document.
func origins(tb testing.TB, c *sources.Corpus) (got string, err error) {
	tb.Helper()
	var seen []string
	for doc, e := range c.Documents(tb.Context()) {
		if e != nil {
			err = e
			continue
		}
		seen = append(seen, filepath.Base(doc.Origin.String()))
	}
	return strings.Join(seen, " "), err
}

func TestCorpusReadsItsFilesOneAfterTheOther(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	files := []string{
		put(t, folder, "b.jsonl", row(1)+row(2)),
		put(t, folder, "empty.jsonl", ""),
		put(t, folder, "a.ndjson", "\n"+row(3)),
	}
	c, err := sources.NewCorpus(sources.Input{Files: files, Formats: formats()}, byID())
	if err != nil {
		t.Fatal(err)
	}
	got, err := origins(t, c)
	if want := "b.jsonl:1 b.jsonl:2 a.ndjson:2"; got != want || err != nil {
		t.Errorf("got %s and %v, want %s", got, err, want)
	}
	size := int64(3*len(row(1)) + 1)
	if done, total := c.Progress(); done != size || total != size {
		t.Errorf("got %d of %d bytes done, want %d of as many", done, total, size)
	}
}

func TestNewCorpusRefusesFilesThatItCannotRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, tc := range []struct{ name, want string }{
		{filepath.Join(folder, "absent.jsonl"), "the file does not exist"},
		{put(t, folder, "notes.txt", ""), "the name's extension is of no format"},
	} {
		_, err := sources.NewCorpus(sources.Input{Files: []string{tc.name}, Formats: formats()}, byID())
		if pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("got %v, want it to say %s", err, tc.want)
		}
	}
}

func TestCorpusEndsAtAFileThatIsGone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	files := []string{put(t, folder, "a.jsonl", row(1)), put(t, folder, "b.jsonl", row(2)), put(t, folder, "c.jsonl", row(3))}
	c, err := sources.NewCorpus(sources.Input{Files: files, Formats: formats()}, byID())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(files[1]); err != nil {
		t.Fatal(err)
	}
	got, err := origins(t, c)
	if got != "a.jsonl:1" || pipeline.Classify(err) != pipeline.Misconfigured {
		t.Errorf("got %s and %v, want the documents of the first file and an error about the second", got, err)
	}
}

func TestCorpusOfStandardInputEndsWithItsContextWhileAReadWaits(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer w.Close() //nolint:errcheck // lets the read that waits end
	c, err := sources.NewCorpus(sources.Input{Files: []string{"-"}, Formats: formats(), Stdin: sources.NewStdin(r)}, byID())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	wrote := make(chan error, 1)
	go func() {
		_, err := w.Write([]byte(row(1) + row(2)))
		wrote <- err
	}()
	n := 0
	for _, err := range c.Documents(ctx) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the context's error", err)
			}
			break
		}
		if n++; n == 2 {
			cancel()
		}
	}
	if err := <-wrote; err != nil || n != 2 {
		t.Errorf("got %d documents and %v, want 2", n, err)
	}
}

func TestCorpusWithoutStandardInputSaysSo(t *testing.T) {
	t.Parallel()
	c, err := sources.NewCorpus(sources.Input{Files: []string{"-"}, Formats: formats()}, byID())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := origins(t, c); pipeline.Classify(err) != pipeline.Misconfigured {
		t.Errorf("got %v, want an error of class misconfigured", err)
	}
}
