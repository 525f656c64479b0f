package sources_test

import (
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

func TestAnImageIsHeldInManyWays(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		image string // JSON of the field
		want  pipeline.Image
	}{
		{`"a/b.jpg"`, pipeline.Image{Ref: "a/b.jpg"}},
		{`"https://example.org/a.jpg?x=1"`, pipeline.Image{Ref: "https://example.org/a.jpg?x=1"}},
		{`"data:image/png;base64,/9g="`, pipeline.Image{Data: "\xff\xd8"}},
		{`"DATA:image/png;name=x;BASE64,/9g"`, pipeline.Image{Data: "\xff\xd8"}},
		{`"data:;base64,%2F9g%3D"`, pipeline.Image{Data: "\xff\xd8"}},
		{`"data:;base64,_9g"`, pipeline.Image{Data: "\xff\xd8"}},
		{`{"bytes":"/9g=","path":"a.jpg"}`, pipeline.Image{Data: "\xff\xd8"}},
		{`{"bytes":null,"path":"a.jpg"}`, pipeline.Image{Ref: "a.jpg"}},
		{`{"bytes":"","path":"a.jpg"}`, pipeline.Image{Ref: "a.jpg"}},
		{`{"path":"data:;base64,/9g="}`, pipeline.Image{Data: "\xff\xd8"}},
		{`{"bytes":null,"path":null}`, pipeline.Image{}},
		{`null`, pipeline.Image{}},
		{`""`, pipeline.Image{}},
		{`" \n"`, pipeline.Image{}},
		{`{"path":" "}`, pipeline.Image{}},
		{`"/9j/` + strings.Repeat("a/", 130) + `a.jpg"`, pipeline.Image{Ref: "/9j/" + strings.Repeat("a/", 130) + "a.jpg"}},
		{`"/9j/lamp"`, pipeline.Image{Ref: "/9j/lamp"}},
	} {
		t.Run(tc.image, func(t *testing.T) {
			t.Parallel()
			m := compile(t, sources.Mapping{ID: "id", Text: "text", Image: "image"})
			doc, err := m.Document(record(t, m, `{"id":1,"text":"x","image":`+tc.image+`}`))
			if err != nil || doc.Image != tc.want || doc.Text != "x" {
				t.Errorf("got %q, %q and %v, want %q", doc.Text, doc.Image, err, tc.want)
			}
		})
	}
}

func TestMappingSaysWhatIsWrongWithAnImage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, object, want string }{
		{"text", `{"id":1,"text":"a","image":7}`, "field image is an integer, not an image"},
		{"text", `{"id":1,"text":"a","image":["a.jpg"]}`, "field image is a list, not an image"},
		{"text", `{"id":1,"text":"a","image":{"url":"x"}}`, "field image is an object with neither bytes nor a path"},
		{"text", `{"id":1,"text":"a","image":{"bytes":[1,2]}}`, "field image.bytes is a list, not base64"},
		{"text", `{"id":1,"text":"a","image":{"bytes":"secret text"}}`, "field image.bytes is not base64"},
		{"text", `{"id":1,"text":"a","image":{"path":7}}`, "field image.path is an integer, not a path"},
		{"text", `{"id":1,"text":"a","image":"data:image/svg+xml,<svg/>"}`, "field image is no data URI in base64"},
		{"text", `{"id":1,"text":"a","image":"data:image/png;base64,!"}`, "field image is no data URI in base64"},
		{"text", `{"id":1,"text":"a","image":"data:image/png;base64,"}`, "field image is no data URI in base64"},
		{"text", `{"id":1,"text":"a","image":"data:` + strings.Repeat("x", 300) + `;base64,/9g="}`, "field image is no data URI in base64"},
		{"text", `{"id":1,"text":"a","image":"` + strings.Repeat("abc/", 1100) + `"}`, "field image has 4400 bytes, too many for a path"},
		{"text", `{"id":1,"text":"a","image":"` + strings.Repeat("/9j/", 70) + `"}`, "field image is an image in base64, which has to begin with data:"},
		{"text", `{"id":1,"text":"a","image":"iVBORw0KGgo` + strings.Repeat("AAAA", 70) + `="}`, "field image is an image in base64, which has to begin with data:"},
		{"text", `{"id":1,"text":"a","image":"a\u0000.jpg"}`, "field image is no path or address: it holds a control character"},
		{"text", `{"id":1,"text":"a","image":"a\r\nHost: x"}`, "field image is no path or address: it holds a control character"},
		{"text", `{"id":1,"text":true,"image":"a.jpg"}`, "field text is a boolean, not a text"},
		{"{{.a}}{{.b}}", `{"id":1,"a":"x","image":"a.jpg"}`, "field b is missing"},
		{"text", `{"id":1,"text":" ","image":7}`, "field image is an integer, not an image"},
		{"text", `{"id":1,"text":" ","image":""}`, "there is neither a text nor an image"},
		{"", `{"id":1}`, "there is no image"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			t.Parallel()
			m := compile(t, sources.Mapping{ID: "id", Text: tc.text, Image: "image"})
			doc, err := m.Document(record(t, m, tc.object))
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
			if doc.ID != "1" {
				t.Errorf("the reject has the id %q, want 1", doc.ID)
			}
		})
	}
}

