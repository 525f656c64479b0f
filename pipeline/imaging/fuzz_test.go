package imaging_test

import (
	"context"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/imaging"
)

// FuzzPrepare checks that any bytes are an image within the limits, or a
// reject.
func FuzzPrepare(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) == 0 {
		f.Fatal("there are no fixtures", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	p, err := imaging.New(imaging.Options{MaxPixels: 1 << 20, Side: 16})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, file string) {
		out, err := p.Prepare(t.Context(), file)
		if err != nil {
			if out != "" || pipeline.Classify(err) != pipeline.Rejected {
				t.Fatalf("got %d bytes and %v of class %s", len(out), err, pipeline.Classify(err))
			}
			return
		}
		made, err := jpeg.Decode(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if b := made.Bounds(); min(b.Dx(), b.Dy()) > 16 || max(b.Dx(), b.Dy()) > 64 || min(b.Dx(), b.Dy()) < 3 {
			t.Fatalf("the picture made is %v", b)
		}
	})
}

// FuzzOrientation checks that metadata never refuses or breaks a picture.
func FuzzOrientation(f *testing.F) {
	f.Add(exif("II", 6))
	f.Add(exif("MM", 8))
	f.Add("II*\x00\xff\xff\xff\xff")
	f.Add("MM\x00*\x00\x00\x00\x08\xff\xff")
	p, err := imaging.New(imaging.Options{})
	if err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile("testdata/baseline.jpg")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, metadata string) {
		if len(metadata) > 60_000 {
			t.Skip()
		}
		if _, err := p.Prepare(context.WithoutCancel(t.Context()), withExif(string(data), metadata)); err != nil {
			t.Fatal(err)
		}
	})
}
