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
	bad := uint32(0)
	// 16 characters are 12 bytes, which are 3 numbers.
	for len(src) >= 16 && len(out) >= 3 && src[15] != '=' {
		in := (*[16]byte)(src)
		a, b := quad(in[0], in[1], in[2], in[3]), quad(in[4], in[5], in[6], in[7])
		c, d := quad(in[8], in[9], in[10], in[11]), quad(in[12], in[13], in[14], in[15])
		bad |= a | b | c | d
		// Each quad is 3 bytes, the first one highest.
		a, b, c, d = a<<8, b<<8, c<<8, d<<8
		out[0] = math.Float32frombits(bits.ReverseBytes32(a | b>>24))
		out[1] = math.Float32frombits(bits.ReverseBytes32(b<<8 | c>>16))
		out[2] = math.Float32frombits(bits.ReverseBytes32(c<<16 | d>>8))
		src, out = src[16:], out[3:]
	}
	if bad&invalid != 0 {
		return dst[:start], errBase64Alphabet
	}
	if err := base64Tail(out, src); err != nil {
		return dst[:start], err
	}
	return dst, nil
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
		v := quad(last[0], last[1], last[2], last[3])
		if v&invalid != 0 {
			return errBase64Alphabet
		}
		if v&(1<<(8*padding)-1) != 0 {
			return errBase64Alphabet
		}
		bytes[n], bytes[n+1], bytes[n+2] = byte(v>>16), byte(v>>8), byte(v)
		n += 3 - padding
	}
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(bytes[4*i:]))
	}
	return nil
}

// invalid marks a quad that held a character of no meaning.
const invalid = 0xff << 24

// quad returns the 24 bits of four characters, or a value with bits of
// invalid set.
func quad(a, b, c, d byte) uint32 {
	return sextets[0][a] | sextets[1][b] | sextets[2][c] | sextets[3][d]
}

// sextets has the bits of each character by its place in a quad, or invalid.
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
			table[place][c] = uint32(value) << (18 - 6*place)
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
