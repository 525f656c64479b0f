package vectors

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

var (
	errBase64Length   = errors.New("the answer holds base64 of a wrong length for float32 numbers")
	errBase64Alphabet = errors.New("the answer holds base64 with a character that is none of its alphabet")
)

// Base64 appends the float32 numbers that src holds to dst: little-endian, in
// the standard alphabet with padding (RFC 4648, section 4). Line breaks, other
// characters, missing padding and bits that are set behind the end are errors.
func Base64(dst []float32, src []byte) ([]float32, error) {
	size, err := base64Size(src)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst = grow(dst, size/4)
	out := dst[start:]
	n := len(src) / 16
	if n > 0 && src[len(src)-1] == '=' && len(src)%16 == 0 {
		n--
	}
	if !sixteens(out, src, n) {
		return dst[:start], errBase64Alphabet
	}
	out, src = out[3*n:], src[16*n:]
	if err := base64Tail(out, src); err != nil {
		return dst[:start], err
	}
	return dst, nil
}

// sixteens decodes n times 16 characters, which are 12 bytes, which are 3
// numbers. It reports false when one is not of the alphabet.
func sixteens(out []float32, src []byte, n int) bool {
	bad := uint32(0)
	for k := range n {
		in, to := (*[16]byte)(src[16*k:]), (*[3]float32)(out[3*k:])
		a, b := quad((*[4]byte)(in[:])), quad((*[4]byte)(in[4:]))
		c, d := quad((*[4]byte)(in[8:])), quad((*[4]byte)(in[12:]))
		bad |= a | b | c | d
		to[0] = math.Float32frombits(a | b<<24)
		to[1] = math.Float32frombits(b>>8 | c<<16)
		to[2] = math.Float32frombits(c>>16 | d<<8)
	}
	return bad&invalid == 0
}

// base64Size returns the number of bytes that src holds.
func base64Size(src []byte) (int, error) {
	if len(src)%4 != 0 {
		return 0, errBase64Length
	}
	size := len(src) / 4 * 3
	for i := 1; i <= 2 && i <= len(src) && src[len(src)-i] == '='; i++ {
		size--
	}
	if size%4 != 0 {
		return 0, errBase64Length
	}
	return size, nil
}

// base64Tail decodes the last characters, the padded ones among them.
func base64Tail(out []float32, src []byte) error {
	var bytes [24]byte
	n := 0
	for len(src) > 0 {
		padding := 0
		last := [4]byte(src)
		src = src[4:]
		if len(src) == 0 {
			for padding < 2 && last[3-padding] == '=' {
				last[3-padding] = 'A'
				padding++
			}
		}
		v := quad(&last)
		if v&invalid != 0 || v>>(8*(3-padding)) != 0 {
			return errBase64Alphabet
		}
		bytes[n], bytes[n+1], bytes[n+2] = byte(v), byte(v>>8), byte(v>>16)
		n += 3 - padding
	}
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(bytes[4*i:]))
	}
	return nil
}

// invalid marks a quad that held a character of no meaning.
const invalid = 0xff << 24

// quad returns the three bytes of four characters, the first one lowest, or a
// value with bits of invalid set.
func quad(in *[4]byte) uint32 {
	return sextets[0][in[0]] | sextets[1][in[1]] | sextets[2][in[2]] | sextets[3][in[3]]
}

// sextets has what each character adds to a quad at its place, or invalid.
//
//nolint:gochecknoglobals // A table; nothing writes to it once it is made.
var sextets = makeSextets()

func makeSextets() (table [4][256]uint32) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for place := range table {
		for c := range table[place] {
			table[place][c] = invalid
		}
		for value, c := range []byte(alphabet) {
			// The bits of a quad come highest first, its bytes lowest first.
			table[place][c] = bits.ReverseBytes32(uint32(value)<<(18-6*place)) >> 8
		}
	}
	return table
}

// grow appends n zeros to dst.
func grow(dst []float32, n int) []float32 {
	if cap(dst)-len(dst) >= n {
		return dst[:len(dst)+n]
	}
	return append(dst, make([]float32, n)...)
}
