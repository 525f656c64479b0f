package imaging

import (
	"encoding/binary"
	"errors"
	"strings"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// examinePNG goes through the chunks of a file (PNG, third edition, section
// 5.3).
func examinePNG(file string, found *header) error {
	const (
		around    = 12 // length, type and checksum of a chunk
		interlace = 28 // place of the interlace method in the file
	)
	if len(file) > interlace && file[interlace] != 0 {
		found.perPixel *= 2 // the passes, and the picture they make
	}
	for off := len(pngMagic); off+around <= len(file); {
		size := int64(binary.BigEndian.Uint32([]byte(file[off : off+4])))
		if size > int64(len(file)-off-around) {
			return nil // the decoder tells
		}
		if file[off+4:off+8] == "eXIf" {
			found.orientation = orientation(file[off+8 : off+8+int(size)])
			return nil
		}
		off += around + int(size)
	}
	return nil
}

func isRIFF(file string) bool {
	return len(file) >= 12 && file[:4] == "RIFF" && file[8:12] == "WEBP"
}

// examineWebP goes through the chunks of a file (WebP Container
// Specification, section "Extended File Format").
func examineWebP(file string, found *header) error {
	found.perPixel = 8 // lossless pictures are held before and after a transform
	for off := 12; off+8 <= len(file); {
		size := int64(binary.LittleEndian.Uint32([]byte(file[off+4 : off+8])))
		if size > int64(len(file)-off-8) {
			return nil // the decoder tells
		}
		body := file[off+8 : off+8+int(size)]
		switch file[off : off+4] {
		case "ANMF":
			return errors.New("it is an animation, which is read of GIF only")
		case "EXIF":
			// Some writers keep the prefix that JPEG wants.
			found.orientation = orientation(strings.TrimPrefix(body, "Exif\x00\x00"))
		}
		off += 8 + int(size+size&1)
	}
	return nil
}
