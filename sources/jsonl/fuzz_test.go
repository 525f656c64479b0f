package jsonl_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
)

// FuzzParse holds the scanner against encoding/json: it takes the same texts
// but for the rules that the package adds, and makes the same values of them.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.5e3,-0,true,false,null,"x\n\ud834\udd1e"],"b":{"c":{}}}`, `{"a":1,"a":2}`, `"\ud800"`,
		`[1e999]`, `123456789012345678901234567890`, "\"\xff\"", `{"":""}`, `[[[[]]]]`, `{"a":1,}`, "1 ", `"\u12`,
		`{"aaaaaaaaaaaaaaaaaaaaa\"":"12345678\\12345678"}`, `-`, `0.0000001`, `1E400`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := jsonl.Parse(data)
		if !json.Valid(data) {
			if err == nil {
				t.Fatalf("takes what encoding/json refuses")
			}
			return
		}
		if err != nil {
			if stricter(err) {
				return
			}
			t.Fatalf("refuses what encoding/json takes: %v", err)
		}
		if !utf8.Valid(data) {
			t.Fatal("takes invalid UTF-8")
		}
		var want pipeline.Value
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatalf("the value cannot be read back: %v", err)
		}
		if got, want := string(got.AppendJSON(nil)), string(want.AppendJSON(nil)); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

// stricter reports whether an error is one of the rules that JSON lacks.
func stricter(err error) bool {
	for _, rule := range []string{"duplicate key", "half a surrogate pair", "out of range", "levels of nesting", "invalid UTF-8"} {
		if strings.HasPrefix(err.Error(), rule) || strings.Contains(err.Error(), rule) {
			return true
		}
	}
	return false
}

// FuzzReader reads any bytes by a mapping of some fields and by one of all,
// which have to agree on which rows are records.
func FuzzReader(f *testing.F) {
	f.Add([]byte("{\"id\":1,\"text\":\"a\"}\r\n\n[]\n{\"id\":1,\"id\":2}\n{"))
	f.Add([]byte("\ufeff{\"meta\":{\"a\":[1e5]},\"text\":1.5}"))
	f.Add([]byte("{\"meta\":[{\"a\":1,\"a\":2}]}\n{\"x\":\"\\ud800\"}\n{\"x\":1e999}"))
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0})
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		rows := func(mapping sources.Mapping) string {
			c, err := sources.NewCorpus(sources.Input{
				Files: []string{"-"}, Formats: []sources.Format{jsonl.Format()}, Stdin: sources.NewStdin(bytes.NewReader(data)),
			}, mapping)
			if err != nil {
				t.Fatal(err)
			}
			var seen bytes.Buffer
			last := int64(0)
			for doc, err := range c.Documents(t.Context()) {
				if err != nil && pipeline.Classify(err) != pipeline.Rejected {
					break
				}
				if doc.Origin.Row <= last {
					t.Fatalf("row %d comes after row %d", doc.Origin.Row, last)
				}
				last = doc.Origin.Row
				seen.WriteString(doc.Origin.String() + " " + doc.Text + "\n")
				if err != nil {
					seen.WriteString(err.Error() + "\n")
				}
			}
			return seen.String()
		}
		some := rows(sources.Mapping{Text: "text", Payload: []string{"meta.a"}})
		all := rows(sources.Mapping{Text: "text", Payload: []string{"*"}})
		if some != all {
			t.Fatalf("with some fields:\n%s\nwith all:\n%s", some, all)
		}
	})
}

// slow gives one byte at a time and its error with the last.
type slow struct{ data []byte }

func (s *slow) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, errors.New("a read of nothing")
	}
	p[0] = s.data[0]
	if s.data = s.data[1:]; len(s.data) == 0 {
		return 1, io.EOF
	}
	return 1, nil
}
