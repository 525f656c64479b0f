package main

import (
	"bufio"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/vecload/vecload/pipeline"
)

// rejectBegin is how every line of a rejects file begins.
const rejectBegin = `{"file":"`

// maxReason bounds what a reject says of its reason, in bytes.
const maxReason = 1000

// rejectsFile is the JSONL file that a run writes its rejects to, one object
// each, as they come. It is created with the first reject, so that a run
// without rejects leaves no file, and none of an earlier run.
//
// Each line has "file", "row", "class", "reason", "hint" and "document": the
// id, text, image and payload as far as they could be read. "retry": false
// marks those that are to be mended in the corpus, see [hopeless].
type rejectsFile struct {
	path   string
	file   *os.File
	buffer *bufio.Writer
	line   []byte
	first  string // place and reason of the first, for the summary
}

// begin removes the rejects of an earlier run: their file would otherwise
// seem to be this run's. A device or a pipe stays where it is.
func (r *rejectsFile) begin() error {
	if !regular(r.path) {
		return nil
	}
	if err := os.Remove(r.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &pipeline.Error{Op: r.path, Class: pipeline.Misconfigured, Hint: "choose another file with --rejects", Err: err}
	}
	return nil
}

// holdsRejects reports whether a file is missing, empty or begins as
// [appendReject] begins.
func holdsRejects(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	defer file.Close() //nolint:errcheck // opened for reading
	begin := make([]byte, len(rejectBegin))
	n, err := io.ReadFull(file, begin)
	return n == 0 && errors.Is(err, io.EOF) || string(begin) == rejectBegin
}

// write takes one reject. The engine calls it one at a time.
func (r *rejectsFile) write(rejection pipeline.Rejection) error {
	if r.file == nil {
		// Rejects hold what the corpus holds, which may be private.
		file, err := os.OpenFile(r.path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return r.fail(err)
		}
		r.file, r.buffer = file, bufio.NewWriter(file)
		r.first = rejection.Err.Error()
	}
	r.line = append(appendReject(r.line[:0], rejection), '\n')
	if _, err := r.buffer.Write(r.line); err != nil {
		return r.fail(err)
	}
	// A killed run has its rejects on disk: they are few, so that this
	// costs little.
	if err := r.buffer.Flush(); err != nil {
		return r.fail(err)
	}
	return nil
}

func (r *rejectsFile) fail(err error) error {
	return &pipeline.Error{
		Op:    r.path,
		Class: pipeline.Fatal,
		Hint:  "a reject that cannot be written down would be lost, so the run stops; choose another file with --rejects",
		Err:   err,
	}
}

// close flushes and closes the file, if there is one.
func (r *rejectsFile) close() error {
	if r.file == nil {
		return nil
	}
	if err := errors.Join(r.buffer.Flush(), r.file.Close()); err != nil {
		return r.fail(err)
	}
	return nil
}

func appendReject(dst []byte, rejection pipeline.Rejection) []byte {
	doc := rejection.Document
	document := make([]pipeline.Field, 0, 4)
	if doc.ID != "" {
		document = append(document, pipeline.Field{Name: "id", Value: pipeline.String(doc.ID)})
	}
	if doc.Text != "" {
		document = append(document, pipeline.Field{Name: "text", Value: pipeline.String(doc.Text)})
	}
	if !doc.Image.IsZero() {
		document = append(document, pipeline.Field{Name: "image", Value: rejectedImage(doc.Image)})
	}
	if len(doc.Payload) > 0 {
		document = append(document, pipeline.Field{Name: "payload", Value: pipeline.Object(doc.Payload)})
	}
	fields := []pipeline.Field{
		{Name: "file", Value: pipeline.String(doc.Origin.File)},
		{Name: "row", Value: pipeline.Int(doc.Origin.Row)},
		{Name: "class", Value: pipeline.String(pipeline.Classify(rejection.Err).String())},
		{Name: "reason", Value: pipeline.String(clip(rejection.Err.Error(), maxReason))},
	}
	if hint := pipeline.Hint(rejection.Err); hint != "" {
		fields = append(fields, pipeline.Field{Name: "hint", Value: pipeline.String(hint)})
	}
	if hopeless(rejection) {
		fields = append(fields, pipeline.Field{Name: "retry", Value: pipeline.Bool(false)})
	}
	fields = append(fields, pipeline.Field{Name: "document", Value: pipeline.Object(document)})
	return pipeline.AppendJSONFields(dst, fields)
}

// hopeless reports whether no server and no other file could have a document
// indexed: its record has no id, nothing to embed, or the id of another one,
// whose place it would take if it were run alone.
func hopeless(rejection pipeline.Rejection) bool {
	doc := &rejection.Document
	empty := strings.TrimSpace(doc.Text) == "" && doc.Image.IsZero()
	_, again := errors.AsType[*formerError](rejection.Err)
	return again || doc.ID == "" || empty || errors.Is(rejection.Err, pipeline.ErrDuplicate)
}

// rejectedImage writes an image as a corpus may hold it: the path or address as
// it was, bytes as {"bytes": base64}.
func rejectedImage(image pipeline.Image) pipeline.Value {
	if image.Ref != "" {
		return pipeline.String(image.Ref)
	}
	return pipeline.Object([]pipeline.Field{
		{Name: "bytes", Value: pipeline.String(base64.StdEncoding.EncodeToString([]byte(image.Data)))},
	})
}

// clip shortens s to at most limit bytes of whole characters.
func clip(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= limit {
		return s
	}
	cut := limit - len("…")
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
