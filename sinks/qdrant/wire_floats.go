package qdrant

import (
	"encoding/binary"
	"math"
	"unsafe"

	"google.golang.org/protobuf/encoding/protowire"
)

// appendFloats appends a list of floats; an empty one is not written.
func appendFloats(b []byte, number protowire.Number, floats []float32) []byte {
	if len(floats) == 0 {
		return b
	}
	b = appendTag(b, number, protowire.BytesType)
	b = appendLength(b, 4*len(floats))
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return appendEachFloat(b, floats)
	}
	// In memory they are what they are on the wire. Vectors are two thirds of
	// all that is written, and one by one took a fifth of what a point costs.
	return append(b, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(floats))), 4*len(floats))...)
}

// appendEachFloat appends floats where the machine has another order of bytes.
func appendEachFloat(b []byte, floats []float32) []byte {
	for _, f := range floats {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return b
}
