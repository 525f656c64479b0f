package qdrant

import (
	"encoding/hex"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/vecload/vecload/pipeline"
)

// field is one of a message: its bytes where its kind is protowire.BytesType,
// its value where it is protowire.VarintType.
type field struct {
	number protowire.Number
	kind   protowire.Type
	bytes  []byte
	value  uint64
}

// nextField cuts the first field off a message.
func nextField(b []byte) (field, []byte, error) {
	number, kind, n := protowire.ConsumeTag(b)
	if n < 0 {
		return field{}, nil, protowire.ParseError(n)
	}
	b = b[n:]
	f := field{number: number, kind: kind}
	switch kind {
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(b)
	case protowire.VarintType:
		f.value, n = protowire.ConsumeVarint(b)
	default:
		n = protowire.ConsumeFieldValue(number, kind, b)
	}
	if n < 0 {
		return field{}, nil, protowire.ParseError(n)
	}
	return f, b[n:], nil
}

// merged is a message of which a part was read before and another now.
func merged(before, now []byte) []byte {
	if len(before) == 0 {
		return now
	}
	return slices.Concat(before, now)
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
				if text, err = readText(value); err != nil {
					return nil, nil, err
				}
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

// readEntry reads an entry of a map of values.
func readEntry(message []byte) (key, value []byte, err error) {
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
			value = merged(value, f.bytes)
		}
	}
	return key, value, nil
}

// readValue reads what a Value has of one kind; of several kinds the last
// counts. A message in several parts is put together, of all else the last
// counts, too.
func readValue(message []byte, kind protowire.Number) (field, error) {
	var out field
	for len(message) > 0 {
		f, rest, err := nextField(message)
		if err != nil {
			return field{}, err
		}
		message = rest
		switch {
		case f.number < valueNull || f.number > valueList || f.kind != kindOf(f.number):
		case f.number != kind:
			out = field{}
		default:
			if kind == valueStruct || kind == valueList {
				f.bytes = merged(out.bytes, f.bytes)
			}
			out = f
		}
	}
	return out, nil
}

// readText reads a Value that is a text; any other is empty.
func readText(message []byte) ([]byte, error) {
	f, err := readValue(message, valueString)
	return f.bytes, err
}

// readInt reads a Value that is an integer; any other is 0.
func readInt(message []byte) (int, error) {
	f, err := readValue(message, valueInteger)
	return int(f.value), err //nolint:gosec // as it was written
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
