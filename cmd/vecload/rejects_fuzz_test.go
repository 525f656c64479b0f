package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// FuzzRejectsAreReadBack writes a reject and reads it as retry does: the same
// document comes back, or the reason why it cannot be run again.
func FuzzRejectsAreReadBack(f *testing.F) {
	f.Add("a", "a text", "corpus/a.jsonl", int64(7), "refused by the server", "n", "[1,2.5,null]")
	f.Add("", "x", "-", int64(0), "field id is missing", "", "0")
	f.Add("é\x00\u2028", "  ", "new\nline.jsonl", int64(1<<62), "\x1b[31m", "a.b", `{"a":{"b":"\u0000"}}`)
	f.Fuzz(func(t *testing.T, id, text, file string, row int64, reason, name, value string) {
		valid := func(s string) bool { return clip(s, len(s)+3) == s }
		var payload pipeline.Value
		if !valid(id) || !valid(text) || !valid(file) || !valid(name) || len(id) > 1024 || payload.UnmarshalJSON([]byte(value)) != nil {
			return // no source gives such
		}
		doc := pipeline.Document{
			ID: id, Text: text, Origin: pipeline.Origin{File: file, Row: row},
			Payload: []pipeline.Field{{Name: name, Value: payload}},
		}
		path := filepath.Join(t.TempDir(), "rejects.jsonl")
		rejects := &rejectsFile{path: path}
		if err := errors.Join(rejects.write(pipeline.Rejection{Document: doc, Err: pipeline.Reject(doc.Origin, errors.New(reason))}), rejects.close()); err != nil {
			t.Fatal(err)
		}
		corpus, err := newRejectedCorpus(path, &progress{w: newScreen(io.Discard)})
		if err != nil {
			t.Fatal(err)
		}
		read := 0
		for got, err := range corpus.Documents(t.Context()) {
			if read++; pipeline.Classify(err) != pipeline.Rejected && err != nil {
				t.Fatalf("the file that a run has written cannot be read: %v", err)
			}
			if got.Origin != doc.Origin || got.ID != id && id != "" {
				t.Fatalf("got %q of %v, want %q of %v", got.ID, got.Origin, id, doc.Origin)
			}
			again := string(pipeline.AppendJSONFields(nil, got.Payload))
			if err == nil && (got.Text != text || again != string(pipeline.AppendJSONFields(nil, doc.Payload))) {
				t.Fatalf("got %q with %s", got.Text, again)
			}
		}
		if read != 1 {
			t.Fatalf("%d documents come back, want one", read)
		}
	})
}

// FuzzRejectsFile reads any file as one of rejects: it ends, and what is not a
// document is a reject again or an error that says what to do.
func FuzzRejectsFile(f *testing.F) {
	f.Add([]byte(`","row":1,"class":"rejected","reason":"r","document":{"id":"a","text":"b","payload":{"n":1}}}` + "\n"))
	f.Add([]byte(`","row":-1,"retry":false,"reason":5,"document":[]}` + "\n{\n\x00"))
	f.Add([]byte(`","row":1e3,"retry":"no","document":{"id":1,"image":{"bytes":"!"},"payload":7}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "rejects.jsonl")
		if err := os.WriteFile(path, append([]byte(rejectBegin), data...), 0o600); err != nil {
			t.Fatal(err)
		}
		corpus, err := newRejectedCorpus(path, &progress{w: newScreen(io.Discard)})
		if err != nil {
			t.Fatal(err)
		}
		for doc, err := range corpus.Documents(t.Context()) {
			switch {
			case err == nil && doc.Text == "" && doc.Image.IsZero():
				t.Errorf("a document of nothing: %+v", doc)
			case err != nil && pipeline.Classify(err) != pipeline.Rejected && pipeline.Hint(err) == "":
				t.Errorf("an error without a hint: %v", err)
			}
		}
	})
}
