package spill

import "github.com/vecload/vecload/pipeline"

// filter is a Bloom filter in blocks of a cache line. It never denies what it
// holds. With ten million documents it takes one of twenty others for one
// that it holds.
type filter struct{ blocks [][8]uint64 }

// filterBits is the logarithm of the number of blocks, of 64 bytes.
const filterBits = 17

func (f *filter) add(met []pipeline.Met) {
	if f.blocks == nil {
		f.blocks = make([][8]uint64, 1<<filterBits)
	}
	for _, m := range met {
		block := f.block(m)
		for _, bit := range bitsOf(m) {
			block[bit>>6] |= 1 << (bit & 63)
		}
	}
}

func (f *filter) mayHold(m pipeline.Met) bool {
	if f.blocks == nil {
		return false
	}
	block := f.block(m)
	for _, bit := range bitsOf(m) {
		if block[bit>>6]&(1<<(bit&63)) == 0 {
			return false
		}
	}
	return true
}

// block is chosen by the first bits of the hash, so that what comes in order
// goes through the filter in order.
func (f *filter) block(m pipeline.Met) *[8]uint64 { return &f.blocks[m.ID>>(64-filterBits)] }

// bitsOf chooses three of the 512 bits of a block.
func bitsOf(m pipeline.Met) [3]uint32 {
	return [3]uint32{m.More & 511, m.More >> 9 & 511, m.More >> 18 & 511}
}
