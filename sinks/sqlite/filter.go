package sqlite

import (
	"encoding/binary"

	"github.com/vecload/vecload/pipeline"
)

// filter is a Bloom filter of ids in blocks of a cache line. It never denies
// what it holds. With ten million ids it takes one of twenty others for one
// that it holds.
type filter struct{ blocks [][8]uint64 }

// filterBits is the logarithm of the number of blocks, of 64 bytes.
const filterBits = 17

func (f *filter) add(points []idRow) {
	if f.blocks == nil && len(points) > 0 {
		f.blocks = make([][8]uint64, 1<<filterBits)
	}
	for i := range points {
		block, bits := f.of(&points[i].id)
		for _, bit := range bits {
			block[bit>>6] |= 1 << (bit & 63)
		}
	}
}

func (f *filter) mayHold(id *pipeline.PointID) bool {
	if f.blocks == nil {
		return false
	}
	block, bits := f.of(id)
	for _, bit := range bits {
		if block[bit>>6]&(1<<(bit&63)) == 0 {
			return false
		}
	}
	return true
}

// of returns the block of an id, which its first bits choose, so that ids in
// order go through the filter in order, and three of the block's 512 bits.
func (f *filter) of(id *pipeline.PointID) (block *[8]uint64, bits [3]uint32) {
	hash := binary.BigEndian.Uint32(id[12:])
	return &f.blocks[binary.BigEndian.Uint32(id[:])>>(32-filterBits)], [3]uint32{hash & 511, hash >> 9 & 511, hash >> 18 & 511}
}
