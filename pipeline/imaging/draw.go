package imaging

import (
	"image"

	"golang.org/x/image/draw"
)

// target gives the size of what is made of an image: its own, or the largest
// of its shape whose shorter side is Side and whose longer one is four times
// that.
func (p *Preparer) target(width, height int) (int, int) {
	short, long := min(width, height), max(width, height)
	side := p.options.Side
	if short <= side && long <= longest*side {
		return width, height
	}
	// By the side that has to shrink more: short/side or long/(longest*side).
	num, den := side, short
	if long > longest*short {
		num, den = longest*side, long
	}
	scale := func(n int) int { return max((n*num+den/2)/den, MinSide) }
	return scale(width), scale(height)
}

// cost estimates what it takes to prepare an image, in bytes: its pixels, and
// the rows between the two passes of the scaler, four float64 a pixel.
func cost(found header, width int) int64 {
	cost := int64(found.Width) * int64(found.Height) * int64(found.perPixel)
	if width < found.Width {
		cost += int64(width) * int64(found.Height) * 32
	}
	return cost
}

// flatten draws an image on a white canvas and scales that to a size. What
// the image leaves open of the canvas, as the first picture of an animation
// may, is white.
func flatten(src image.Image, canvas image.Rectangle, width, height int) *image.RGBA {
	if src.Bounds() != canvas {
		whole := white(canvas)
		draw.Draw(whole, src.Bounds(), src, src.Bounds().Min, draw.Over)
		src = whole
	}
	dst := white(image.Rect(0, 0, width, height))
	if dst.Rect == canvas {
		draw.Draw(dst, dst.Rect, src, canvas.Min, draw.Over)
	} else {
		src = shrink(src, width, height)
		draw.CatmullRom.Scale(dst, dst.Rect, src, src.Bounds(), draw.Over, nil)
	}
	return dst
}

func white(r image.Rectangle) *image.RGBA {
	canvas := image.NewRGBA(r)
	for i := range canvas.Pix {
		canvas.Pix[i] = 0xff
	}
	return canvas
}

// orient turns an image as an Exif orientation asks: the first row and the
// first column of the file are, for
//
//	1 top, left    2 top, right    3 bottom, right    4 bottom, left
//	5 left, top    6 right, top    7 right, bottom    8 left, bottom
func orient(src *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			u, v := x, y
			switch orientation {
			case 2:
				u = w - 1 - x
			case 3:
				u, v = w-1-x, h-1-y
			case 4:
				v = h - 1 - y
			case 5:
				u, v = y, x
			case 6:
				u, v = h-1-y, x
			case 7:
				u, v = h-1-y, w-1-x
			case 8:
				u, v = y, w-1-x
			}
			copy(dst.Pix[v*dst.Stride+u*4:][:4], src.Pix[y*src.Stride+x*4:][:4])
		}
	}
	return dst
}
