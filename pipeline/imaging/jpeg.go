package imaging

import (
	"errors"
	"image/color"
	"strings"
)

// maxScans is how many scans a progressive JPEG may have. Encoders make about
// ten; each costs a pass over the whole picture, though it may be a few bytes.
const maxScans = 64

// examineJPEG goes through the segments of a file (ITU-T T.81, annex B).
func examineJPEG(file string, found *header) error {
	scans, exif := 0, false
	if found.ColorModel == color.CMYKModel || found.ColorModel == color.RGBAModel {
		found.perPixel = 8 // the planes, and the picture that is made of them
	}
	for off := 2; off+4 <= len(file); {
		if file[off] != 0xff { // entropy-coded data, or garbage that decoders pass over
			skip := strings.IndexByte(file[off:], 0xff)
			if skip < 0 {
				return nil
			}
			off += skip
			continue
		}
		marker := file[off+1]
		switch {
		case marker == 0xff: // fill
			off++
			continue
		case marker == 0x00, marker == 0x01, marker >= 0xd0 && marker <= 0xd8: // without a length
			off += 2
			continue
		case marker == 0xd9: // the end
			return nil
		}
		size := int(file[off+2])<<8 | int(file[off+3])
		body := file[min(off+4, len(file)):min(off+2+size, len(file))]
		switch {
		case size < 2:
			return errors.New("a segment is shorter than its own length")
		case marker == 0xda: // start of a scan
			if scans++; scans > maxScans {
				return errors.New("it has more scans than any picture needs")
			}
		case marker == 0xc2: // start of a progressive frame
			// Coefficients of 4 bytes are kept beside the samples.
			found.perPixel *= 5
		case marker == 0xe1 && !exif && strings.HasPrefix(body, "Exif\x00\x00"):
			exif = true
			found.orientation = orientation(body[6:])
		}
		off += 2 + size
	}
	return nil
}
