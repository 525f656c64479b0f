package qdrant

import (
	"encoding/hex"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/vecload/vecload/pipeline"
)

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
		case f.number >= valueNull && f.number <= valueList && f.kind == kindOf(f.number):
			text = nil
		}
	}
	return text, nil
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
