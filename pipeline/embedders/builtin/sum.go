package builtin

import (
	"encoding/binary"
	"math"
)

const (
	// lanesHold is how many rows the lanes have room for, a multiple of
	// pendingRows: 257 × 255 is the most that 16 bits hold.
	lanesHold = 256
	// pendingRows is a multiple of the four rows that are read at once.
	pendingRows = 64
	evenBytes   = 0x00ff00ff00ff00ff
)

// sum adds rows of the table. All of it is integers, so the order in which
// rows come and the way they are grouped leave no trace in the result.
//
// Eight bytes are added at once: as four even and four odd ones in lanes of
// 16 bits of two words.
type sum struct {
	pending [pendingRows]uint16
	waiting int // rows in pending
	even    [Dim / 8]uint64
	odd     [Dim / 8]uint64
	held    int // rows in even and odd
	rows    int64
	total   [Dim]int64 // of the biased bytes
}

// add takes the rows of a word's tokens.
func (s *sum) add(t *table, ids []uint16) {
	for _, id := range ids {
		if s.waiting == len(s.pending) {
			s.drain(t)
		}
		s.pending[s.waiting] = id
		s.waiting++
	}
}

// drain adds the pending rows to the lanes, four at a time: these are then
// read and written once for four rows.
func (s *sum) drain(t *table) {
	if s.held+s.waiting > lanesHold {
		s.spill()
	}
	s.held += s.waiting
	ids := s.pending[:s.waiting]
	s.waiting = 0
	for len(ids) >= 4 {
		a, b, c, d := t.row(ids[0]), t.row(ids[1]), t.row(ids[2]), t.row(ids[3])
		for i := range s.even {
			p, q := word(a, i), word(b, i)
			x, y := word(c, i), word(d, i)
			s.even[i] += p&evenBytes + q&evenBytes + x&evenBytes + y&evenBytes
			s.odd[i] += p>>8&evenBytes + q>>8&evenBytes + x>>8&evenBytes + y>>8&evenBytes
		}
		ids = ids[4:]
	}
	for _, id := range ids {
		a := t.row(id)
		for i := range s.even {
			p := word(a, i)
			s.even[i] += p & evenBytes
			s.odd[i] += p >> 8 & evenBytes
		}
	}
}

// word reads the eight bytes of a row from 8i on.
func word(row *[Dim]byte, i int) uint64 {
	return binary.LittleEndian.Uint64(row[i*8 : i*8+8])
}

// spill moves the lanes to total before they could overflow.
func (s *sum) spill() {
	for i := range s.even {
		even, odd := s.even[i], s.odd[i]
		part := (*[8]int64)(s.total[i*8:])
		for j := 0; j < 8; j += 2 {
			part[j] += int64(even & 0xffff)
			part[j+1] += int64(odd & 0xffff)
			even, odd = even>>16, odd>>16
		}
	}
	s.rows += int64(s.held)
	s.even, s.odd, s.held = [Dim / 8]uint64{}, [Dim / 8]uint64{}, 0
}

// unit writes the sum of all rows, scaled to length 1, and reports whether it
// has a direction at all. The conversion around the product keeps a compiler
// from fusing it with the addition, which rounds differently.
func (s *sum) unit(t *table, out *[Dim]float32) bool {
	s.drain(t)
	s.spill()
	bias := s.rows * valueBias
	var squares float64
	for _, v := range s.total {
		f := float64(v - bias)
		squares += float64(f * f)
	}
	if squares == 0 {
		return false
	}
	scale := 1 / math.Sqrt(squares)
	for i, v := range s.total {
		out[i] = float32(float64(v-bias) * scale)
	}
	return true
}
