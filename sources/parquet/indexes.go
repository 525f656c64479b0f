package parquet

import (
	"encoding/binary"
	"math"
)

// narrow is up to how many bits indexes of a dictionary may have whatever
// their dictionary is.
const narrow = 16

var errIndex = damagedError("an index is beyond its dictionary")

// indexed checks the indexes of a page into a dictionary of so many values
// (Encodings.md of the Parquet format, section "Dictionary Encoding"): the
// library makes as much memory as the largest says. Those of bit-packed runs
// are bounded by their width, which is not much more than the dictionary needs.
func indexed(data []byte, values, dictionary int64) error {
	if len(data) == 0 {
		return nil // the library tells
	}
	width := uint64(data[0])
	if width > 32 || (width > narrow && int64(1)<<width > 2*dictionary) {
		return errIndex
	}
	data = data[1:]
	for left := values; left > 0 && len(data) > 0; {
		header, n := binary.Uvarint(data)
		count := header >> 1
		if n <= 0 || count > math.MaxInt32/8 {
			return damagedError("its indexes are malformed")
		}
		data = data[n:]
		if header&1 == 1 {
			left -= int64(count) * 8
			data = data[min(count*width, uint64(len(data))):] // the last run may lack its padding
			continue
		}
		size := int((width + 7) / 8)
		if size > len(data) {
			return damagedError("its indexes are malformed")
		}
		var value [8]byte
		copy(value[:], data[:size])
		if count > 0 && int64(binary.LittleEndian.Uint64(value[:])) >= dictionary {
			return errIndex
		}
		left -= int64(count)
		data = data[size:]
	}
	return nil
}
