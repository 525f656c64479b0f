package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources/jsonl"
)

// maxReason bounds what a reject says of its reason, and of what to do about
// it, in bytes.
const maxReason = 1000

// appendReject appends the line of a rejection. A document of which the line
// would be longer than longest, or could not be read again, is left out.
func appendReject(dst []byte, rejection pipeline.Rejection, longest int) []byte {
	begin := len(dst)
	dst = appendRejected(dst, rejection, true)
	if len(dst)-begin <= longest && readable(dst[begin:]) {
		return dst
	}
	return appendRejected(dst[:begin], rejection, false)
}

// readable reports whether a line is nested no deeper than what is read.
func readable(line []byte) bool {
	const many = 500 // an object or a list more may be beyond the bounds
	if bytes.Count(line, []byte("["))+bytes.Count(line, []byte("{")) < many {
		return true
	}
	_, err := jsonl.Parse(line)
	return err == nil
}

func appendRejected(dst []byte, rejection pipeline.Rejection, whole bool) []byte {
	doc := &rejection.Document
	document := make([]pipeline.Field, 0, 4)
	if doc.ID != "" {
		document = append(document, pipeline.Field{Name: "id", Value: pipeline.String(doc.ID)})
	}
	if doc.Text != "" && whole {
		document = append(document, pipeline.Field{Name: "text", Value: pipeline.String(doc.Text)})
	}
	if !doc.Image.IsZero() && whole {
		document = append(document, pipeline.Field{Name: "image", Value: rejectedImage(doc.Image)})
	}
	if len(doc.Payload) > 0 && whole {
		document = append(document, pipeline.Field{Name: "payload", Value: pipeline.Object(doc.Payload)})
	}
	hint := pipeline.Hint(rejection.Err)
	if !whole {
		hint = "the document is too large or too deep to be written down here; run the corpus again when the cause is mended"
	}
	fields := []pipeline.Field{
		{Name: "file", Value: pipeline.String(doc.Origin.File)},
		{Name: "row", Value: pipeline.Int(doc.Origin.Row)},
		{Name: "class", Value: pipeline.String(pipeline.Classify(rejection.Err).String())},
		{Name: "reason", Value: pipeline.String(clip(rejection.Err.Error(), maxReason))},
	}
	if hint != "" {
		fields = append(fields, pipeline.Field{Name: "hint", Value: pipeline.String(clip(hint, maxReason))})
	}
	if !whole || hopeless(rejection) {
		fields = append(fields, pipeline.Field{Name: "retry", Value: pipeline.Bool(false)})
	}
	if len(rejection.Held) > 0 {
		fields = append(fields, pipeline.Field{Name: "held", Value: pipeline.List(heldMarks(rejection.Held))})
	}
	fields = append(fields, pipeline.Field{Name: "document", Value: pipeline.Object(document)})
	return pipeline.AppendJSONFields(dst, fields)
}

// hopeless reports whether no server and no other file could have a document
// indexed: its record has no id, nothing to embed, or the id of another one,
// whose place it would take if it were run alone; or a later version of it is
// in the index.
func hopeless(rejection pipeline.Rejection) bool {
	doc := &rejection.Document
	empty := strings.TrimSpace(doc.Text) == "" && doc.Image.IsZero()
	return former(rejection.Err) || doc.ID == "" || empty ||
		errors.Is(rejection.Err, pipeline.ErrDuplicate) || errors.Is(rejection.Err, pipeline.ErrNewer)
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
