package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"math"
)

// decodeNumbers reads the numbers of a list of lists, one after the other,
// into the vectors of an upsert. It knows the form of the answers that it
// gets, and neither looks for mistakes nor rounds the last bit of every
// number as strconv does.
func decodeNumbers(to *job, answer []byte) {
	powers := smallPowers()
	at := 0
	for _, vector := range to.vectors {
		for ; answer[at] == '[' || answer[at] == ']' || answer[at] == ','; at++ {
		}
		for i := 0; i < len(vector); i += 4 {
			var f float64
			f, at = number(answer, at, &powers)
			binary.LittleEndian.PutUint32(vector[i:], math.Float32bits(float32(f)))
			at++ // the comma, or the end of the list
		}
	}
}

// smallPowers are those of a tenth.
func smallPowers() (out [64]float64) {
	for i := range out {
		out[i] = math.Pow10(-i)
	}
	return out
}

// number reads the number that begins at a place of b, as Python prints it,
// and returns where it ends. Not more than 17 of its digits mean anything, so
// that all of them have room in an integer.
func number(b []byte, at int, powers *[64]float64) (f float64, end int) {
	negative := b[at] == '-'
	if negative {
		at++
	}
	digits, scale := uint64(0), 0
	for ; b[at] >= '0' && b[at] <= '9'; at++ {
		digits = 10*digits + uint64(b[at]-'0')
	}
	if b[at] == '.' {
		start := at + 1
		digits, at = appendDigits(digits, b, start)
		scale = at - start
	}
	if b[at] == 'e' {
		var exponent uint64
		small := b[at+1] == '-'
		if at++; small || b[at] == '+' {
			at++
		}
		if exponent, at = appendDigits(0, b, at); small {
			scale += int(exponent) //nolint:gosec // two digits
		} else {
			scale -= int(exponent) //nolint:gosec // two digits
		}
	}
	f = float64(digits)
	if scale >= 0 && scale < len(powers) {
		f *= powers[scale]
	} else {
		f *= math.Pow10(-scale)
	}
	if negative {
		f = -f
	}
	return f, at
}

// appendDigits reads digits, eight at a time while there are as many, behind
// those that are known.
func appendDigits(known uint64, b []byte, at int) (digits uint64, end int) {
	for at+8 <= len(b) {
		eight := binary.LittleEndian.Uint64(b[at:])
		if eight&0xf0f0f0f0f0f0f0f0|(eight+0x0606060606060606)&0xf0f0f0f0f0f0f0f0>>4 != 0x3333333333333333 {
			break
		}
		// Neighbours are added to pairs, pairs to fours, fours to eight.
		eight -= 0x3030303030303030
		eight = 10*eight + eight>>8
		eight = eight&0x000000ff000000ff*(100+1000000<<32) + eight>>16&0x000000ff000000ff*(1+10000<<32)
		known, at = 100000000*known+eight>>32, at+8
	}
	for ; at < len(b) && b[at] >= '0' && b[at] <= '9'; at++ {
		known = 10*known + uint64(b[at]-'0')
	}
	return known, at
}

// decodeBase64 reads the vectors of an answer in the form of OpenAI, whose
// bytes are those of an upsert.
func decodeBase64(to *job, answer []byte) {
	name := []byte(`"embedding":"`)
	for _, vector := range to.vectors {
		head := answer[:min(len(answer), 256)] // the next is near
		answer = answer[bytes.Index(head, name)+len(name):]
		size := base64.StdEncoding.EncodedLen(len(vector))
		_, _ = base64.StdEncoding.Decode(vector, answer[:size])
		answer = answer[size:]
	}
}
