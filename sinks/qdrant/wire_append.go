package qdrant

import (
	"encoding/hex"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/vecload/vecload/pipeline"
)

const (
	uuidBytes = 36
	idBytes   = 2 + uuidBytes // of a PointId
)

// begun is a field that is being written: its length is not known before its
// end.
type begun struct{ at, room int }

// begin begins a field that holds others. Its length will be about expect:
// where it takes more or fewer bytes to write than that, what it holds is
// moved.
func begin(b []byte, number protowire.Number, expect int) ([]byte, begun) {
	b = protowire.AppendTag(b, number, protowire.BytesType)
	at := len(b)
	b = appendLength(b, expect)
	return b, begun{at: at, room: len(b) - at}
}

// end writes the length of all that was appended since.
func (f begun) end(b []byte) []byte {
	from := f.at + f.room
	length := len(b) - from
	if to := f.at + lengthSize(length); to != from {
		if to > from {
			b = append(b, "12345"[:to-from]...) // room, whatever it holds
		}
		copy(b[to:], b[from:from+length])
		b = b[:to+length]
	}
	appendLength(b[:f.at], length)
	return b
}

// lengthSize is how many bytes a length takes, textSize how many a field of
// text or of bytes whose number is below 16.
func lengthSize(n int) int { return protowire.SizeVarint(uint64(n)) } //nolint:gosec // a length is not negative
func textSize(n int) int   { return 1 + lengthSize(n) + n }

// appendTag appends the number and the kind of a field whose number is below
// 16, as nearly all are.
func appendTag(b []byte, number protowire.Number, kind protowire.Type) []byte {
	return append(b, byte(number)<<3|byte(kind))
}

func appendLength(b []byte, n int) []byte {
	if n < 1<<7 {
		return append(b, byte(n))
	}
	return protowire.AppendVarint(b, uint64(n)) //nolint:gosec // as above
}

// appendText appends a field of text, which is valid.
func appendText(b []byte, number protowire.Number, text string) []byte {
	b = appendTag(b, number, protowire.BytesType)
	return append(appendLength(b, len(text)), text...)
}

// validText replaces each byte that is not UTF-8 with U+FFFD, since protobuf
// refuses the whole message otherwise.
func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// appendBool appends a field that is written when it is false, too.
func appendBool(b []byte, number protowire.Number, v bool) []byte {
	return append(appendTag(b, number, protowire.VarintType), byte(protowire.EncodeBool(v)))
}

// appendID appends the id of a point.
func appendID(b []byte, number protowire.Number, id *pipeline.PointID) []byte {
	b = appendTag(b, number, protowire.BytesType)
	b = append(b, idBytes, idUUID<<3|byte(protowire.BytesType), uuidBytes)
	at := len(b)
	b = append(b, "00000000-0000-0000-0000-000000000000"...)
	text := b[at:]
	hex.Encode(text, id[0:4])
	hex.Encode(text[9:], id[4:6])
	hex.Encode(text[14:], id[6:8])
	hex.Encode(text[19:], id[8:10])
	hex.Encode(text[24:], id[10:16])
	return b
}

// appendIDs appends a list of ids.
func appendIDs(b []byte, number protowire.Number, ids []pipeline.PointID) []byte {
	b = slices.Grow(b, (idBytes+3)*len(ids))
	for i := range ids {
		b = appendID(b, number, &ids[i])
	}
	return b
}

// appendSelector appends a choice of points by their ids.
func appendSelector(b []byte, number protowire.Number, n int, id func(i int) *pipeline.PointID) []byte {
	expect := (idBytes + 2) * n
	b, selector := begin(b, number, expect)
	b, list := begin(b, selectorIDs, expect)
	for i := range n {
		b = appendID(b, listIDs, id(i))
	}
	return selector.end(list.end(b))
}

// changeHead is the beginning of a request that changes points.
func changeHead(collection string, wait bool) []byte {
	return appendBool(appendText(nil, requestCollection, collection), requestWait, wait)
}
