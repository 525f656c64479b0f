package qdrant

import "google.golang.org/protobuf/encoding/protowire"

// The messages that go and come for every point are written and read here,
// field by field: the library makes a dozen objects of a point, measures them
// twice and writes them once, where the bytes are what is wanted. These are the
// numbers of their fields in points.proto, qdrant_common.proto and
// json_with_int.proto of Qdrant 1.19.
const (
	// Of all requests that name a collection.
	requestCollection = 1
	requestWait       = 2 // of those that change points

	upsertPoints       = 3 // UpsertPoints.points
	batchOperations    = 3 // UpdateBatchPoints.operations
	operationOverwrite = 4 // PointsUpdateOperation.overwrite_payload
	overwritePayload   = 1 // OverwritePayload.payload
	overwriteSelector  = 2 // OverwritePayload.points_selector
	clearKeys          = 3 // DeletePayloadPoints.keys
	clearSelector      = 5 // DeletePayloadPoints.points_selector
	deleteSelector     = 3 // DeletePoints.points
	selectorIDs        = 1 // PointsSelector.points
	listIDs            = 1 // PointsIdsList.ids
	getIDs             = 2 // GetPoints.ids
	scrollOffset       = 3 // ScrollPoints.offset

	structID      = 1 // PointStruct.id
	structPayload = 3 // PointStruct.payload
	structVectors = 4 // PointStruct.vectors

	vectorsNamed  = 2   // Vectors.vectors
	namedVectors  = 1   // NamedVectors.vectors
	vectorDense   = 101 // Vector.dense
	vectorSparse  = 102 // Vector.sparse
	denseData     = 1   // DenseVector.data
	sparseValues  = 1   // SparseVector.values
	sparseIndices = 2   // SparseVector.indices

	idNum  = 1 // PointId.num
	idUUID = 2 // PointId.uuid

	entryKey   = 1 // of a map
	entryValue = 2

	valueNull    = 1 // Value.null_value
	valueDouble  = 2 // Value.double_value
	valueInteger = 3 // Value.integer_value
	valueString  = 4 // Value.string_value
	valueBool    = 5 // Value.bool_value
	valueStruct  = 6 // Value.struct_value
	valueList    = 7 // Value.list_value
	structFields = 1 // Struct.fields
	listValues   = 1 // ListValue.values

	getResult    = 1 // GetResponse.result
	scrollNext   = 1 // ScrollResponse.next_page_offset
	scrollResult = 2 // ScrollResponse.result
	pointID      = 1 // RetrievedPoint.id
	pointPayload = 2 // RetrievedPoint.payload
)

// kindOf is how a kind of Value is written.
func kindOf(number protowire.Number) protowire.Type {
	switch number {
	case valueDouble:
		return protowire.Fixed64Type
	case valueString, valueStruct, valueList:
		return protowire.BytesType
	}
	return protowire.VarintType
}
