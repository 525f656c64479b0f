package imaging_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/imaging"
)

func TestEveryFormatIsDecodedAndEncodedAnew(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ file, want string }{
		{"baseline.jpg", "rgby"},
		{"progressive.jpg", "rgby"},
		{"lossy.webp", "rgby"},
		{"lossless.webp", "rgby"},
		{"alpha.webp", "rwbw"},
		{"alpha.png", "rwbw"},
		{"interlaced.png", "rgby"},
		{"animated.gif", "rgby"},
		{"rgb.bmp", "rgby"},
		{"tiff_lzw.tiff", "rgby"},
		{"tiff_deflate.tiff", "rgby"},
		{"packbits.tiff", "rgby"},
		{"turned.jpg", "bryg"},
		{"turned.png", "bryg"},
		{"turned.webp", "bryg"},
	} {
		t.Run(tc.file, func(t *testing.T) {
			t.Parallel()
			for _, encoding := range []imaging.Encoding{imaging.JPEG, imaging.PNG} {
				m := prepare(t, imaging.Options{Encoding: encoding}, fixture(t, tc.file))
				if got := quarters(m); got != tc.want {
					t.Errorf("as %s: got quarters %s, want %s", encoding.MediaType(), got, tc.want)
				}
				wide := tc.want != "bryg"
				if b := m.Bounds(); wide != (b.Dx() == 24 && b.Dy() == 16) {
					t.Errorf("as %s: got %v", encoding.MediaType(), b)
				}
			}
		})
	}
}

func TestEveryColourModelBecomesRGB(t *testing.T) {
	t.Parallel()
	grey := image.NewGray(image.Rect(0, 0, 24, 16))
	grey16 := image.NewGray16(grey.Rect)
	deep := image.NewNRGBA64(grey.Rect)
	for i := range grey.Pix {
		grey.Pix[i], grey16.Pix[2*i] = 128, 128
	}
	for y := range 16 {
		for x := range 24 {
			deep.Set(x, y, picture(24, 16).At(x, y))
		}
	}
	seeThrough := picture(24, 16)
	for i := 3; i < len(seeThrough.Pix); i += 8 {
		seeThrough.Pix[i] = 0
	}
	for _, tc := range []struct{ name, file, want string }{
		{"gray PNG", encode(t, "png", grey), "mmmm"},
		{"gray JPEG", encode(t, "jpeg", grey), "mmmm"},
		{"16-bit gray PNG", encode(t, "png", grey16), "mmmm"},
		{"16-bit PNG", encode(t, "png", deep), "rgby"},
		{"16-bit TIFF", encode(t, "tiff", deep), "rgby"},
		{"palette GIF", encode(t, "gif", picture(24, 16)), "rgby"},
		{"palette PNG", encode(t, "png", paletted()), "kwkw"},
		{"BMP", encode(t, "bmp", picture(24, 16)), "rgby"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := prepare(t, imaging.Options{}, tc.file)
			if got := quarters(m); got != tc.want {
				t.Errorf("got quarters %s, want %s", got, tc.want)
			}
			if _, ok := m.(*image.YCbCr); !ok {
				t.Errorf("got %T, want a JPEG of three components", m)
			}
		})
	}
	// Four inks: what is red in the file is red, not its negative.
	if m := prepare(t, imaging.Options{}, fixture(t, "cmyk.jpg")); quarters(m) != "rgby" {
		t.Errorf("CMYK: got quarters %s, want rgby", quarters(m))
	}
	if half := prepare(t, imaging.Options{Encoding: imaging.PNG}, encode(t, "png", seeThrough)); colour(half.At(1, 0)) != 'r' || colour(half.At(0, 0)) != 'w' {
		t.Errorf("got %v and %v, want red and, where it is transparent, white", half.At(1, 0), half.At(0, 0))
	}
}

