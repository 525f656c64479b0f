package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// AppendJSON appends v as compact JSON (RFC 8259) and returns the extended
// slice. Fields keep their order; equal values give equal bytes.
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.kind {
	case KindNull:
		return append(dst, "null"...)
	case KindBool:
		return strconv.AppendBool(dst, v.bits == 1)
	case KindInt:
		return strconv.AppendInt(dst, int64(v.bits), 10)
	case KindFloat:
		return appendFloat(dst, math.Float64frombits(v.bits))
	case KindString:
		return AppendJSONString(dst, v.str)
	case KindList:
		dst = append(dst, '[')
		for i, element := range v.List() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = element.AppendJSON(dst)
		}
		return append(dst, ']')
	case KindObject:
		return AppendJSONFields(dst, v.Object())
	}
	return append(dst, "null"...)
}

// AppendJSONFields appends fields as one JSON object.
func AppendJSONFields(dst []byte, fields []Field) []byte {
	dst = append(dst, '{')
	for i := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendJSONString(dst, fields[i].Name)
		dst = append(dst, ':')
		dst = fields[i].Value.AppendJSON(dst)
	}
	return append(dst, '}')
}

// appendFloat writes a number so that it reads back as a float and not as an
// integer: 1 is written 1.0.
func appendFloat(dst []byte, f float64) []byte {
	start := len(dst)
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	for _, c := range dst[start:] {
		if c == '.' || c == 'e' {
			return dst
		}
	}
	return append(dst, ".0"...)
}

// MarshalJSON implements [json.Marshaler].
func (v Value) MarshalJSON() ([]byte, error) { return v.AppendJSON(nil), nil }

// UnmarshalJSON implements [json.Unmarshaler] for values that [Value.AppendJSON]
// wrote. It keeps the order of fields and is not meant for hot paths.
func (v *Value) UnmarshalJSON(data []byte) error {
	if !json.Valid(data) { // which also bounds the depth: json.Decoder does not
		return errors.New("not one JSON value of bearable depth")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	parsed, err := decodeValue(d)
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}

func decodeValue(d *json.Decoder) (Value, error) {
	token, err := d.Token()
	if err != nil {
		return Value{}, err
	}
	switch t := token.(type) {
	case nil:
		return Value{}, nil
	case bool:
		return Bool(t), nil
	case string:
		return String(t), nil
	case json.Number:
		return ParseNumber(t.String())
	case json.Delim:
		if t == '[' {
			return decodeList(d)
		}
		return decodeObject(d)
	}
	return Value{}, fmt.Errorf("unexpected JSON token %v", token)
}

func decodeList(d *json.Decoder) (Value, error) {
	list := []Value{}
	for d.More() {
		element, err := decodeValue(d)
		if err != nil {
			return Value{}, err
		}
		list = append(list, element)
	}
	_, err := d.Token()
	return List(list), err
}

func decodeObject(d *json.Decoder) (Value, error) {
	fields := []Field{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return Value{}, err
		}
		key, ok := name.(string)
		if !ok {
			return Value{}, fmt.Errorf("unexpected JSON token %v", name)
		}
		value, err := decodeValue(d)
		if err != nil {
			return Value{}, err
		}
		fields = append(fields, Field{Name: key, Value: value})
	}
	_, err := d.Token()
	return Object(fields), err
}

// ParseNumber returns the value of a JSON number literal: an integer when it
// is written as one and int64 holds it, its digits as a string when it is an
// integer that int64 cannot hold, a float otherwise. A literal beyond the
// range of float64 is an error.
func ParseNumber(literal string) (Value, error) {
	for i := range len(literal) {
		if c := literal[i]; c == '.' || c == 'e' || c == 'E' {
			f, err := strconv.ParseFloat(literal, 64)
			if err != nil {
				return Value{}, fmt.Errorf("number %.40s is out of range", literal)
			}
			return Float(f), nil
		}
	}
	i, err := strconv.ParseInt(literal, 10, 64)
	if err == nil {
		return Int(i), nil
	}
	if errors.Is(err, strconv.ErrRange) {
		return String(literal), nil
	}
	return Value{}, fmt.Errorf("%.40q is not a number", literal)
}
