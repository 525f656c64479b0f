package qdrant

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/vecload/vecload/pipeline"
)

// appendFields appends the entries of a map of values.
func appendFields(b []byte, number protowire.Number, fields []pipeline.Field) []byte {
	for i := range fields {
		switch f := &fields[i]; f.Value.Kind() {
		case pipeline.KindString:
			b = appendTextEntry(b, number, f.Name, f.Value.Str())
		case pipeline.KindInt:
			b = appendIntEntry(b, number, f.Name, f.Value.Int())
		case pipeline.KindNull, pipeline.KindBool, pipeline.KindFloat, pipeline.KindList, pipeline.KindObject:
			var entry begun
			b, entry = begin(b, number, len(f.Name)+16)
			b = appendText(b, entryKey, validText(f.Name))
			b = entry.end(appendValue(b, entryValue, &f.Value))
		}
	}
	return b
}

// appendTextEntry appends the entry of a text, whose lengths are all known.
func appendTextEntry(b []byte, number protowire.Number, name, text string) []byte {
	name, text = validText(name), validText(text)
	value := textSize(len(text))
	b = appendTag(b, number, protowire.BytesType)
	b = appendLength(b, textSize(len(name))+textSize(value))
	b = appendText(b, entryKey, name)
	b = appendTag(b, entryValue, protowire.BytesType)
	b = appendLength(b, value)
	return appendText(b, valueString, text)
}

// appendIntEntry appends the entry of an integer, whose lengths are known, too.
func appendIntEntry(b []byte, number protowire.Number, name string, v int64) []byte {
	name = validText(name)
	value := 1 + protowire.SizeVarint(uint64(v)) //nolint:gosec // as protobuf writes what is negative
	b = appendTag(b, number, protowire.BytesType)
	b = appendLength(b, textSize(len(name))+textSize(value))
	b = appendText(b, entryKey, name)
	b = appendTag(b, entryValue, protowire.BytesType)
	b = appendLength(b, value)
	return appendInt(b, v)
}

func appendInt(b []byte, v int64) []byte {
	b = appendTag(b, valueInteger, protowire.VarintType)
	return protowire.AppendVarint(b, uint64(v)) //nolint:gosec // as above
}

// appendValue appends a value without a panic and without a loss, which the
// library's NewValueMap does not.
func appendValue(b []byte, number protowire.Number, v *pipeline.Value) []byte {
	b, value := begin(b, number, len(v.Str()))
	switch v.Kind() {
	case pipeline.KindNull:
		b = append(appendTag(b, valueNull, protowire.VarintType), 0)
	case pipeline.KindBool:
		b = appendBool(b, valueBool, v.Bool())
	case pipeline.KindInt:
		b = appendInt(b, v.Int())
	case pipeline.KindFloat:
		b = appendTag(b, valueDouble, protowire.Fixed64Type)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
	case pipeline.KindString:
		b = appendText(b, valueString, validText(v.Str()))
	case pipeline.KindList:
		var list begun
		b, list = begin(b, valueList, 0)
		elements := v.List()
		for i := range elements {
			b = appendValue(b, listValues, &elements[i])
		}
		b = list.end(b)
	case pipeline.KindObject:
		var object begun
		b, object = begin(b, valueStruct, 0)
		b = object.end(appendFields(b, structFields, v.Object()))
	}
	return value.end(b)
}
