package jsonl_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
)

// lines reads a source and gives "row id" or "row: error" for each element.
func lines(ctx context.Context, source pipeline.Source) []string {
	var got []string
	for doc, err := range source.Documents(ctx) {
		if err != nil {
			got = append(got, fmt.Sprintf("%d %s: %s", doc.Origin.Row, pipeline.Classify(err), strings.TrimPrefix(err.Error(), filepath.Dir(doc.Origin.File)+"/")))
			continue
		}
		got = append(got, fmt.Sprintf("%d %s", doc.Origin.Row, doc.ID))
	}
	return got
}

func mapping() sources.Mapping { return sources.Mapping{ID: "id", Text: "text"} }

func check(t *testing.T, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func TestReaderNumbersPhysicalLines(t *testing.T) {
	t.Parallel()
	content := "\ufeff{\"id\":1,\"text\":\"a\"}\r\n" + " \t\r\n\n" + "[\"a secret text\"]\n" +
		"{\"id\":2,\"text\":\"a secret text\n" + "{\"id\":3,\"text\":\"a\",\"x\":{\"a secret key\":1,\"a secret key\":2}}\n" +
		"{\"id\":4,\"text\":\"\xff a secret text\"}\n" + "{\"id\":5}\n" + "{\"id\":6,\"text\":[\"a secret text\"]}\n" + "{\"id\":7,\"text\":\"a\"}"
	got := lines(t.Context(), corpus(t, mapping(), write(t, "a.jsonl", []byte(content))))
	check(t, got,
		"1 1",
		"4 rejected: a.jsonl:4: the line does not hold an object",
		"5 rejected: a.jsonl:5: malformed JSON: the line ends, expected the end of a string at byte 30",
		"6 rejected: a.jsonl:6: duplicate key at byte 42",
		"7 rejected: a.jsonl:7: invalid UTF-8 at byte 17",
		"8 rejected: a.jsonl:8: field text is missing",
		"9 rejected: a.jsonl:9: field text is a list, not a text",
		"10 7",
	)
	for _, line := range got {
		if strings.Contains(line, "secret") {
			t.Errorf("a message holds what was read: %s", line)
		}
	}
}

func TestReaderPassesOverLinesThatAreTooLong(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bomb.jsonl.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	piece := bytes.Repeat([]byte("a"), 1<<20)
	parts := []io.Reader{strings.NewReader("{\"id\":1,\"text\":\"a\"}\n{\"id\":2,\"text\":\"")}
	for range 130 {
		parts = append(parts, bytes.NewReader(piece))
	}
	parts = append(parts, strings.NewReader("\"}\n{\"id\":3,\"text\":\"a\"}\n"))
	if _, err := io.Copy(z, io.MultiReader(parts...)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	check(t, lines(t.Context(), corpus(t, mapping(), path)),
		"1 1", "2 rejected: bomb.jsonl.gz:2: the line is longer than 64 MiB", "3 3")
}

func TestReaderTakesTheLongestLine(t *testing.T) {
	t.Parallel()
	for excess, want := range []string{"1 1", "1 rejected: a.jsonl:1: the line is longer than 64 MiB"} {
		const head, tail = `{"id":1,"text":"`, `"}`
		line := head + strings.Repeat("a", jsonl.MaxLine-len(head)-len(tail)+excess) + tail
		check(t, lines(t.Context(), corpus(t, mapping(), write(t, "a.jsonl", []byte(line)))), want)
	}
}

func TestReaderReadsMembersOfGzipOneAfterTheOther(t *testing.T) {
	t.Parallel()
	two := append(compress(t, ".gz", []byte("{\"id\":1,\"text\":\"a\"}\n{\"id\":2,")), compress(t, ".gz", []byte("\"text\":\"a\"}\n"))...)
	path := filepath.Join(t.TempDir(), "a.jsonl.gz")
	if err := os.WriteFile(path, two, 0o600); err != nil {
		t.Fatal(err)
	}
	check(t, lines(t.Context(), corpus(t, mapping(), path)), "1 1", "2 2")
}

func TestReaderNamesThePlaceOfDamage(t *testing.T) {
	t.Parallel()
	var plain bytes.Buffer
	for i := range 20_000 {
		fmt.Fprintf(&plain, "{\"id\":%d,\"text\":\"%x\"}\n", i+1, i*i*7919)
	}
	for _, ext := range []string{".gz", ".zst"} {
		whole := compress(t, ext, plain.Bytes())
		flipped := bytes.Clone(whole)
		flipped[len(flipped)/2] ^= 0x55
		for name, content := range map[string][]byte{
			"cut":          whole[:len(whole)/2],
			"cut checksum": whole[:len(whole)-2],
			"flipped":      flipped,
			"empty":        {},
		} {
			t.Run(name+ext, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "a.jsonl"+ext)
				if err := os.WriteFile(path, content, 0o600); err != nil {
					t.Fatal(err)
				}
				var last error
				var row int64
				for doc, err := range corpus(t, mapping(), path).Documents(t.Context()) {
					if err != nil && pipeline.Classify(err) == pipeline.Rejected {
						err = nil // what a flipped bit makes of a line
					}
					if last = err; err == nil {
						row = doc.Origin.Row
					}
				}
				if last == nil || pipeline.Classify(last) != pipeline.Fatal {
					t.Fatalf("the last error is %v, want one of class fatal", last)
				}
				place := fmt.Sprintf("%s, line %d: ", path, row+1)
				if name == "empty" {
					place = path + ": "
				}
				if !strings.HasPrefix(last.Error(), place) {
					t.Errorf("got %v, want it to begin with %s", last, place)
				}
				if pipeline.Hint(last) == "" {
					t.Error("the error has no hint")
				}
			})
		}
	}
}

func TestReaderRefusesFilesThatAreNotWhatTheirNamesSay(t *testing.T) {
	t.Parallel()
	line := []byte("{\"id\":1,\"text\":\"a\"}\n")
	for _, tc := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"gzip.jsonl", compress(t, ".gz", line), "the file is gzip, and its name says not compressed"},
		{"plain.jsonl.gz", line, "the file is not compressed, and its name says gzip"},
		{"gzip.jsonl.zst", compress(t, ".gz", line), "the file is gzip, and its name says zstd"},
		{"parquet.jsonl", []byte("PAR1\x15\x04"), "the file is Parquet, not JSONL"},
		{"utf16.jsonl", []byte("\xff\xfe{\x00}\x00"), "the file is UTF-16 text, not JSONL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), tc.name)
			if err := os.WriteFile(path, tc.content, 0o600); err != nil {
				t.Fatal(err)
			}
			check(t, lines(t.Context(), corpus(t, mapping(), path)), "0 misconfigured: "+tc.name+": "+tc.want)
		})
	}
}

func TestStandardInputIsReadPlainOrCompressed(t *testing.T) {
	t.Parallel()
	line := []byte("{\"id\":1,\"text\":\"a\"}")
	for _, ext := range []string{"", ".gz", ".zst"} {
		c, err := sources.NewCorpus(sources.Input{
			Files: []string{"-"}, Formats: []sources.Format{jsonl.Format()},
			Stdin: sources.NewStdin(&slow{compress(t, ext, line)}),
		}, mapping())
		if err != nil {
			t.Fatal(err)
		}
		check(t, lines(t.Context(), c), "1 1")
		check(t, lines(t.Context(), c), "0 misconfigured: -: standard input was read already, and can be read only once")
		if _, total := c.Progress(); total != -1 {
			t.Errorf("the total of standard input is %d, want -1", total)
		}
	}
}
