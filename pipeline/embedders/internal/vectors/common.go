package vectors

import (
	"encoding/binary"
	"math"
)

// common appends the numbers at b[i:] that are printed as nearly all numbers
// of vectors are, such as -0.034567893 or 0.03456789255142212, up to the first
// that is not, and returns the place of that one. It leaves the last number of
// a list, and whatever needs a closer look, to [number], which agrees with it
// to the last bit.
//
// Such a number has one digit before the point and 1 to 23 behind it, which are
// read in up to three steps of eight bytes, and no exponent. The sign, which
// no processor foresees, is added without a branch.
func common(dst []float32, b []byte, i int) ([]float32, int) {
	// The bytes that are looked at: sign, digit, point, three times eight, comma.
	const most = 1 + 1 + 1 + 3*8 + 1
	for len(b)-i >= most {
		sign := 0
		if b[i] == '-' {
			sign = 1
		}
		p := (*[most - 1]byte)(b[i+sign:])
		w := uint64(p[0] - '0')
		if w > 9 || p[1] != '.' {
			break
		}
		count := 0
		x, other := lookAt(p[2:10])
		if other == 0 {
			w = w*100_000_000 + eight(x)
			count = 8
			if x, other = lookAt(p[10:18]); other == 0 {
				w = w*100_000_000 + eight(x)
				count = 16
				if x, other = lookAt(p[18:26]); other == 0 {
					break
				}
			}
		}
		n := trailingZeroBytes(other) & 7
		count += n
		if p[2+count] != ',' || w > wholeLimits[n] {
			break
		}
		// Moved up, the digits are the last of eight that begin with zeros.
		w = w*wholePowers[n] + eight(x<<(8*(7-n))<<8)
		bits := math.Float64bits(float64(int64(w)) * negativePowers[count]) //nolint:gosec // wholeLimits bounds w
		if count == 0 || !certain(bits) {
			break
		}
		dst = append(dst, math.Float32frombits(math.Float32bits(float32(math.Float64frombits(bits)))|uint32(sign)<<31)) //nolint:gosec // 0 or 1
		i += sign + 3 + count
		if b[i] == ' ' { // as Python puts it behind a comma
			i++
		}
	}
	return dst, i
}

// lookAt returns eight bytes as the values of digits, and bits in the first
// byte that is none, or 0 where all are digits.
func lookAt(b []byte) (x, other uint64) {
	// A digit's byte is 0..9 after the exclusive or, and adding 0x76 leaves its
	// top bit clear; any other byte has the top bit set. A carry can only
	// disturb bytes behind the first one that is none.
	x = binary.LittleEndian.Uint64(b) ^ 0x3030303030303030
	return x, (x + 0x7676767676767676 | x) & 0x8080808080808080
}
