package vectors

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"
)

// ErrNotFinite reports a number that JSON has no form for, such as the bare
// NaN that some servers print, or the string "NaN".
var ErrNotFinite = errors.New("the answer holds NaN or Infinity, which is not JSON")

// maxDepth bounds how deep values may be nested that are skipped.
const maxDepth = 64

// scanner walks over JSON text. It keeps to RFC 8259 in all that it reads.
type scanner struct {
	b []byte
	i int
}

// malformed names the place of an error and nothing of the content.
func (s *scanner) malformed(want string) error {
	if s.i >= len(s.b) {
		return fmt.Errorf("the answer ends before %s: %w", want, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("the answer is not the JSON it should be: %s expected at byte %d", want, s.i)
}

// peek skips white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\n', '\r', '\t':
			s.i++
		default:
			return c
		}
	}
	return 0
}

// take skips white space and the byte c, or reports that it is not there.
func (s *scanner) take(c byte) bool {
	if s.peek() != c || s.i >= len(s.b) {
		return false
	}
	s.i++
	return true
}

// word skips the literal w.
func (s *scanner) word(w string) bool {
	if len(s.b)-s.i < len(w) || string(s.b[s.i:s.i+len(w)]) != w {
		return false
	}
	s.i += len(w)
	return true
}

// end reports an error unless only white space is left.
func (s *scanner) end() error {
	if s.peek(); s.i < len(s.b) {
		return s.malformed("the end")
	}
	return nil
}

// list calls element at each element of an array.
func (s *scanner) list(element func() error) error {
	if !s.take('[') {
		return s.malformed("a list")
	}
	if s.take(']') {
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if s.take(']') {
			return nil
		}
		if !s.take(',') {
			return s.malformed("a comma")
		}
	}
}

// object calls field at each value of an object. A name is valid during the
// call.
func (s *scanner) object(field func(name []byte) error) error {
	if !s.take('{') {
		return s.malformed("an object")
	}
	if s.take('}') {
		return nil
	}
	for {
		raw, plain, err := s.text()
		if err != nil {
			return err
		}
		name := raw[1 : len(raw)-1]
		if !plain {
			if name, err = unquote(raw); err != nil {
				return err
			}
		}
		if !s.take(':') {
			return s.malformed("a colon")
		}
		s.peek()
		if err := field(name); err != nil {
			return err
		}
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return s.malformed("a comma")
		}
	}
}

// text skips a string and returns it with its quotes. One that is plain has
// nothing but ASCII in it and no escapes, and so is valid and its own content.
func (s *scanner) text() (raw []byte, plain bool, err error) {
	if s.peek() != '"' {
		return nil, false, s.malformed("a string")
	}
	start := s.i
	plain = true
	for i := s.i + 1; i < len(s.b); i++ {
		switch c := s.b[i]; {
		case c == '"':
			s.i = i + 1
			return s.b[start:s.i], plain, nil
		case c == '\\':
			i++
			plain = false
		case c < ' ':
			s.i = i
			return nil, false, s.malformed("a character")
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	s.i = len(s.b)
	return nil, false, s.malformed("the end of a string")
}

// unquote returns the content of a string.
func unquote(raw []byte) ([]byte, error) {
	var v string
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, errors.New("the answer is not the JSON it should be: a string is malformed")
	}
	return []byte(v), nil
}

// skip goes behind any value and checks its syntax.
func (s *scanner) skip(depth int) error {
	if depth > maxDepth {
		return s.malformed("less nesting")
	}
	inner := func() error { return s.skip(depth + 1) }
	switch s.peek() {
	case '[':
		return s.list(inner)
	case '{':
		return s.object(func([]byte) error { return inner() })
	case '"':
		raw, plain, err := s.text()
		if err == nil && !plain && !json.Valid(raw) {
			err = s.malformed("a string")
		}
		return err
	case 't', 'f', 'n':
		if s.word("true") || s.word("false") || s.word("null") {
			return nil
		}
		return s.malformed("a value")
	}
	_, next, ok := number(s.b, s.i)
	if !ok {
		return s.malformed("a value")
	}
	s.i = next
	return nil
}

// numbers appends the numbers of an array to dst; null is NaN.
func (s *scanner) numbers(dst []float32) ([]float32, error) {
	if !s.take('[') {
		return dst, s.malformed("a list of numbers")
	}
	if s.take(']') {
		return dst, nil
	}
	b, i := s.b, s.i
	for {
		dst, i = common(dst, b, i)
		for i < len(b) && b[i] <= ' ' && blank(b[i]) {
			i++
		}
		f, next, ok := number(b, i)
		if !ok {
			s.i = i
			if !s.word("null") {
				return dst, s.noNumber()
			}
			f, next = float32(math.NaN()), s.i
		}
		dst = append(dst, f)
		i = next
		if i < len(b) && b[i] == ',' {
			i++
			continue
		}
		s.i = i
		if s.take(']') {
			return dst, nil
		}
		if !s.take(',') {
			return dst, s.malformed("a comma")
		}
		i = s.i
	}
}

// noNumber says why there is no number here.
func (s *scanner) noNumber() error {
	start := s.i
	s.word("-")
	if s.word("NaN") || s.word("Infinity") {
		return ErrNotFinite
	}
	s.i = start
	// As Protocol Buffers write them.
	if s.word(`"NaN"`) || s.word(`"Infinity"`) || s.word(`"-Infinity"`) {
		return ErrNotFinite
	}
	return s.malformed("a number")
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
