package vectors

import (
	"math"
	"strconv"
)

// number reads the JSON number (RFC 8259, section 6) at b[i:] and returns it
// rounded to float32 as [strconv.ParseFloat] with 32 bits rounds it, together
// with the place behind it. A number beyond the range of float32 is ±Inf. It
// reports false when there is no number at i.
//
// A number whose decimal digits fit 64 bits is the product of an integer and
// a power of ten. Computed in float64 that product is wrong by less than 4
// units in the last place, so its rounding to float32 is right unless it lies
// that near to the middle between two float32 values, 1 case in 30 million
// for arbitrary digits and none for digits that print a float32. Those cases,
// subnormal results and more than 19 digits go to strconv.
func number(b []byte, i int) (f float32, next int, ok bool) {
	start := i
	negative := false
	if i < len(b) && b[i] == '-' {
		negative = true
		i++
	}
	first := i
	w, i := digits(b, i, 0)
	count := i - first
	if count == 0 || count > 1 && b[first] == '0' {
		return 0, start, false
	}
	exponent := 0
	if i < len(b) && b[i] == '.' {
		i++
		fraction := i
		w, i = digits(b, i, w)
		if i == fraction {
			return 0, start, false
		}
		exponent = fraction - i
		count += i - fraction
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		e, after, ok := exponentPart(b, i+1)
		if !ok {
			return 0, start, false
		}
		exponent += e
		i = after
	}
	if count > maxDigits {
		count -= leadingZeros(b[first:i])
	}
	if count <= maxDigits {
		if f, ok := scale(w, exponent); ok {
			if negative {
				f = -f
			}
			return f, i, true
		}
	}
	// The only error left is one of range, and then the value is ±Inf.
	slow, _ := strconv.ParseFloat(string(b[start:i]), 32)
	return float32(slow), i, true
}

// maxDigits is how many decimal digits fit 64 bits whatever they are.
const maxDigits = 19

// scale returns w × 10^exponent in float32, or false when float64 is not
// enough to tell how it rounds.
func scale(w uint64, exponent int) (float32, bool) {
	if w == 0 {
		return 0, true
	}
	var d float64
	switch {
	case exponent <= 0 && exponent >= -maxPower:
		d = float64(w) * negativePowers[-exponent]
	case exponent > 0 && exponent <= maxPower:
		d = float64(w) * positivePowers[exponent]
	default:
		return 0, false
	}
	return float32(d), certain(math.Float64bits(d))
}

// certain reports whether a positive product, computed in float64 and given as
// its bits, rounds to the same normal float32 as the exact one.
func certain(bits uint64) bool {
	// float32 drops the last 29 bits of float64; half of its last place is
	// 1<<28. The margin is twice the error.
	const margin = 8
	return bits>>52-(1023-126) <= 2*126 && bits&(1<<29-1)-(1<<28-margin) > 2*margin
}

// digits reads decimal digits at b[i:] and returns w with them appended,
// modulo 2^64, and the place behind them. It takes eight bytes a step.
func digits(b []byte, i int, w uint64) (value uint64, next int) {
	for i+8 <= len(b) {
		x, other := lookAt(b[i:])
		if other == 0 {
			w = w*100_000_000 + eight(x)
			i += 8
			continue
		}
		n := trailingZeroBytes(other)
		if n == 0 {
			return w, i
		}
		// Moved up, the digits are the last of eight that begin with zeros.
		return w*wholePowers[n&7] + eight(x<<(64-8*uint(n))), i + n
	}
	for i < len(b) && b[i]-'0' < 10 {
		w = w*10 + uint64(b[i]-'0')
		i++
	}
	return w, i
}

// eight returns the number whose decimal digits are the bytes of x, the first
// digit in the lowest byte.
func eight(x uint64) uint64 {
	x = x*10 + x>>8
	const mask = 0x000000ff000000ff
	return (x&mask*0x000f424000000064 + x>>16&mask*0x0000271000000001) >> 32
}

// exponentPart reads the digits of an exponent and its sign. Exponents that
// leave every float32 far behind are clamped.
func exponentPart(b []byte, i int) (value, next int, ok bool) {
	negative := false
	if i < len(b) && (b[i] == '+' || b[i] == '-') {
		negative = b[i] == '-'
		i++
	}
	first := i
	for i < len(b) && b[i]-'0' < 10 {
		if value < 1_000_000_000 {
			value = value*10 + int(b[i]-'0')
		}
		i++
	}
	if negative {
		value = -value
	}
	return value, i, i > first
}

// leadingZeros counts the zeros before the first other digit.
func leadingZeros(number []byte) int {
	n := 0
	for _, c := range number {
		switch c {
		case '0':
			n++
		case '.':
		default:
			return n
		}
	}
	return n
}
