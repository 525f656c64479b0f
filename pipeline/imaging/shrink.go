package imaging

import "image"

// shrink averages squares of pixels of a photograph that is several times as
// large as what is made of it, and leaves the rest to the scaler, which looks
// at every pixel many times. The result is at least one and a half times the
// size that is wanted, so that it is the scaler who decides what is seen. Up to
// a square's worth of pixels at the right and the bottom is left out: less
// than a thousandth.
func shrink(src image.Image, width, height int) image.Image {
	photo, ok := src.(*image.YCbCr)
	if !ok || photo.Rect.Min != (image.Point{}) {
		return src
	}
	across, down := subsampling(photo.SubsampleRatio)
	w, h := photo.Rect.Dx(), photo.Rect.Dy()
	side := min(2*w/(3*width), 2*h/(3*height))
	side -= side % max(across, down)
	if side < 2 {
		return src
	}
	made := image.NewYCbCr(image.Rect(0, 0, w/side, h/side), image.YCbCrSubsampleRatio444)
	average(made.Y, made.YStride, photo.Y, photo.YStride, made.Rect, side, side)
	average(made.Cb, made.CStride, photo.Cb, photo.CStride, made.Rect, side/across, side/down)
	average(made.Cr, made.CStride, photo.Cr, photo.CStride, made.Rect, side/across, side/down)
	return made
}

// subsampling gives how many pixels share a sample of colour; both divide
// each other.
func subsampling(ratio image.YCbCrSubsampleRatio) (across, down int) {
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	case image.YCbCrSubsampleRatio444:
	}
	return 1, 1
}

// average makes each sample of dst the mean of across × down of src.
func average(dst []uint8, dstStride int, src []uint8, srcStride int, r image.Rectangle, across, down int) {
	n := uint32(across * down)
	sums := make([]uint32, r.Dx())
	for y := range r.Dy() {
		clear(sums)
		for row := y * down; row < (y+1)*down; row++ {
			line := src[row*srcStride:][:len(sums)*across]
			for x := range sums {
				for _, sample := range line[x*across:][:across] {
					sums[x] += uint32(sample)
				}
			}
		}
		for x, sum := range sums {
			dst[y*dstStride+x] = uint8((sum + n/2) / n)
		}
	}
}