// paletted has a transparent right half.
func paletted() *image.Paletted {
	m := image.NewPaletted(image.Rect(0, 0, 24, 16), color.Palette{color.Black, color.Transparent})
	for y := range 16 {
		for x := 12; x < 24; x++ {
			m.SetColorIndex(x, y, 1)
		}
	}
	return m
}

func TestOrientationsAreApplied(t *testing.T) {
	t.Parallel()
	plain := encode(t, "jpeg", picture(48, 32))
	for orientation, want := range map[int]string{
		1: "rgby", 2: "gryb", 3: "ybgr", 4: "byrg", 5: "rbgy", 6: "bryg", 7: "ygbr", 8: "gyrb",
		0: "rgby", 9: "rgby",
	} {
		for _, order := range []string{"II", "MM"} {
			m := prepare(t, imaging.Options{}, withExif(plain, exif(order, orientation)))
			if got := quarters(m); got != want {
				t.Errorf("%s %d: got quarters %s, want %s", order, orientation, got, want)
			}
			if tall := m.Bounds().Dy() == 48; tall != (orientation >= 5 && orientation <= 8) {
				t.Errorf("%s %d: got %v", order, orientation, m.Bounds())
			}
		}
	}
}

// exif is a structure of one directory with a tag before the orientation.
func exif(order string, orientation int) string {
	if order == "MM" {
		return "MM\x00*\x00\x00\x00\x08\x00\x02" + "\x01\x0f\x00\x02\x00\x00\x00\x02a\x00\x00\x00" +
			"\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(rune(orientation)) + "\x00\x00\x00\x00\x00\x00"
	}
	return "II*\x00\x08\x00\x00\x00\x02\x00" + "\x0f\x01\x02\x00\x02\x00\x00\x00a\x00\x00\x00" +
		"\x12\x01\x03\x00\x01\x00\x00\x00" + string(rune(orientation)) + "\x00\x00\x00\x00\x00\x00\x00"
}

// withExif puts a segment behind the start of a JPEG.
func withExif(file, exif string) string {
	size := 2 + 6 + len(exif)
	return file[:2] + "\xff\xe1" + string([]byte{byte(size >> 8), byte(size)}) + "Exif\x00\x00" + exif + file[2:]
}

func TestImagesAreBroughtDownAndNeverUp(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ side, w, h, wantW, wantH int }{
		{0, 20, 10, 20, 10},
		{0, 448, 449, 448, 449},
		{0, 896, 896, 448, 448},
		{0, 1000, 800, 560, 448},
		{32, 320, 40, 128, 16},
		{32, 40, 320, 16, 128},
		{16, 2000, 3, 64, 3},
	} {
		m := prepare(t, imaging.Options{Side: tc.side}, encode(t, "png", picture(tc.w, tc.h)))
		if b := m.Bounds(); b.Dx() != tc.wantW || b.Dy() != tc.wantH {
			t.Errorf("%d×%d by side %d: got %v, want %d×%d", tc.w, tc.h, tc.side, b, tc.wantW, tc.wantH)
		}
		if got := quarters(m); tc.h > 3 && got != "rgby" {
			t.Errorf("%d×%d by side %d: got quarters %s", tc.w, tc.h, tc.side, got)
		}
	}
}

func TestTheSameFileGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	file := encode(t, "jpeg", picture(700, 900))
	one, err := preparer(t, imaging.Options{}).Prepare(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	two, err := preparer(t, imaging.Options{}).Prepare(t.Context(), file)
	if err != nil || one != two {
		t.Errorf("two calls differ: %d and %d bytes, %v", len(one), len(two), err)
	}
}

