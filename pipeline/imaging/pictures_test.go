package imaging_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/vecload/vecload/pipeline/imaging"
)

func preparer(tb testing.TB, o imaging.Options) *imaging.Preparer {
	tb.Helper()
	p, err := imaging.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// prepare gives the picture that is made of a file.
func prepare(tb testing.TB, o imaging.Options, file string) image.Image {
	tb.Helper()
	out, err := preparer(tb, o).Prepare(tb.Context(), file)
	if err != nil {
		tb.Fatal(err)
	}
	var made image.Image
	if o.Encoding == imaging.PNG {
		made, err = png.Decode(strings.NewReader(out))
	} else {
		made, err = jpeg.Decode(strings.NewReader(out))
	}
	if err != nil {
		tb.Fatal(err)
	}
	return made
}

func fixture(tb testing.TB, name string) string {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

// names are the colours of the quarters of a picture, row by row, one letter
// each: red, green, blue, yellow, white, black, grey; ? is any other.
func quarters(m image.Image) string {
	b := m.Bounds()
	var s strings.Builder
	for _, y := range []int{1, 3} {
		for _, x := range []int{1, 3} {
			s.WriteByte(colour(m.At(b.Min.X+b.Dx()*x/4, b.Min.Y+b.Dy()*y/4)))
		}
	}
	return s.String()
}

func colour(c color.Color) byte {
	r, g, b, _ := c.RGBA()
	near := func(x, want uint32) bool { return max(x>>8, want)-min(x>>8, want) <= 40 }
	for _, known := range []struct {
		name    byte
		r, g, b uint32
	}{
		{'r', 255, 0, 0},
		{'g', 0, 255, 0},
		{'b', 0, 0, 255},
		{'y', 255, 255, 0},
		{'w', 255, 255, 255},
		{'k', 0, 0, 0},
		{'m', 128, 128, 128},
	} {
		if near(r, known.r) && near(g, known.g) && near(b, known.b) {
			return known.name
		}
	}
	return '?'
}

// picture has red and green quarters above blue and yellow ones.
func picture(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: 255, A: 255}
			switch right, below := x >= w/2, y >= h/2; {
			case right && below:
				c = color.NRGBA{R: 255, G: 255, A: 255}
			case right:
				c = color.NRGBA{G: 255, A: 255}
			case below:
				c = color.NRGBA{B: 255, A: 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func encode(tb testing.TB, kind string, m image.Image) string {
	tb.Helper()
	var out bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&out, m)
	case "jpeg":
		err = jpeg.Encode(&out, m, &jpeg.Options{Quality: 95})
	case "gif":
		err = gif.Encode(&out, m, nil)
	case "bmp":
		err = bmp.Encode(&out, m)
	case "tiff":
		err = tiff.Encode(&out, m, &tiff.Options{Compression: tiff.Deflate, Predictor: true})
	}
	if err != nil {
		tb.Fatal(err)
	}
	return out.String()
}
