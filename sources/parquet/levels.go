package parquet

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
)

// complete reports whether a page holds levels for all of its values: the
// library's reader of columns goes round for ever at one that does not.
func complete(page file.Page, maxDef, maxRep int16) bool {
	values := int(page.NumValues())
	data := page.Data()
	switch page := page.(type) {
	case *file.DataPageV1:
		ok := true
		if maxRep > 0 {
			data, ok = section(data, maxRep, values, page.RepetitionLevelEncoding())
		}
		if ok && maxDef > 0 {
			_, ok = section(data, maxDef, values, page.DefinitionLevelEncoding())
		}
		return ok
	case *file.DataPageV2:
		reps, defs := int(page.RepetitionLevelByteLen()), int(page.DefinitionLevelByteLen())
		if reps < 0 || defs < 0 || reps > len(data) || defs > len(data)-reps {
			return false
		}
		return (maxRep == 0 || enough(data[:reps], maxRep, values)) &&
			(maxDef == 0 || enough(data[reps:reps+defs], maxDef, values))
	}
	return true
}

// section passes over the levels of a page of version 1 and reports whether
// there are enough of them.
func section(data []byte, level int16, values int, encoding parquet.Encoding) ([]byte, bool) {
	if encoding != parquet.Encodings.RLE {
		size := (values*bits.Len16(uint16(level)) + 7) / 8 // BIT_PACKED, which has no runs
		if size > len(data) {
			return nil, false
		}
		return data[size:], true
	}
	if len(data) < 4 {
		return nil, false
	}
	size := binary.LittleEndian.Uint32(data)
	data = data[4:]
	if uint64(size) > uint64(len(data)) {
		return nil, false
	}
	return data[size:], enough(data[:size], level, values)
}

// enough reports whether runs (Encodings.md of the Parquet format, section
// "Run Length Encoding / Bit-Packing Hybrid") hold as many levels.
func enough(data []byte, level int16, values int) bool {
	width := uint64(bits.Len16(uint16(level)))
	for left := int64(values); left > 0; {
		header, n := binary.Uvarint(data)
		count := header >> 1
		if n <= 0 || count == 0 || count > math.MaxInt32/8 {
			return false
		}
		data = data[n:]
		size, levels := (width+7)/8, count
		if header&1 == 1 {
			size, levels = count*width, count*8
			// The last run may lack the padding to eight levels.
			if size > uint64(len(data)) {
				return uint64(len(data))*8/width >= uint64(left)
			}
		}
		if size > uint64(len(data)) {
			return false
		}
		data = data[size:]
		left -= int64(levels)
	}
	return true
}
