package imaging

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// format is a kind of image file that is read.
type format struct {
	name    string
	config  func(io.Reader) (image.Config, error)
	decode  func(io.Reader) (image.Image, error)
	examine func(file string, found *header) error // nil: nothing more to know
}

// header is what is known of an image before it is decoded.
type header struct {
	image.Config

	orientation int // 1 to 8 as in Exif
	perPixel    int // bytes that its decoder holds for a pixel, at most
}

func (f format) inspect(file string) (header, error) {
	config, err := f.config(newReader(file, func() error { return nil }))
	if err != nil {
		return header{}, err
	}
	found := header{Config: config, orientation: 1, perPixel: bytesPerPixel(config.ColorModel)}
	if f.examine != nil {
		err = f.examine(file, &found)
	}
	return found, err
}

// bytesPerPixel is what a decoded pixel takes.
func bytesPerPixel(m color.Model) int {
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.YCbCrModel:
		return 3
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	return 4
}

func examineGIF(_ string, found *header) error {
	found.perPixel = 5 // the first picture, and the canvas that it may leave open
	return nil
}

// formatOf tells the format of a file by its first bytes.
func formatOf(file string) (format, error) {
	switch {
	case file == "":
		return format{}, errors.New("the image is empty")
	case strings.HasPrefix(file, "\xff\xd8\xff"):
		return format{"JPEG", jpeg.DecodeConfig, jpeg.Decode, examineJPEG}, nil
	case strings.HasPrefix(file, pngMagic):
		return format{"PNG", png.DecodeConfig, png.Decode, examinePNG}, nil
	case strings.HasPrefix(file, "GIF87a"), strings.HasPrefix(file, "GIF89a"):
		return format{"GIF", gif.DecodeConfig, gif.Decode, examineGIF}, nil
	case isRIFF(file):
		return format{"WebP", webp.DecodeConfig, webp.Decode, examineWebP}, nil
	case strings.HasPrefix(file, "BM"):
		return format{"BMP", bmp.DecodeConfig, bmp.Decode, nil}, nil
	case strings.HasPrefix(file, "II*\x00"), strings.HasPrefix(file, "MM\x00*"):
		return format{"TIFF", tiff.DecodeConfig, tiff.Decode, examineTIFF}, nil
	}
	if name := stranger(file); name != "" {
		return format{}, fmt.Errorf("the data is %s, which is not read; JPEG, PNG, GIF, WebP, BMP and TIFF are", name)
	}
	return format{}, errors.New("the data is no image of a kind that is known: JPEG, PNG, GIF, WebP, BMP and TIFF are")
}

// stranger names what is met in place of an image, "" for what is not known.
func stranger(file string) string {
	if len(file) >= 12 && file[4:8] == "ftyp" {
		switch file[8:12] {
		case "avif", "avis":
			return "an AVIF image"
		case "heic", "heix", "hevc", "mif1", "msf1":
			return "an HEIF image"
		}
		return "a film"
	}
	head := strings.ToLower(strings.TrimLeft(file[:min(len(file), 256)], "\ufeff \t\r\n"))
	for _, known := range []struct{ magic, name string }{
		{"<!doctype html", "an HTML page"},
		{"<html", "an HTML page"},
		{"<svg", "an SVG drawing"},
		{"<?xml", "an XML file"},
		{"version https://git-lfs", "a Git LFS pointer"},
		{"%pdf-", "a PDF file"},
		{"\xff\x0a", "a JPEG XL image"},
		{"\x00\x00\x00\x0cjxl ", "a JPEG XL image"},
		{"\x00\x00\x00\x0cjp  ", "a JPEG 2000 image"},
		{"8bps", "a Photoshop file"},
		{"{", "JSON"},
	} {
		if strings.HasPrefix(head, known.magic) {
			return known.name
		}
	}
	return ""
}