func TestADocumentMayLackTheTextOrTheImage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, object, want string }{
		{"text", `{"image":"a.jpg"}`, "|a.jpg"},
		{"text", `{"text":null,"image":"a.jpg"}`, "|a.jpg"},
		{"text", `{"text":" \n","image":"a.jpg"}`, "|a.jpg"},
		{"{{if .text}}{{.text}}{{end}}", `{"image":"a.jpg"}`, "|a.jpg"},
		{"text", `{"text":"x"}`, "x|"},
		{"", `{"text":"x","image":"a.jpg"}`, "|a.jpg"},
	} {
		m := compile(t, sources.Mapping{Text: tc.text, Image: "image"})
		doc, err := m.Document(record(t, m, tc.object))
		if got := doc.Text + "|" + doc.Image.Ref; err != nil || got != tc.want {
			t.Errorf("%s of %s: got %s and %v, want %s", tc.text, tc.object, got, err, tc.want)
		}
	}
}

func TestAnIDThatIsAHashTellsTextImageAndReferenceApart(t *testing.T) {
	t.Parallel()
	m := compile(t, sources.Mapping{Text: "text", Image: "image"})
	ids := map[string]string{}
	for _, object := range []string{
		`{"text":"a"}`, `{"image":"a"}`, `{"image":"data:;base64,YQ=="}`, `{"text":"a","image":"a"}`,
		`{"text":"aa"}`, `{"text":"a","image":"b"}`, `{"text":"b","image":"a"}`,
	} {
		doc, err := m.Document(record(t, m, object))
		if before, ok := ids[doc.ID]; ok || err != nil || len(doc.ID) != 32 {
			t.Errorf("%s and %s have the id %q, %v", before, object, doc.ID, err)
		}
		ids[doc.ID] = object
	}
	plain := compile(t, sources.Mapping{Text: "text"})
	doc, err := plain.Document(record(t, plain, `{"text":"a"}`))
	if err != nil || ids[doc.ID] != `{"text":"a"}` {
		t.Errorf("a document without an image has the id %s where images are mapped and another where not", doc.ID)
	}
}

func TestTheImageIsNoPayload(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]string{
		"meta":             "payload[0]: field meta holds the image",
		"meta.image":       "payload[0]: field meta.image holds the image",
		"meta.image.bytes": "payload[0]: field meta.image.bytes holds the image",
	} {
		_, err := sources.Mapping{Image: "meta.image", Payload: []string{payload}}.Compile()
		if pipeline.Classify(err) != pipeline.Misconfigured || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := (sources.Mapping{Image: "{{.a}}"}).Compile(); err == nil || !strings.Contains(err.Error(), "image: is a template") {
		t.Errorf("got %v of an image that is a template", err)
	}
}

// FuzzReference checks that any string at the place of an image is bytes, a
// reference, nothing, or an error.
func FuzzReference(f *testing.F) {
	for _, s := range []string{"", "a.jpg", "data:;base64,/9g=", "data:image/png;base64,%2F9g", "data:,", "DATA:x;base64", "http://x/y", "\x00"} {
		f.Add(s)
	}
	m, err := sources.Mapping{Image: "image"}.Compile()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, v := range []pipeline.Value{
			pipeline.String(s),
			pipeline.Object([]pipeline.Field{{Name: "path", Value: pipeline.String(s)}}),
			pipeline.Object([]pipeline.Field{{Name: "bytes", Value: pipeline.String(s)}}),
		} {
			var r sources.Record
			r.Reset(m.Want())
			r.Set(0, v)
			doc, err := m.Document(&r)
			if err == nil == doc.Image.IsZero() {
				t.Fatalf("got %d bytes, the reference %q and %v", len(doc.Image.Data), doc.Image.Ref, err)
			}
			if doc.Image.Ref != "" && (doc.Image.Data != "" || doc.Image.Ref != s || strings.ContainsAny(s, "\x00\r\n")) {
				t.Fatalf("got %d bytes and the reference %q", len(doc.Image.Data), doc.Image.Ref)
			}
			if len(doc.Image.Data) > len(s) {
				t.Fatalf("got %d bytes of %d", len(doc.Image.Data), len(s))
			}
		}
	})
}
