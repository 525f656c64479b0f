package imaging

import "encoding/binary"

// orientationTag is the tag of how a picture is to be turned (Exif 2.32,
// section 4.6.4, table 4, "Orientation").
const orientationTag = 0x0112

// orientation reads the orientation, 1 to 8, of a TIFF structure, which is
// what Exif data is. It is 1 where the structure has none, or is no such
// structure: a picture is not refused for its metadata.
func orientation(exif string) int {
	const (
		headerSize = 8  // byte order, 42, offset of the first directory (TIFF 6.0, section 2)
		entrySize  = 12 // tag, type, count, value
		short      = 3  // the type of 16 bits without sign
	)
	if len(exif) < headerSize {
		return 1
	}
	var order binary.ByteOrder
	switch exif[:4] {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := func(off int) uint16 { return order.Uint16([]byte{exif[off], exif[off+1]}) }
	first := uint64(order.Uint32([]byte(exif[4:headerSize])))
	if first+2 > uint64(len(exif)) {
		return 1
	}
	entries := int(at(int(first)))
	for entry := int(first) + 2; entries > 0 && entry+entrySize <= len(exif); entries, entry = entries-1, entry+entrySize {
		if at(entry) != orientationTag {
			continue
		}
		if value := at(entry + 8); at(entry+2) == short && value >= 1 && value <= 8 {
			return int(value)
		}
		return 1
	}
	return 1
}

func examineTIFF(file string, found *header) error {
	found.orientation = orientation(file)
	// The pixels, a block of 8 bytes a pixel, and its coded form.
	found.perPixel += 12
	return nil
}
