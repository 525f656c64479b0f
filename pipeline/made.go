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

// digester makes the digests of chunks without memory for each. What is stored
// beside the vectors of one document is looked at once where its chunks come
// one after the other. It is used by one goroutine.
type digester struct {
	of      *Document
	payload Digest
	scratch []byte
}

// text is [DigestText].
func (d *digester) text(text string) Digest {
	d.scratch = append(d.scratch[:0], text...)
	sum := sha256.Sum256(d.scratch)
	return Digest(sum[:16])
}

// rest returns the digest of what is stored beside the vector of a chunk.
func (d *digester) rest(c *Chunk, keepText bool) Digest {
	if d.of != c.Doc {
		d.scratch = AppendJSONFields(d.scratch[:0], c.Doc.Payload)
		sum := sha256.Sum256(d.scratch)
		d.of, d.payload = c.Doc, Digest(sum[:16])
	}
	b := d.scratch[:0]
	b = append(b, d.payload[:]...)
	b = binary.AppendUvarint(b, uint64(c.Index))
	b = binary.AppendUvarint(b, uint64(c.Count))
	if keepText && !c.Image {
		b = append(b, 1)
	}
	d.scratch = b
	sum := sha256.Sum256(b)
	return Digest(sum[:16])
}
