package parquet

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/parquet"
)

// levels finds the levels of a page of data. It returns what follows them, and
// whether they are there for all of its entries.
func (p *page) levels(h *header, data []byte, s shape) (rest []byte, ok bool) {
	ok = true
	if h.kind == dataPageV2 {
		reps, defs := data[:h.repsSize], data[h.repsSize:h.repsSize+h.defsSize]
		if s.maxRep > 0 {
			p.reps, ok = runsOf(reps, s.maxRep, h.values)
		}
		if ok && s.maxDef > 0 {
			p.defs, ok = runsOf(defs, s.maxDef, h.values)
		}
		return data[h.repsSize+h.defsSize:], ok
	}
	if s.maxRep > 0 {
		p.reps, data, ok = section(data, s.maxRep, h.values, parquet.Encoding(h.repsAs))
	}
	if ok && s.maxDef > 0 {
		p.defs, data, ok = section(data, s.maxDef, h.values, parquet.Encoding(h.defsAs))
	}
	return data, ok
}

// present counts the entries that have a value.
func (p *page) present(maxDef int16) int64 {
	if maxDef == 0 {
		return p.entries
	}
	defs := p.defs
	return defs.count(uint32(maxDef), p.entries) //nolint:gosec // not below 0
}

// section returns the levels of a page of version 1 and what follows, and
// whether there are enough of them.
func section(data []byte, level int16, entries int64, encoding parquet.Encoding) (levels runs, rest []byte, ok bool) {
	if encoding == parquet.Encodings.BitPacked {
		width := int64(bits.Len16(uint16(level)))
		size := (entries*width + 7) / 8
		if size > int64(len(data)) {
			return runs{}, nil, false
		}
		return runs{packed: data[:size], width: uint64(width), left: uint64(entries), high: true}, data[size:], true
	}
	if len(data) < 4 || encoding != parquet.Encodings.RLE {
		return runs{}, nil, false
	}
	size := binary.LittleEndian.Uint32(data)
	data = data[4:]
	if uint64(size) > uint64(len(data)) {
		return runs{}, nil, false
	}
	levels, ok = runsOf(data[:size], level, entries)
	return levels, data[size:], ok
}

// runsOf returns levels in runs, and whether there are enough of them.
func runsOf(data []byte, level int16, entries int64) (runs, bool) {
	return runs{data: data, width: uint64(bits.Len16(uint16(level)))}, enough(data, level, entries)
}

// enough reports whether runs (Encodings.md of the Parquet format, section
// "Run Length Encoding / Bit-Packing Hybrid") hold as many levels.
func enough(data []byte, level int16, entries int64) bool {
	width := uint64(bits.Len16(uint16(level)))
	for left := entries; left > 0; {
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
