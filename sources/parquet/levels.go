package parquet

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
)

// split returns the definition levels of a page and what follows the levels,
// and whether these are there for all of its values: the library's reader of
// columns goes round for ever at a page whose are not.
func split(page file.Page, maxDef, maxRep int16) (defs, rest []byte, ok bool) {
	values := int(page.NumValues())
	rest = page.Data()
	switch page := page.(type) {
	case *file.DataPageV1:
		ok = true
		if maxRep > 0 {
			_, rest, ok = section(rest, maxRep, values, page.RepetitionLevelEncoding())
		}
		if ok && maxDef > 0 {
			defs, rest, ok = section(rest, maxDef, values, page.DefinitionLevelEncoding())
		}
		return defs, rest, ok
	case *file.DataPageV2:
		reps, size := int(page.RepetitionLevelByteLen()), int(page.DefinitionLevelByteLen())
		if reps < 0 || size < 0 || reps > len(rest) || size > len(rest)-reps {
			return nil, nil, false
		}
		defs = rest[reps : reps+size]
		return defs, rest[reps+size:], (maxRep == 0 || enough(rest[:reps], maxRep, values)) &&
			(maxDef == 0 || enough(defs, maxDef, values))
	}
	return nil, rest, true
}

// section returns the levels of a page of version 1 and what follows, and
// whether there are enough of them. Levels that have no runs it does not
// return.
func section(data []byte, level int16, values int, encoding parquet.Encoding) (levels, rest []byte, ok bool) {
	if encoding != parquet.Encodings.RLE {
		size := (values*bits.Len16(uint16(level)) + 7) / 8 // BIT_PACKED
		if size > len(data) {
			return nil, nil, false
		}
		return nil, data[size:], true
	}
	if len(data) < 4 {
		return nil, nil, false
	}
	size := binary.LittleEndian.Uint32(data)
	data = data[4:]
	if uint64(size) > uint64(len(data)) {
		return nil, nil, false
	}
	return data[:size], data[size:], enough(data[:size], level, values)
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
