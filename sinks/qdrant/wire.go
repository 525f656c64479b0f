package qdrant

import (
	"encoding/hex"
	"errors"
	"fmt"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/vecload/vecload/pipeline"
)

// The messages of the one call that a refresh makes for every point are
// written and read here, field by field, since the library makes six objects
// of a point where two numbers are wanted. The numbers of the fields are those
// of Qdrant's points.proto and json_with_int.proto.
const (
	getIDs       = 2 // GetPoints.ids
	idUUID       = 2 // PointId.uuid
	idNum        = 1 // PointId.num
	getResult    = 1 // GetResponse.result
	pointID      = 1 // RetrievedPoint.id
	pointPayload = 2 // RetrievedPoint.payload
	entryKey     = 1 // of a map
	entryValue   = 2
	valueString  = 4 // Value.string_value
	valueFirst   = 1 // Value.null_value, the first kind
	valueLast    = 7 // Value.list_value, the last kind
)

const (
	uuidBytes = 36
	idBytes   = 2 + 2 + uuidBytes // of an id in a request
)

// appendIDs appends the ids of a request for points.
func appendIDs(b []byte, ids []pipeline.PointID) []byte {
	for i := range ids {
		id := &ids[i]
		b = protowire.AppendTag(b, getIDs, protowire.BytesType)
		b = append(b, uuidBytes+2, idUUID<<3|byte(protowire.BytesType), uuidBytes)
		at := len(b)
		b = append(b, "00000000-0000-0000-0000-000000000000"...)
		hex.Encode(b[at:], id[0:4])
		hex.Encode(b[at+9:], id[4:6])
		hex.Encode(b[at+14:], id[6:8])
		hex.Encode(b[at+19:], id[8:10])
		hex.Encode(b[at+24:], id[10:16])
	}
	return b
}

// field is one of a message. The bytes are those of its value when its type
// is protowire.BytesType, else nil.
type field struct {
	number protowire.Number
	kind   protowire.Type
	bytes  []byte
}

// nextField cuts the first field off a message.
func nextField(b []byte) (field, []byte, error) {
	number, kind, n := protowire.ConsumeTag(b)
	if n < 0 {
		return field{}, nil, protowire.ParseError(n)
	}
	b = b[n:]
	if kind == protowire.BytesType {
		value, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return field{}, nil, protowire.ParseError(n)
		}
		return field{number, kind, value}, b[n:], nil
	}
	n = protowire.ConsumeFieldValue(number, kind, b)
	if n < 0 {
		return field{}, nil, protowire.ParseError(n)
	}
	return field{number, kind, nil}, b[n:], nil
}

// readPoints calls each with the UUID and the text of the payload field of
// every point of a GetResponse; what is missing or of another kind is empty.
func readPoints(message []byte, name string, each func(uuid, text []byte) error) error {
	for len(message) > 0 {
		f, rest, err := nextField(message)
		if err != nil {
			return err
		}
		message = rest
		if f.number != getResult || f.kind != protowire.BytesType {
			continue
		}
		uuid, text, err := readPoint(f.bytes, name)
		if err != nil {
			return err
		}
		if err := each(uuid, text); err != nil {
			return err
		}
	}
	return nil
}

func readPoint(message []byte, name string) (uuid, text []byte, err error) {
	for len(message) > 0 {
		f, rest, err := nextField(message)
		if err != nil {
			return nil, nil, err
		}
		message = rest
		if f.kind != protowire.BytesType {
			continue
		}
		switch f.number {
		case pointID:
			if uuid, err = readUUID(f.bytes, uuid); err != nil {
				return nil, nil, err
			}
		case pointPayload:
			key, value, err := readEntry(f.bytes)
			if err != nil {
				return nil, nil, err
			}
			if string(key) == name {
				text = value
			}
		}
	}
	return uuid, text, nil
}

// readUUID reads a PointId; before is what an earlier part of it said.
func readUUID(message, before []byte) ([]byte, error) {
	uuid := before
	for len(message) > 0 {
		f, rest, err := nextField(message)
		if err != nil {
			return nil, err
		}
		message = rest
		switch {
		case f.number == idUUID && f.kind == protowire.BytesType:
			uuid = f.bytes
		case f.number == idNum && f.kind == protowire.VarintType:
			uuid = nil
		}
	}
	return uuid, nil
}

// readEntry reads an entry of a payload: its key, and its value if it is a
// string.
func readEntry(message []byte) (key, text []byte, err error) {
	for len(message) > 0 {
		f, rest, err := nextField(message)
		if err != nil {
			return nil, nil, err
		}
		message = rest
		if f.kind != protowire.BytesType {
			continue
		}
		switch f.number {
		case entryKey:
			key = f.bytes
		case entryValue:
			if text, err = readString(f.bytes, text); err != nil {
				return nil, nil, err
			}
		}
	}
	return key, text, nil
}

// readString reads a Value; of several kinds the last counts.
func readString(message, before []byte) ([]byte, error) {
	text := before
	for len(message) > 0 {
		f, rest, err := nextField(message)
		if err != nil {
			return nil, err
		}
		message = rest
		switch {
		case f.number == valueString && f.kind == protowire.BytesType:
			text = f.bytes
		case f.number >= valueFirst && f.number <= valueLast && f.kind == kindOf(f.number):
			text = nil
		}
	}
	return text, nil
}

// kindOf is how a kind of Value is written: null, double, integer, string,
// boolean, struct and list.
func kindOf(number protowire.Number) protowire.Type {
	switch number {
	case 2:
		return protowire.Fixed64Type
	case 4, 6, 7:
		return protowire.BytesType
	}
	return protowire.VarintType
}

// parseUUID reads the canonical form.
func parseUUID(text []byte) (id pipeline.PointID, ok bool) {
	if len(text) != uuidBytes || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return id, false
	}
	for _, part := range [...][4]int{{0, 4, 0, 8}, {4, 6, 9, 13}, {6, 8, 14, 18}, {8, 10, 19, 23}, {10, 16, 24, 36}} {
		if _, err := hex.Decode(id[part[0]:part[1]], text[part[2]:part[3]]); err != nil {
			return id, false
		}
	}
	return id, true
}

// rawCodec hands messages through as they are: requests are []byte, answers
// *[]byte. Everything else of the connection, keys and limits included, stays
// as it is for the library's own calls.
type rawCodec struct{}

// Name is that of the format, which the server has to know.
func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	message, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("a request is %T, want bytes", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(message)}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	message, ok := v.(*[]byte)
	if !ok {
		return errors.New("an answer is wanted as something else than bytes")
	}
	*message = data.Materialize()
	return nil
}
