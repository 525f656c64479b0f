package parquet_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"

	arrow "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/sourcetest"
)

func small(tb testing.TB, n int, options ...arrow.WriterProperty) []byte {
	tb.Helper()
	records := make([]sourcetest.Record, n)
	for i := range records {
		records[i] = sourcetest.Record{ID: strconv.Itoa(i), Text: fmt.Sprintf("text %d", i), Tags: []string{"a", "b"}, Author: "A"}
	}
	return encode(tb, recordFields(tb), [][]data{recordColumns(records[:n/2]), recordColumns(records[n/2:])}, options...)
}

// last reads a source to its end and returns the documents and its error.
func last(tb testing.TB, source pipeline.Source) (documents int, err error) {
	tb.Helper()
	for _, e := range source.Documents(tb.Context()) {
		if e == nil {
			documents++
		} else if pipeline.Classify(e) != pipeline.Rejected {
			err = e
		}
	}
	return documents, err
}

func TestColumnsThatAreMissingAreToldBeforeReading(t *testing.T) {
	t.Parallel()
	file := write(t, small(t, 4))
	for _, tc := range []struct {
		mapping sources.Mapping
		want    string
	}{
		{sources.Mapping{ID: "id", Text: "body"}, "there is no column body"},
		{sources.Mapping{ID: "key", Text: "text"}, "there is no column key"},
		{sources.Mapping{ID: "id", Text: "meta.title"}, "there is no column meta.title"},
		{sources.Mapping{ID: "id", Text: "tags.list"}, "there is no column tags.list"},
		{sources.Mapping{ID: "id", Text: "text.x"}, "there is no column text.x"},
		{sources.Mapping{ID: "id", Text: "{{if .body}}{{.body}}{{end}}{{.title}}", Payload: []string{"*"}}, "there is no column title"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			t.Parallel()
			n, err := last(t, corpus(t, tc.mapping, file))
			if n > 0 || pipeline.Classify(err) != pipeline.Misconfigured || err.Error() != file+": "+tc.want {
				t.Errorf("got %d documents and %v of class %s, want %s", n, err, pipeline.Classify(err), tc.want)
			}
			if hint := pipeline.Hint(err); hint != "the columns are: id, text, number, score, flag, tags, meta" {
				t.Errorf("the hint is %s", hint)
			}
		})
	}
	if n, err := last(t, corpus(t, sources.Mapping{ID: "id", Text: "{{.text}}{{if .x}}{{.x}}{{end}}", Payload: []string{"y"}}, file)); n != 4 || err != nil {
		t.Errorf("got %d documents and %v, want 4: columns that no document needs may be missing", n, err)
	}
}

func TestFilesWithoutRowsAreEmpty(t *testing.T) {
	t.Parallel()
	for name, groups := range map[string][][]data{"no row groups": nil, "row groups of no rows": {recordColumns(nil), recordColumns(nil)}} {
		if n, err := last(t, corpus(t, sourcetest.Mapping(), write(t, encode(t, recordFields(t), groups)))); n != 0 || err != nil {
			t.Errorf("%s: got %d documents and %v, want none", name, n, err)
		}
	}
}

