package sie

import (
	"encoding/binary"
	"math"
)

// The four kinds of values that a request is made of, in the forms of
// https://github.com/msgpack/msgpack/blob/master/spec.md. Lengths beyond 32
// bits do not occur: no request is that long.

func appendMap(b []byte, n int) []byte {
	return appendHead(b, n, 16, 0x80, 0, 0xde)
}

func appendArray(b []byte, n int) []byte {
	return appendHead(b, n, 16, 0x90, 0, 0xdc)
}

func appendString(b []byte, s string) []byte {
	return append(appendHead(b, len(s), 32, 0xa0, 0xd9, 0xda), s...)
}

func appendBinary(b []byte, s string) []byte {
	return append(appendHead(b, len(s), 0, 0, 0xc4, 0xc5), s...)
}

// appendHead writes the shortest head for a length: one byte below small, then
// that of 8 bits where the kind has one, of 16 and of 32, whose codes follow
// each other.
func appendHead(b []byte, n, small int, fix, code8, code16 byte) []byte {
	switch {
	case n < small:
		return append(b, fix|byte(n))
	case n <= math.MaxUint8 && code8 != 0:
		return append(b, code8, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, code16), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(b, code16+1), uint32(n))
}
