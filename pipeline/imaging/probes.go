package imaging

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// Probes are the fixed images, as PNG files, that endpoints of a model of
// images are probed with, as those of texts are with fixed texts. They have the size that CLIP models look
// at and soft transitions only, so that servers which scale in different ways
// come to the same vector. Their pixels never change, for indexes remember
// what was made of them.
func Probes() []string {
	return []string{
		drawn(func(x, y int) (r, g, b int) { return x, y, 255 - x }),
		drawn(func(x, y int) (r, g, b int) {
			d := 255 * 8000 / (8000 + (x-100)*(x-100) + (y-150)*(y-150))
			return d, 80 + d/2, 200 - d/2
		}),
		drawn(func(x, y int) (r, g, b int) {
			wave := x * (255 - x) * y / (64 * 255)
			return wave, 160, 255 - wave
		}),
	}
}

// drawn makes a picture of a function from places to colours, both from 0 to
// 255. Whole numbers only: others are rounded as the processor likes.
func drawn(at func(x, y int) (r, g, b int)) string {
	const side = 224
	picture := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			r, g, b := at(x*255/(side-1), y*255/(side-1))
			picture.SetRGBA(x, y, color.RGBA{R: uint8(r), G: uint8(g), B: uint8(b), A: 255})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		return "" // never: the buffer takes everything, and the size is in range
	}
	return file.String()
}
