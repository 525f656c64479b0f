package pipeline

import (
	"math"
	"strconv"
)

// Kind says which of the JSON-like values a [Value] holds.
type Kind uint8

// The kinds of values.
const (
	KindNull Kind = iota
	KindBool
	KindInt
	KindFloat
	KindString
	KindList
	KindObject
)

// String names the kind as error messages do.
func (k Kind) String() string {
	switch k {
	case KindNull:
		return "null"
	case KindBool:
		return "boolean"
	case KindInt:
		return "integer"
	case KindFloat:
		return "number"
	case KindString:
		return "string"
	case KindList:
		return "list"
	case KindObject:
		return "object"
	}
	return "kind " + strconv.Itoa(int(k))
}

// Value is a JSON-like value whose 64-bit integers stay exact. The zero
// Value is null. Values are not changed once made and may be shared.
type Value struct {
	kind Kind
	bits uint64 // bool, int64 or float64
	str  string
	// Most values are neither a list nor an object, and smaller without the
	// room for one.
	list *[]Value
	obj  *[]Field
}

// Field is one named value of an object or a payload.
type Field struct {
	Name  string
	Value Value
}

// Null returns the null value.
func Null() Value { return Value{} }

// Bool returns a boolean value.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, bits: 1}
	}
	return Value{kind: KindBool}
}

// Int returns an integer value. Integers that int64 cannot hold are kept by
// sources as decimal strings, so that no digit is lost.
func Int(i int64) Value { return Value{kind: KindInt, bits: uint64(i)} }

// Float returns a number. NaN and the infinities, which no JSON-like store
// can hold, become null.
func Float(f float64) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}
	}
	return Value{kind: KindFloat, bits: math.Float64bits(f)}
}

// String returns a string value; s has to be valid UTF-8.
func String(s string) Value { return Value{kind: KindString, str: s} }

// List returns a list value that owns vs.
func List(vs []Value) Value { return Value{kind: KindList, list: &vs} }

// Object returns an object value that owns fs; names have to be unique.
func Object(fs []Field) Value { return Value{kind: KindObject, obj: &fs} }

// Kind returns the kind of v.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.kind == KindNull }

// Bool returns the boolean that v holds, false for any other kind.
func (v Value) Bool() bool { return v.kind == KindBool && v.bits == 1 }

// Int returns the integer that v holds, 0 for any other kind.
func (v Value) Int() int64 {
	if v.kind != KindInt {
		return 0
	}
	return int64(v.bits)
}

// Float returns the number that v holds, 0 for any other kind than
// KindFloat.
func (v Value) Float() float64 {
	if v.kind != KindFloat {
		return 0
	}
	return math.Float64frombits(v.bits)
}

// Str returns the string that v holds, "" for any other kind.
func (v Value) Str() string { return v.str }

// List returns the elements of a list; the caller does not change them.
func (v Value) List() []Value {
	if v.list == nil {
		return nil
	}
	return *v.list
}

// Object returns the fields of an object; the caller does not change them.
func (v Value) Object() []Field {
	if v.obj == nil {
		return nil
	}
	return *v.obj
}

// Field returns the value of the named field of an object.
func (v Value) Field(name string) (Value, bool) {
	fields := v.Object()
	for i := range fields {
		if fields[i].Name == name {
			return fields[i].Value, true
		}
	}
	return Value{}, false
}
