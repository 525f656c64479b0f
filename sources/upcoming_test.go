package sources_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

// threeRows is a format whose files have three records each, and whose readers
// end before the last. A file "bad" cannot be opened.
type threeRows struct {
	mu     sync.Mutex
	opened []string
	open   int
	second chan struct{} // closed when the second file was opened
}

func (f *threeRows) format() sources.Format {
	return sources.Format{Name: "rows", Extensions: []string{".rows"}, Open: func(_ context.Context, file *sources.File, _ *sources.Want) (sources.Reader, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.opened = append(f.opened, strings.TrimSuffix(filepath.Base(file.Name()), ".rows")); len(f.opened) == 2 {
			close(f.second)
		}
		if strings.Contains(file.Name(), "bad") {
			return nil, file.Corrupt("", errors.New("cannot be read"))
		}
		f.open++
		return &rowsReader{format: f}, nil
	}}
}

type rowsReader struct {
	format *threeRows
	row    int64
}

func (r *rowsReader) Next(_ context.Context, record *sources.Record) error {
	if r.row == 3 {
		return io.EOF
	}
	r.row++
	record.Row = r.row
	record.Reset(&sources.Want{Slots: 1})
	record.Set(0, pipeline.String("text"))
	return nil
}

func (r *rowsReader) Ending() bool { return r.row >= 2 }

func (r *rowsReader) Close() error {
	r.format.mu.Lock()
	defer r.format.mu.Unlock()
	r.format.open--
	return nil
}

func rowsCorpus(t *testing.T, f *threeRows, names ...string) *sources.Corpus {
	t.Helper()
	folder := t.TempDir()
	var files []string
	for _, name := range names {
		path := filepath.Join(folder, name+".rows")
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	c, err := sources.NewCorpus(sources.Input{Files: files, Formats: []sources.Format{f.format()}}, sources.Mapping{Text: "text"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheNextFileIsOpenedWhileTheLastOneEnds(t *testing.T) {
	t.Parallel()
	f := &threeRows{second: make(chan struct{})}
	var got []string
	for doc, err := range rowsCorpus(t, f, "a", "b", "c").Documents(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimSuffix(filepath.Base(doc.Origin.File), ".rows"))
		if len(got) == 3 {
			<-f.second // of the first file, which has not ended
		}
	}
	if want := "a a a b b b c c c"; strings.Join(got, " ") != want || strings.Join(f.opened, " ") != "a b c" || f.open != 0 {
		t.Errorf("got documents of %s, opened %s, and left %d open", got, f.opened, f.open)
	}
}

func TestAFileThatCannotBeOpenedEndsTheCorpusWhereItBegins(t *testing.T) {
	t.Parallel()
	f := &threeRows{second: make(chan struct{})}
	n := 0
	var last error
	for doc, err := range rowsCorpus(t, f, "a", "bad", "c").Documents(t.Context()) {
		if last = err; err == nil {
			n++
		} else if filepath.Base(doc.Origin.File) != "bad.rows" {
			t.Errorf("the error is of %s", doc.Origin.File)
		}
	}
	if n != 3 || last == nil || strings.Join(f.opened, " ") != "a bad" || f.open != 0 {
		t.Errorf("got %d documents and %v, opened %s, and left %d open", n, last, f.opened, f.open)
	}
}

func TestAFileThatNobodyReadsIsClosed(t *testing.T) {
	t.Parallel()
	f := &threeRows{second: make(chan struct{})}
	n := 0
	for _, err := range rowsCorpus(t, f, "a", "b").Documents(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			<-f.second
			break
		}
	}
	if strings.Join(f.opened, " ") != "a b" || f.open != 0 {
		t.Errorf("opened %s, and left %d open", f.opened, f.open)
	}
}
