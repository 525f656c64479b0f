package bm25

import "math/bits"

// Index returns the index of a term, which is a folded, stemmed word: the
// 32-bit MurmurHash3 of its bytes with seed 0, read as a signed number, less
// its sign. It is that of FastEmbed and Qdrant. Of n terms about n²/2³² pairs
// share an index.
func Index(term string) uint32 { return index(term) }

func index[T string | []byte](term T) uint32 {
	h := int32(murmur3(term))
	if h < 0 {
		return -uint32(h) // of the lowest number too, which int32 cannot turn
	}
	return uint32(h)
}

// murmur3 is MurmurHash3_x86_32 with seed 0, by Austin Appleby, who placed it
// in the public domain.
func murmur3[T string | []byte](data T) uint32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	var h uint32
	i := 0
	for ; i+4 <= len(data); i += 4 {
		k := uint32(data[i]) | uint32(data[i+1])<<8 | uint32(data[i+2])<<16 | uint32(data[i+3])<<24
		h ^= bits.RotateLeft32(k*c1, 15) * c2
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	}
	var k uint32
	for j := len(data) - 1; j >= i; j-- {
		k = k<<8 | uint32(data[j])
	}
	h ^= bits.RotateLeft32(k*c1, 15) * c2
	h ^= uint32(len(data))
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}