func TestDamagedFilesEndWithOneError(t *testing.T) {
	t.Parallel()
	whole := small(t, 2000, arrow.WithDictionaryDefault(false))
	footer := int(binary.LittleEndian.Uint32(whole[len(whole)-8:])) + 8
	for _, tc := range []struct {
		name  string
		make  func() []byte
		class pipeline.Class
		want  string
	}{
		{"not Parquet", func() []byte { return []byte("{\"id\":1,\"text\":\"a\"}\n") }, pipeline.Misconfigured, ": the file is not Parquet"},
		{"too small", func() []byte { return []byte("PAR1") }, pipeline.Misconfigured, ": the file is too small to be Parquet"},
		{"cut off", func() []byte { return whole[:len(whole)/2] }, pipeline.Fatal, ", footer: the file has no footer: it was cut off"},
		{"encrypted", func() []byte { return append(bytes.Clone(whole[:len(whole)-4]), "PARE"...) }, pipeline.Misconfigured, ": the file is encrypted"},
		{"footer too long", func() []byte {
			b := bytes.Clone(whole)
			binary.LittleEndian.PutUint32(b[len(b)-8:], 1<<30)
			return b
		}, pipeline.Fatal, ", footer: "},
		{"footer of noise", func() []byte {
			b := bytes.Clone(whole)
			for i := len(b) - footer; i < len(b)-8; i++ {
				b[i] = byte(i * 31)
			}
			return b
		}, pipeline.Fatal, ", footer: "},
		{"pages of noise", func() []byte {
			b := bytes.Clone(whole)
			for i := 4; i < 4000; i++ {
				b[i] = byte(i * 31)
			}
			return b
		}, pipeline.Fatal, ", row group 1"},
		{"a piece is missing", func() []byte { return append(bytes.Clone(whole[:100]), whole[len(whole)-footer:]...) }, pipeline.Fatal, ", row group 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			file := write(t, tc.make())
			_, err := last(t, corpus(t, sourcetest.Mapping(), file))
			if pipeline.Classify(err) != tc.class || err == nil || !strings.HasPrefix(err.Error(), file+tc.want) {
				t.Errorf("got %v of class %s, want %s of class %s", err, pipeline.Classify(err), tc.want, tc.class)
			}
		})
	}
}

func TestColumnsOfOneNameAreRefused(t *testing.T) {
	t.Parallel()
	fields := schema.FieldList{text(t, "text", required), text(t, "text", required)}
	file := write(t, encode(t, fields, [][]data{{{values: texts("a")}, {values: texts("b")}}}))
	if _, err := last(t, corpus(t, sources.Mapping{Text: "text"}, file)); pipeline.Classify(err) != pipeline.Misconfigured || !strings.HasSuffix(err.Error(), "there are two columns text") {
		t.Errorf("got %v, want there are two columns text", err)
	}
}

func TestProgressGrowsToTheSizeOfTheFile(t *testing.T) {
	t.Parallel()
	content := small(t, 2000)
	source := corpus(t, sourcetest.Mapping(), write(t, content))
	before := int64(-1)
	for _, err := range source.Documents(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		done, total := source.Progress()
		if total != int64(len(content)) || done < before || done > total {
			t.Fatalf("got %d of %d after %d, want up to %d", done, total, before, len(content))
		}
		before = done
	}
	if before == 0 {
		t.Error("no progress was told before the end")
	}
	if done, total := source.Progress(); done != total {
		t.Errorf("at the end %d of %d are done", done, total)
	}
}

// FuzzReader reads files with some bytes changed: they end, with documents,
// rejects or one error, and never panic.
func FuzzReader(f *testing.F) {
	f.Add(uint16(0), []byte{1}, false)
	f.Add(uint16(200), []byte{0xff, 0x7f, 0x80}, true)
	f.Add(uint16(1<<15), []byte("\x00\x00\x00\x00\x00\x00\x00\x00"), true)
	base := small(f, 20)
	v2 := small(f, 20, arrow.WithDataPageVersion(arrow.DataPageV2), arrow.WithDictionaryDefault(false))
	f.Fuzz(func(t *testing.T, at uint16, patch []byte, second bool) {
		content := bytes.Clone(base)
		if second {
			content = bytes.Clone(v2)
		}
		copy(content[int(at)%len(content):], patch)
		file := write(t, content)
		for _, mapping := range []sources.Mapping{sourcetest.Mapping(), {Text: "text", Payload: []string{"*"}}} {
			n := 0
			for _, err := range corpus(t, mapping, file).Documents(t.Context()) {
				if err != nil && pipeline.Classify(err) != pipeline.Rejected && pipeline.Classify(err) != pipeline.Fatal && pipeline.Classify(err) != pipeline.Misconfigured {
					t.Errorf("got %v of class %s", err, pipeline.Classify(err))
				}
				if n++; n > 1_000_000 {
					t.Fatal("a file of 20 rows has a million")
				}
			}
		}
	})
}