func TestWhatIsNoImageIsRejectedWithItsName(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, want string }{
		{"nothing", "", "the image is empty"},
		{"text", "hello", "the data is no image of a kind that is known"},
		{"a web page", " \n<!DOCTYPE html><title>x", "the data is an HTML page"},
		{"a drawing", `<svg xmlns="x">`, "the data is an SVG drawing"},
		{"AVIF", "\x00\x00\x00\x1cftypavif", "the data is an AVIF image"},
		{"HEIF", "\x00\x00\x00\x1cftypheic", "the data is an HEIF image"},
		{"a pointer", "version https://git-lfs.github.com/spec/v1\n", "the data is a Git LFS pointer"},
		{"only the first bytes", "\xff\xd8\xff", "the JPEG image cannot be decoded: the file ends too early"},
		{"an animation", fixture(t, "animated.webp"), "the WebP image cannot be decoded: it is an animation"},
		{"a TIFF of JPEG", fixture(t, "jpeg.tiff"), "the TIFF image cannot be decoded: tiff: unsupported feature: compression value 7"},
		{"a pixel", encode(t, "png", picture(1, 1)), "the image has 1×1 pixels, 3×3 is the least"},
		{"a line", encode(t, "png", picture(100, 2)), "the image has 100×2 pixels, 3×3 is the least"},
		{"a long line", encode(t, "png", picture(30_001, 3)), "the image has 30001×3 pixels, no side may have more than 30000"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			out, err := preparer(t, imaging.Options{}).Prepare(t.Context(), tc.file)
			if out != "" || pipeline.Classify(err) != pipeline.Rejected || err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("got %d bytes and %v of class %s, want %s", len(out), err, pipeline.Classify(err), tc.want)
			}
		})
	}
}

func TestFilesThatAreCutOffAreRejected(t *testing.T) {
	t.Parallel()
	p := preparer(t, imaging.Options{})
	for _, tc := range []struct {
		file string
		tail int // bytes at the end that no picture needs
	}{
		{"baseline.jpg", 0},
		{"progressive.jpg", 0},
		{"cmyk.jpg", 0},
		{"alpha.png", 0},
		{"interlaced.png", 0},
		{"lossy.webp", 0},
		{"lossless.webp", 1},
		{"alpha.webp", 0},
		{"animated.gif", 121},
		{"rgb.bmp", 0},
		{"tiff_lzw.tiff", 0},
		{"tiff_deflate.tiff", 0},
		{"packbits.tiff", 0},
	} {
		whole := fixture(t, tc.file)
		for n := range len(whole) - tc.tail {
			if _, err := p.Prepare(t.Context(), whole[:n]); err == nil || pipeline.Classify(err) != pipeline.Rejected {
				t.Errorf("%s: %d of %d bytes give %v, want a reject", tc.file, n, len(whole), err)
			}
		}
		if _, err := p.Prepare(t.Context(), whole+"garbage"); err != nil {
			t.Errorf("%s with garbage behind it: %v", tc.file, err)
		}
	}
}

func TestWrongOptionsAreTold(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]imaging.Options{
		"side must be from 16 to 4096, is 8":            {Side: 8},
		"quality must be from 1 to 100, is 101":         {Quality: 101},
		"max pixels must be from 9 to 900000000, is -1": {MaxPixels: -1},
		"encoding must be from 0 to 1, is 7":            {Encoding: 7},
	} {
		_, err := imaging.New(o)
		if pipeline.Classify(err) != pipeline.Misconfigured || err.Error() != "images: "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestACancelledCallReturnsTheContextsError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	cancel(enough)
	if _, err := preparer(t, imaging.Options{}).Prepare(ctx, fixture(t, "baseline.jpg")); !errors.Is(err, enough) {
		t.Errorf("got %v, want the cause of the context", err)
	}
}

func BenchmarkPrepare(b *testing.B) {
	for _, size := range []struct{ w, h int }{{1152, 864}, {4000, 3000}} {
		noise := picture(size.w, size.h)
		for i := range noise.Pix {
			if i%4 != 3 {
				noise.Pix[i] = byte(int(noise.Pix[i])/2 + (i*i>>7)%61)
			}
		}
		file := encode(b, "jpeg", noise)
		p := preparer(b, imaging.Options{})
		b.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Prepare(b.Context(), file); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
