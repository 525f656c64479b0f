package pipeline

import (
	"crypto/sha1" //nolint:gosec // RFC 9562 defines version 5 identifiers by SHA-1; nothing is secured by it.
	"encoding/binary"
	"encoding/hex"
)

// Point is a vector and its payload, as it is stored.
type Point struct {
	ID      PointID
	Name    string  // of the vector
	Doc     string  // id of the document
	Chunk   int     // 0 for the first chunk of the document in this vector
	Chunks  int     // number of chunks of the document in this vector
	Text    string  // text of the chunk; "" for an image, and when texts are not kept
	Payload []Field // shared by the points of a document
	Vector  Vector
	Sparse  Sparse // beside the vector; empty where its space has none, or the text no term
	Made    Made   // what it was made from
}

// Hit is a point that a search found; its Vector is nil and its Sparse empty.
type Hit struct {
	Point
	Score float64 // larger is better: the cosine, 1 being the same direction; of sparse vectors [Sparse.Score]
}

// PointID identifies a point by a version 5 UUID (RFC 9562, section 5.5).
type PointID [16]byte

// pointNamespace separates vecload's identifiers from all others: the version 5
// UUID of "https://github.com/vecload/vecload" in the URL namespace of RFC
// 9562, section 6.6. It never changes, since the ids of stored points derive
// from it.
func pointNamespace() PointID {
	return PointID{
		0x19, 0x03, 0xd9, 0x99, 0xc3, 0xec, 0x5c, 0xe7,
		0xb8, 0xbb, 0x8e, 0x16, 0xe4, 0x39, 0xee, 0x8b,
	}
}

// NewPointID derives the identifier of a chunk from the name of its vector,
// which holds no NUL, its document's id and its place there. The same arguments give the same identifier on every machine.
func NewPointID(vector, doc string, chunk int) PointID {
	namespace := pointNamespace()
	var stack [128]byte // room for most ids without an allocation
	name := append(stack[:0], namespace[:]...)
	name = append(name, vector...)
	name = append(name, 0)
	name = append(name, doc...)
	name = append(name, 0)
	name = binary.BigEndian.AppendUint64(name, uint64(chunk))
	sum := sha1.Sum(name) //nolint:gosec // see the import
	id := PointID(sum[:16])
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}

// String gives the canonical form, lower case with hyphens.
func (id PointID) String() string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], id[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], id[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], id[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], id[10:16])
	return string(b[:])
}
