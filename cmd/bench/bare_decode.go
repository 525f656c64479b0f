package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"math"
	"math/bits"
)

// decoder reads vectors from answers straight into the bytes of an upsert. It
// knows the form of the answers that it gets, and neither looks for mistakes
// nor rounds the last bit of every number as strconv does.
type decoder struct {
	tenths [64]float64 // powers of a tenth
	tens   [8]uint64   // powers of ten
	// sextets has what a character adds to the three bytes of four, by its
	// place among them.
	sextets [4][256]uint32
}

func newDecoder() *decoder {
	d := &decoder{}
	for i := range d.tenths {
		d.tenths[i] = math.Pow10(-i)
	}
	for i := range d.tens {
		d.tens[i] = uint64(math.Pow10(i))
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for place := range d.sextets {
		for value, c := range []byte(alphabet) {
			// The highest bits come first, the lowest byte does.
			d.sextets[place][c] = bits.ReverseBytes32(uint32(value)<<(18-6*place)) >> 8 //nolint:gosec // below 64
		}
	}
	return d
}

// of returns what reads the answers of a protocol.
func (d *decoder) of(protocol string) func(to *job, answer []byte) {
	if protocol == "openai" {
		return d.base64
	}
	return d.numbers
}

// numbers reads a list of lists, one number after the other.
func (d *decoder) numbers(to *job, answer []byte) {
	at := 0
	for _, vector := range to.vectors {
		for ; answer[at] == '[' || answer[at] == ']' || answer[at] == ','; at++ {
		}
		for i := 0; i < len(vector); i += 4 {
			var f float32
			f, at = d.number(answer, at)
			binary.LittleEndian.PutUint32(vector[i:], math.Float32bits(f))
			at++ // the comma, or the end of the list
		}
	}
}

// number reads the number that begins at a place of b, as Python prints it,
// and returns where it ends. Not more than 17 of its digits mean anything, so
// that all of them have room in an integer.
func (d *decoder) number(b []byte, at int) (f float32, end int) {
	sign := 0 // not a branch, since nobody can foresee it
	if b[at] == '-' {
		sign = 1
	}
	at += sign
	whole, scale := uint64(b[at]-'0'), 0
	for at++; b[at]-'0' < 10; at++ {
		whole = 10*whole + uint64(b[at]-'0')
	}
	if b[at] == '.' {
		start := at + 1
		whole, at = d.digits(whole, b, start)
		scale = at - start
	}
	if b[at] == 'e' {
		var exponent uint64
		small := b[at+1] == '-'
		if at++; small || b[at] == '+' {
			at++
		}
		if exponent, at = d.digits(0, b, at); small {
			scale += int(exponent) //nolint:gosec // two digits
		} else {
			scale -= int(exponent) //nolint:gosec // two digits
		}
	}
	var power float64
	if uint(scale) < uint(len(d.tenths)) { //nolint:gosec // below 0 is above all
		power = d.tenths[scale]
	} else {
		power = math.Pow10(-scale)
	}
	size := math.Float32bits(float32(float64(whole) * power))
	return math.Float32frombits(size | uint32(sign)<<31), at //nolint:gosec // 0 or 1
}

// digits reads digits behind those that are known, eight at a time.
func (d *decoder) digits(known uint64, b []byte, at int) (value uint64, end int) {
	for at+8 <= len(b) {
		eight := binary.LittleEndian.Uint64(b[at:]) ^ 0x3030303030303030
		other := (eight&0x7f7f7f7f7f7f7f7f + 0x7676767676767676 | eight) & 0x8080808080808080
		if other == 0 {
			known, at = 100000000*known+sum(eight), at+8
			continue
		}
		n := bits.TrailingZeros64(other) / 8
		if n == 0 {
			return known, at
		}
		return d.tens[n]*known + sum(eight<<(64-8*n)), at + n
	}
	for ; at < len(b) && b[at] >= '0' && b[at] <= '9'; at++ {
		known = 10*known + uint64(b[at]-'0')
	}
	return known, at
}

// sum adds eight digits, the first of which is in the lowest byte: neighbours
// to pairs, pairs to fours, fours to eight.
func sum(eight uint64) uint64 {
	eight = 10*eight + eight>>8
	return (eight&0x000000ff000000ff*(100+1000000<<32) + eight>>16&0x000000ff000000ff*(1+10000<<32)) >> 32
}

// base64 reads the vectors of an answer in the form of OpenAI, whose bytes are
// those of an upsert: sixteen characters are twelve of them.
func (d *decoder) base64(to *job, answer []byte) {
	name := []byte(`"embedding":"`)
	for _, vector := range to.vectors {
		head := answer[:min(len(answer), 256)] // the next is near
		answer = answer[bytes.Index(head, name)+len(name):]
		text := answer[:base64.StdEncoding.EncodedLen(len(vector))]
		answer = answer[len(text):]
		for len(vector) >= 12 {
			a, b, c, e := d.three(text), d.three(text[4:]), d.three(text[8:]), d.three(text[12:])
			binary.LittleEndian.PutUint64(vector, uint64(a)|uint64(b)<<24|uint64(c)<<48)
			binary.LittleEndian.PutUint32(vector[8:], c>>16|e<<8)
			vector, text = vector[12:], text[16:]
		}
		_, _ = base64.StdEncoding.Decode(vector, text)
	}
}

// three returns the bytes of four characters, the first one lowest.
func (d *decoder) three(text []byte) uint32 {
	four := (*[4]byte)(text)
	return d.sextets[0][four[0]] | d.sextets[1][four[1]] | d.sextets[2][four[2]] | d.sextets[3][four[3]]
}
