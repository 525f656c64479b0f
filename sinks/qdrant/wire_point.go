package qdrant

import (
	"encoding/base64"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/vecload/vecload/pipeline"
)

// appendPoint appends a point to a request. The same point gives the same bytes.
func appendPoint(b []byte, p *pipeline.Point, vector pipeline.Vector) []byte {
	const rest = 512 // bytes of a small payload, and of the names
	b, point := begin(b, upsertPoints, 4*len(vector)+8*p.Sparse.Len()+len(p.Text)+rest)
	b = appendID(b, structID, &p.ID)
	b = appendPayload(b, structPayload, p)
	b = appendVectors(b, p, vector)
	return point.end(b)
}

// appendOverwrite appends an operation that replaces the payload of a point.
func appendOverwrite(b []byte, p *pipeline.Point) []byte {
	expect := len(p.Text) + 512
	b, operation := begin(b, batchOperations, expect)
	b, overwrite := begin(b, operationOverwrite, expect)
	b = appendPayload(b, overwritePayload, p)
	b = appendSelector(b, overwriteSelector, 1, func(int) *pipeline.PointID { return &p.ID })
	return operation.end(overwrite.end(b))
}

// appendVectors appends the vector of a point and the sparse one beside it.
func appendVectors(b []byte, p *pipeline.Point, vector pipeline.Vector) []byte {
	const rest = 64 // the names
	dense, sparse := 4*len(vector), 8*p.Sparse.Len()
	b, vectors := begin(b, structVectors, dense+sparse+rest)
	b, named := begin(b, vectorsNamed, dense+sparse+rest)

	b, entry := begin(b, namedVectors, dense)
	b = appendText(b, entryKey, validText(p.Name))
	b, value := begin(b, entryValue, dense)
	b, list := begin(b, vectorDense, dense)
	b = appendFloats(b, denseData, vector)
	b = entry.end(value.end(list.end(b)))

	if p.Sparse.Len() > 0 {
		b, entry = begin(b, namedVectors, sparse)
		b = appendText(b, entryKey, validText(sparseName(p.Name)))
		b, value = begin(b, entryValue, sparse)
		b, list = begin(b, vectorSparse, sparse)
		b = appendFloats(b, sparseValues, p.Sparse.Values)
		var indices begun
		b, indices = begin(b, sparseIndices, sparse/2)
		for _, index := range p.Sparse.Indices {
			b = protowire.AppendVarint(b, uint64(index))
		}
		b = entry.end(value.end(list.end(indices.end(b))))
	}
	return vectors.end(named.end(b))
}

// appendPayload appends all of a point beside its id and its vectors, as
// entries of a map.
func appendPayload(b []byte, number protowire.Number, p *pipeline.Point) []byte {
	b = appendFields(b, number, p.Payload)
	b = appendOwn(b, number, p)
	return appendMade(b, number, p)
}

// appendOwn appends what vecload keeps of a point.
func appendOwn(b []byte, number protowire.Number, p *pipeline.Point) []byte {
	expect := len(p.Text) + len(p.Doc) + 100
	b, entry := begin(b, number, expect)
	b = appendText(b, entryKey, ReservedField)
	b, value := begin(b, entryValue, expect)
	b, object := begin(b, valueStruct, expect)
	b = appendTextEntry(b, structFields, "vector", p.Name)
	b = appendTextEntry(b, structFields, "doc", p.Doc)
	b = appendIntEntry(b, structFields, "chunk", int64(p.Chunk))
	b = appendIntEntry(b, structFields, "chunks", int64(p.Chunks))
	b = appendTextEntry(b, structFields, "text", p.Text)
	return entry.end(value.end(object.end(b)))
}

// appendMade appends what a point was made from, see [madeField].
func appendMade(b []byte, number protowire.Number, p *pipeline.Point) []byte {
	name := validText(p.Name)
	b, entry := begin(b, number, 0)
	b = appendText(b, entryKey, madeField)
	b, value := begin(b, entryValue, 0)
	b = appendTag(b, valueString, protowire.BytesType)
	b = appendLength(b, madeText+len(name))
	made := madeOf(p)
	b = append(base64.RawStdEncoding.AppendEncode(b, made[:]), name...)
	return entry.end(value.end(b))
}
