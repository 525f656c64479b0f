package imaging

import (
	"fmt"
	"image/jpeg"
	"image/png"

	"golang.org/x/sync/semaphore"

	"github.com/vecload/vecload/pipeline"
)

// Options say what images may be, and what is made of them. The zero value of
// each is its default.
type Options struct {
	// Side is what the shorter side of an image is brought down to, in pixels;
	// the longer one is brought down to four times as much. Smaller images stay
	// as they are. The default, 448, is twice what CLIP models look at: they
	// scale the shorter side to 224 and cut the middle out.
	Side int
	// MaxBytes bounds an image file; default 20 MiB.
	MaxBytes int
	// MaxPixels bounds the width times the height of an image; default 40
	// million.
	MaxPixels int
	// Memory bounds what all calls together may hold while they decode, in
	// bytes, by an estimate from the kind and the size of each image; default
	// 512 MiB. An image that needs more is decoded alone.
	Memory int64
	// Encoding is what images are encoded as; default JPEG.
	Encoding Encoding
	// Quality is that of JPEG, from 1 to 100; default 92, at which the
	// encoding is not seen in a picture of this size.
	Quality int
}

// Encoding is an image format that servers take.
type Encoding uint8

// The encodings. JPEG keeps transfers small; PNG is exact, and some four times
// as large for photographs.
const (
	JPEG Encoding = iota
	PNG
)

// MediaType returns the media type of the encoding, such as "image/jpeg".
func (e Encoding) MediaType() string {
	if e == PNG {
		return "image/png"
	}
	return "image/jpeg"
}

// Limits that no option changes.
const (
	// MinSide is the shortest side of an image, in pixels: servers refuse
	// smaller ones, which have nothing to see.
	MinSide = 3
	// MaxSide is the longest side of an image, in pixels.
	MaxSide = 30_000
	// longest is how many times as long as Side the longer side stays.
	longest = 4
)

// Preparer prepares images. It may be used from several goroutines.
type Preparer struct {
	options Options
	memory  *semaphore.Weighted
	jpeg    jpeg.Options
	png     png.Encoder
}

// New returns a preparer, or an error of class Misconfigured.
func New(o Options) (*Preparer, error) {
	setDefault(&o.Side, 448)
	setDefault(&o.MaxBytes, 20<<20)
	setDefault(&o.MaxPixels, 40_000_000)
	setDefault(&o.Memory, 512<<20)
	setDefault(&o.Quality, 92)
	for _, check := range []struct {
		name              string
		is, least, atMost int64
	}{
		{"side", int64(o.Side), 16, 4096},
		{"max bytes", int64(o.MaxBytes), 1, 1 << 30},
		{"max pixels", int64(o.MaxPixels), MinSide * MinSide, MaxSide * MaxSide},
		{"memory", o.Memory, 1 << 20, 1 << 50},
		{"quality", int64(o.Quality), 1, 100},
		{"encoding", int64(o.Encoding), int64(JPEG), int64(PNG)},
	} {
		if check.is < check.least || check.is > check.atMost {
			return nil, &pipeline.Error{
				Op: "images", Class: pipeline.Misconfigured,
				Err: fmt.Errorf("%s must be from %d to %d, is %d", check.name, check.least, check.atMost, check.is),
			}
		}
	}
	return &Preparer{
		options: o,
		memory:  semaphore.NewWeighted(o.Memory),
		jpeg:    jpeg.Options{Quality: o.Quality},
		png:     png.Encoder{CompressionLevel: png.BestSpeed},
	}, nil
}

func setDefault[T int | int64](value *T, to T) {
	if *value == 0 {
		*value = to
	}
}

// MediaType returns the media type of what [Preparer.Prepare] gives.
func (p *Preparer) MediaType() string { return p.options.Encoding.MediaType() }
