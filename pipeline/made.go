package pipeline

import (
	"crypto/sha256"
	"encoding/binary"
)

// Digest identifies what a point was made from: the first 16 bytes of a
// SHA-256. Equal digests are taken for equal content.
type Digest [16]byte

// Made says what a point was made from, so that a later run knows what is
// done. The space is not part of it: it is the same for the whole index.
type Made struct {
	Input Digest // of what was embedded: the text of the chunk, or the image
	Rest  Digest // of what is stored beside the vector: the payload, the place of the chunk, whether its text is kept
}

// DigestText returns the digest of a text, or of an image file's bytes.
func DigestText(text string) Digest {
	sum := sha256.Sum256([]byte(text))
	return Digest(sum[:16])
}

// digestRest returns the digest of what is stored beside the vector of a
// chunk. scratch is overwritten and returned for the next call.
func digestRest(scratch []byte, payload []Field, chunk, chunks int, keepText bool) (Digest, []byte) {
	scratch = AppendJSONFields(scratch[:0], payload)
	scratch = binary.AppendUvarint(scratch, uint64(chunk))
	scratch = binary.AppendUvarint(scratch, uint64(chunks))
	if keepText {
		scratch = append(scratch, 1)
	}
	sum := sha256.Sum256(scratch)
	return Digest(sum[:16]), scratch
}
