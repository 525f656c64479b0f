package parquet

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// runs gives small numbers one by one, as levels and the indexes into a
// dictionary are written (Encodings.md of the Parquet format, section "Run
// Length Encoding / Bit-Packing Hybrid"). Behind the last they are 0: whether
// there are as many as are asked for is found out before, once a page.
type runs struct {
	data  []byte // that follows the run at hand
	width uint64 // bits of a number

	left   uint64 // numbers left of the run at hand
	value  uint32 // of a repeated run
	packed []byte // of a run that is not
	bit    uint64 // where its next number begins
	high   bool   // the highest bit of a number comes first
}

// next returns the next number.
func (r *runs) next() uint32 {
	if r.left == 0 {
		r.begin()
	}
	r.left--
	if r.packed == nil {
		return r.value
	}
	at := r.bit / 8
	var v uint64
	if at+8 <= uint64(len(r.packed)) {
		v = binary.LittleEndian.Uint64(r.packed[at:])
	} else {
		v = tail(r.packed, at)
	}
	skip := r.bit % 8
	if r.bit += r.width; r.high {
		return uint32(bits.ReverseBytes64(v) << skip >> (64 - r.width))
	}
	return uint32(v >> skip & (1<<r.width - 1))
}

// begin goes to the next run.
func (r *runs) begin() {
	r.left, r.value, r.packed = math.MaxUint64, 0, nil // where there is none
	header, n := binary.Uvarint(r.data)
	count := header >> 1
	if n <= 0 || count == 0 || count > math.MaxInt32/8 {
		return
	}
	data := r.data[n:]
	if header&1 == 1 {
		size := min(count*r.width, uint64(len(data))) // the last may lack its padding
		if r.left = count * 8; r.width > 0 {
			r.packed, r.bit = data[:size:size], 0
		}
		r.data = data[size:]
		return
	}
	size := min((r.width+7)/8, uint64(len(data)))
	r.left, r.value, r.data = count, uint32(tail(data[:size], 0)), data[size:]
}

// tail reads what there is of 8 bytes.
func tail(data []byte, at uint64) (v uint64) {
	for i := at; i < min(at+8, uint64(len(data))); i++ {
		v |= uint64(data[i]) << (8 * (i - at))
	}
	return v
}

// count passes over n numbers and returns how many are the given one.
func (r *runs) count(number uint32, n int64) (found int64) {
	for n > 0 {
		if r.left == 0 {
			r.begin()
		}
		if r.packed == nil {
			same := int64(min(r.left, uint64(n)))
			if r.value == number {
				found += same
			}
			r.left, n = r.left-uint64(same), n-same
			continue
		}
		if r.next() == number {
			found++
		}
		n--
	}
	return found
}
