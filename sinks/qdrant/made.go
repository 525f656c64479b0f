package qdrant

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/vecload/vecload/pipeline"
)

// madeField is the payload field that says what a point was made from. It
// stands beside [ReservedField], not in it, and is one string: so a run that
// asks for all points moves and decodes that one string of each.
const madeField = ReservedField + "_made"

const (
	// madeBytes are the digests of the input and of the rest, and the number
	// of chunks, big endian.
	madeBytes = 16 + 16 + 4
	// madeText is their length in base64 without padding, 48. The name of the
	// vector follows.
	madeText = madeBytes / 3 * 4
)

// madeOf gives what stands in base64 in the field.
func madeOf(p *pipeline.Point) (b [madeBytes]byte) {
	copy(b[0:16], p.Made.Input[:])
	copy(b[16:32], p.Made.Rest[:])
	binary.BigEndian.PutUint32(b[32:], uint32(p.Chunks)) //nolint:gosec // a document of 4 billion chunks fits in no memory
	return b
}

// decodeMade reads the field of a point of the named vector; a point of
// another is not found. What vecload wrote before it kept the field, or what
// somebody changed, is known to be there and nothing else: no digest is zero,
// so that such a point is made anew.
func decodeMade(text []byte, name string) pipeline.Stored {
	if len(text) < madeText {
		return pipeline.Stored{Found: true}
	}
	if string(text[madeText:]) != name {
		return pipeline.Stored{}
	}
	var b [madeBytes]byte
	if n, err := base64.RawStdEncoding.Decode(b[:], text[:madeText]); err != nil || n != madeBytes {
		return pipeline.Stored{Found: true}
	}
	return pipeline.Stored{
		Found:  true,
		Made:   pipeline.Made{Input: pipeline.Digest(b[0:16]), Rest: pipeline.Digest(b[16:32])},
		Chunks: int(binary.BigEndian.Uint32(b[32:])),
	}
}
