package sourcetest

import (
	"encoding/base64"
	"strconv"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

// Picture is a record with an image as Hugging Face's datasets hold it: a
// field "image" of bytes and a path, beside the fields "id" and "caption". A
// field that is "" is null.
type Picture struct {
	ID, Caption string
	Bytes, Path string
}

// JSON gives the record as one line of JSON without its end.
func (p Picture) JSON() []byte {
	data := nullable(p.Bytes)
	if p.Bytes != "" {
		data = pipeline.String(base64.StdEncoding.EncodeToString([]byte(p.Bytes)))
	}
	return pipeline.AppendJSONFields(nil, []pipeline.Field{
		{Name: "id", Value: nullable(p.ID)},
		{Name: "caption", Value: nullable(p.Caption)},
		{Name: "image", Value: pipeline.Object([]pipeline.Field{{Name: "bytes", Value: data}, {Name: "path", Value: nullable(p.Path)}})},
	})
}

func nullable(s string) pipeline.Value {
	if s == "" {
		return pipeline.Null()
	}
	return pipeline.String(s)
}

// NewPictures makes a source that holds the records in their order, mapped by
// the mapping.
type NewPictures func(tb testing.TB, records []Picture, mapping sources.Mapping) pipeline.Source

// RunPictures checks what becomes of images, in the same way for every format.
func RunPictures(t *testing.T, newSource NewPictures) {
	t.Helper()
	for _, tc := range []struct {
		name string
		run  func(*testing.T, NewPictures)
	}{
		{"BytesAndPathsBecomeImages", imagesOfRecords},
		{"ImagesAreNoPayload", imagesAreNoPayload},
		{"IDsAreTheSameInEveryFormat", imageIDs},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.run(t, newSource)
		})
	}
}

func imagesOfRecords(t *testing.T, newSource NewPictures) {
	t.Helper()
	binary := "\xff\xd8\x00\x01\xfe" + strings.Repeat("\x80\x00\xff", 1000)
	records := []Picture{
		{ID: "bytes", Caption: "a", Bytes: binary},
		{ID: "both", Caption: "b", Bytes: "\x89PNG", Path: "b.png"},
		{ID: "path", Caption: "c", Path: "folder/c.jpg"},
		{ID: "only text", Caption: "d"},
		{ID: "only image", Bytes: "\x00"},
		{ID: "only path", Path: "f.jpg"},
		{ID: "nothing"},
		{ID: "after", Caption: "g", Bytes: "GIF"},
	}
	for range 1500 {
		records = append(records, Picture{ID: "many", Caption: "h", Bytes: binary})
	}
	for _, payload := range [][]string{nil, {"*"}} {
		source := newSource(t, records, sources.Mapping{ID: "id", Text: "caption", Image: "image", Payload: payload})
		got := collect(t.Context(), source)
		if len(got) != len(records) {
			t.Fatalf("got %d documents, want %d", len(got), len(records))
		}
		for i, r := range got {
			want := records[i]
			image := pipeline.Image{Data: want.Bytes}
			if want.Bytes == "" {
				image.Ref = want.Path
			}
			if r.doc.ID != want.ID || r.doc.Text != want.Caption || r.doc.Image != image {
				t.Errorf("record %d is %q with %d bytes and %q, want %+v", i+1, r.doc.Text, len(r.doc.Image.Data), r.doc.Image.Ref, want)
			}
			empty := want.Caption == "" && image.IsZero()
			if empty != (pipeline.Classify(r.err) == pipeline.Rejected && r.err != nil) || !empty && r.err != nil {
				t.Errorf("record %d: got error %v", i+1, r.err)
			}
			if empty && !strings.HasSuffix(r.err.Error(), ":"+strconv.Itoa(i+1)+": there is neither a text nor an image") {
				t.Errorf("record %d: got error %v", i+1, r.err)
			}
		}
	}
}

func imagesAreNoPayload(t *testing.T, newSource NewPictures) {
	t.Helper()
	records := []Picture{{ID: "a", Caption: "x", Bytes: "\xff\xd8", Path: "a.jpg"}}
	for payload, want := range map[string]string{
		"*":          `{"id":"a"}`,
		"image.path": `{"image.path":"a.jpg"}`,
		"caption":    `{"caption":"x"}`,
	} {
		source := newSource(t, records, sources.Mapping{ID: "id", Text: "caption", Image: "image", Payload: []string{payload}})
		for _, r := range collect(t.Context(), source) {
			if got := string(pipeline.AppendJSONFields(nil, r.doc.Payload)); r.err != nil || got != want || r.doc.Image.Data != "\xff\xd8" {
				t.Errorf("payload %s: got %s and %v, want %s", payload, got, r.err, want)
			}
		}
	}
}

func imageIDs(t *testing.T, newSource NewPictures) {
	t.Helper()
	source := newSource(t, []Picture{
		{Caption: "x"},
		{Caption: "x", Bytes: "\xff\xd8"},
		{Bytes: "\xff\xd8"},
		{Caption: "x", Path: "\u00ff"},
		{Caption: "x", Bytes: "\u00ff"},
	}, sources.Mapping{Text: "caption", Image: "image"})
	want := []string{
		// Computed apart from this code: half the SHA-256 of "x", and then of
		// the SHA-256 of the text, a letter, and the SHA-256 of the image.
		"2d711642b726b04401627ca9fbac32f5",
		"957195a9de5e9b38c638ebd379e3a371",
		"1ca70751c1beb883b30d9b9c5cbe41b3",
		"6fdc0291303999729f4ff83260310faf",
		"a8b9d4b76b70e05614537b9defa1d854",
	}
	seen := map[string]bool{}
	for i, r := range collect(t.Context(), source) {
		if r.err != nil || r.doc.ID != want[i] || seen[r.doc.ID] {
			t.Errorf("record %d: got id %s and %v, want %s, which no other has", i+1, r.doc.ID, r.err, want[i])
		}
		seen[r.doc.ID] = true
	}
}
