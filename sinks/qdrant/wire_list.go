package qdrant

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// onList is what is wanted of a point of a ScrollResponse; what is missing or
// of another kind is empty.
type onList struct {
	uuid []byte
	own  own
	made []byte // the text of [madeField]
}

// own is what vecload keeps of a point, but for its text.
type own struct {
	vector, doc   []byte
	chunk, chunks int
}

// readList calls each with every point of a ScrollResponse, and returns the
// id that the next page begins with, nil for no other page.
func readList(message []byte, each func(p onList) error) (next []byte, err error) {
	for len(message) > 0 {
		f, rest, err := nextField(message)
		if err != nil {
			return nil, err
		}
		message = rest
		switch {
		case f.kind != protowire.BytesType:
		case f.number == scrollNext:
			next = merged(next, f.bytes)
		case f.number == scrollResult:
			p, err := readOnList(f.bytes)
			if err != nil {
				return nil, err
			}
			if err := each(p); err != nil {
				return nil, err
			}
		}
	}
	return next, nil
}

func readOnList(message []byte) (p onList, err error) {
	for len(message) > 0 {
		f, rest, err := nextField(message)
		if err != nil {
			return p, err
		}
		message = rest
		switch {
		case f.kind != protowire.BytesType:
		case f.number == pointID:
			p.uuid, err = readUUID(f.bytes, p.uuid)
		case f.number == pointPayload:
			var key, value []byte
			if key, value, err = readEntry(f.bytes); err != nil {
				return p, err
			}
			switch string(key) {
			case madeField:
				p.made, err = readText(value)
			case ReservedField:
				p.own, err = readOwn(value)
			}
		}
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

func readOwn(message []byte) (o own, err error) {
	object, err := readValue(message, valueStruct)
	if err != nil {
		return o, err
	}
	for fields := object.bytes; len(fields) > 0; {
		f, rest, err := nextField(fields)
		if err != nil {
			return o, err
		}
		fields = rest
		if f.number != structFields || f.kind != protowire.BytesType {
			continue
		}
		key, value, err := readEntry(f.bytes)
		if err != nil {
			return o, err
		}
		switch string(key) {
		case "vector":
			o.vector, err = readText(value)
		case "doc":
			o.doc, err = readText(value)
		case "chunk":
			o.chunk, err = readInt(value)
		case "chunks":
			o.chunks, err = readInt(value)
		}
		if err != nil {
			return o, err
		}
	}
	return o, nil
}
