package imaging

import (
	"image"
	"image/color"
	"testing"

	"golang.org/x/image/draw"
)

func TestShrinkingFirstLooksTheSame(t *testing.T) {
	t.Parallel()
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		t.Run(ratio.String(), func(t *testing.T) {
			t.Parallel()
			// Sides that no square divides, and colours that change smoothly.
			photo := image.NewYCbCr(image.Rect(0, 0, 1003, 707), ratio)
			for y := range 707 {
				for x := range 1003 {
					photo.Y[photo.YOffset(x, y)] = uint8(40 + 150*x/1003 + 50*y/707)
					photo.Cb[photo.COffset(x, y)] = uint8(60 + 130*y/707)
					photo.Cr[photo.COffset(x, y)] = uint8(190 - 130*x/1003)
				}
			}
			small := shrink(photo, 100, 70)
			if b := small.Bounds(); b.Dx() >= 500 || b.Dx() < 150 || b.Dy() < 105 {
				t.Fatalf("got %v, want less than half, and at least one and a half times 100×70", b)
			}
			got, want := image.NewRGBA(image.Rect(0, 0, 100, 70)), image.NewRGBA(image.Rect(0, 0, 100, 70))
			draw.CatmullRom.Scale(got, got.Rect, small, small.Bounds(), draw.Over, nil)
			draw.CatmullRom.Scale(want, want.Rect, photo, photo.Rect, draw.Over, nil)
			for i := range got.Pix {
				if d := int(got.Pix[i]) - int(want.Pix[i]); d < -4 || d > 4 {
					t.Fatalf("sample %d is %d, want %d", i, got.Pix[i], want.Pix[i])
				}
			}
		})
	}
}

func TestSquaresAreAveraged(t *testing.T) {
	t.Parallel()
	photo := image.NewYCbCr(image.Rect(0, 0, 8, 4), image.YCbCrSubsampleRatio420)
	for i := range photo.Y {
		photo.Y[i] = uint8(i)
	}
	copy(photo.Cb, []uint8{10, 20, 30, 40, 50, 60, 70, 80})
	small, ok := shrink(photo, 1, 1).(*image.YCbCr)
	if !ok || small.Rect != image.Rect(0, 0, 4, 2) {
		t.Fatalf("got %v, want 4×2", small.Rect)
	}
	// 0, 1, 8, 9 are 4.5 on average, and one sample of colour.
	if got, want := small.YCbCrAt(0, 0), (color.YCbCr{Y: 5, Cb: 10}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := small.YCbCrAt(3, 1), (color.YCbCr{Y: 27, Cb: 80}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
