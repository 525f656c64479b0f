package jsonl

import (
	"strconv"

	"github.com/vecload/vecload/pipeline"
)

// value reads the value at hand.
func (s *scanner) value() (pipeline.Value, error) {
	switch c := s.peek(); c {
	case '{':
		fields, err := s.object()
		return pipeline.Object(fields), err
	case '[':
		return s.list()
	case '"':
		raw, escaped, err := s.string()
		if err != nil {
			return pipeline.Value{}, err
		}
		if escaped {
			s.text = unescape(s.text[:0], raw)
			raw = s.text
		}
		return pipeline.String(string(raw)), nil
	case 't':
		return pipeline.Bool(true), s.word("true")
	case 'f':
		return pipeline.Bool(false), s.word("false")
	case 'n':
		return pipeline.Null(), s.word("null")
	default:
		return s.number()
	}
}

// object reads an object with all its fields, in their order.
func (s *scanner) object() ([]pipeline.Field, error) {
	base := len(s.fields)
	err := s.members(func(key []byte) error {
		name := s.intern(key)
		v, err := s.value()
		s.fields = append(s.fields, pipeline.Field{Name: name, Value: v})
		return err
	})
	if err != nil {
		return nil, err
	}
	fields := make([]pipeline.Field, len(s.fields)-base)
	copy(fields, s.fields[base:])
	clear(s.fields[base:])
	s.fields = s.fields[:base]
	return fields, nil
}

func (s *scanner) list() (pipeline.Value, error) {
	base := len(s.values)
	err := s.elements(func() error {
		v, err := s.value()
		s.values = append(s.values, v)
		return err
	})
	if err != nil {
		return pipeline.Value{}, err
	}
	list := make([]pipeline.Value, len(s.values)-base)
	copy(list, s.values[base:])
	clear(s.values[base:])
	s.values = s.values[:base]
	return pipeline.List(list), nil
}

// maxNames bounds the table of keys, so that records whose keys are data do
// not fill the memory; maxName is the longest key in it, in bytes.
const (
	maxNames = 4096
	maxName  = 128
)

// intern returns a key as a string that equal keys share.
func (s *scanner) intern(key []byte) string {
	if name, ok := s.names[string(key)]; ok {
		return name
	}
	name := string(key)
	if len(name) <= maxName && len(s.names) < maxNames {
		if s.names == nil {
			s.names = map[string]string{}
		}
		s.names[name] = name
	}
	return name
}

// skip checks the value at hand and makes nothing of it.
func (s *scanner) skip() error {
	switch s.peek() {
	case '{':
		return s.members(func([]byte) error { return s.skip() })
	case '[':
		return s.elements(s.skip)
	case '"':
		_, _, err := s.string()
		return err
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	at := s.pos
	shape, err := s.digits()
	if err != nil {
		return err
	}
	// Without an exponent a number needs 309 digits to be out of range.
	if shape == exponent || (shape == fraction && s.pos-at > 300) {
		if _, err := strconv.ParseFloat(string(s.data[at:s.pos]), 64); err != nil {
			return s.fail(at, "number out of range")
		}
	}
	return nil
}

func (s *scanner) word(word string) error {
	if len(s.data)-s.pos < len(word) || string(s.data[s.pos:s.pos+len(word)]) != word {
		return s.malformed("a value")
	}
	s.pos += len(word)
	return nil
}

// shape is how a number is written.
type shape uint8

const (
	integer shape = iota
	fraction
	exponent
)

// digits passes over a number (RFC 8259, section 6).
func (s *scanner) digits() (shape, error) {
	form := integer
	if s.peek() == '-' {
		s.pos++
		if !isDigit(s.peek()) {
			return form, s.malformed("a digit")
		}
	}
	switch c := s.peek(); {
	case c == '0':
		s.pos++
	case isDigit(c):
		s.run()
	default:
		return form, s.malformed("a value")
	}
	if s.peek() == '.' {
		form = fraction
		s.pos++
		if s.run() == 0 {
			return form, s.malformed("a digit")
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		form = exponent
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		if s.run() == 0 {
			return form, s.malformed("a digit")
		}
	}
	return form, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// run passes over digits and counts them.
func (s *scanner) run() int {
	start := s.pos
	for isDigit(s.peek()) {
		s.pos++
	}
	return s.pos - start
}

func (s *scanner) number() (pipeline.Value, error) {
	at := s.pos
	form, err := s.digits()
	if err != nil {
		return pipeline.Value{}, err
	}
	text := s.data[at:s.pos]
	if form != integer {
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return pipeline.Value{}, s.fail(at, "number out of range")
		}
		return pipeline.Float(f), nil
	}
	i, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil { // the digits are checked: int64 does not hold it
		return pipeline.String(string(text)), nil //nolint:nilerr // the digits are kept instead
	}
	return pipeline.Int(i), nil
}
