package jsonl

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

// maxDepth bounds the nesting of lists and objects in a line.
const maxDepth = 1000

var errNotObject = errors.New("the line does not hold an object")

// scanner reads one line at a time and keeps its memory between lines. It
// looks at every byte of a line and makes values of what is wanted only.
type scanner struct {
	data  []byte
	pos   int
	depth int

	names   map[string]string // keys seen, so that records share them
	keys    []key             // of the objects that are open
	scratch []byte            // keys of this line that have escapes
	text    []byte            // the string that is being unescaped
	values  []pipeline.Value  // elements of the lists that are open
	fields  []pipeline.Field  // fields of the objects that are open
}

// key is a key and where it begins in the line.
type key struct {
	name []byte
	at   int
}

// fail returns an error about the byte at a place of the line.
func (s *scanner) fail(at int, what string) error {
	return fmt.Errorf("%s at byte %d", what, at+1)
}

func (s *scanner) malformed(what string) error {
	if s.pos >= len(s.data) {
		return s.fail(s.pos, "malformed JSON: the line ends, expected "+what)
	}
	return s.fail(s.pos, "malformed JSON: expected "+what)
}

func (s *scanner) begin(line []byte) error {
	s.data, s.pos, s.depth = line, 0, 0
	s.keys, s.scratch = s.keys[:0], s.scratch[:0]
	s.values, s.fields = s.values[:0], s.fields[:0]
	if !utf8.Valid(line) {
		return s.fail(invalidAt(line), "invalid UTF-8")
	}
	s.space()
	return nil
}

func invalidAt(line []byte) int {
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRune(line[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(line)
}

func (s *scanner) finish() error {
	if s.space(); s.pos < len(s.data) {
		return s.malformed("the end of the line")
	}
	return nil
}

// record reads a line into a record.
func (s *scanner) record(line []byte, want *sources.Want, record *sources.Record) error {
	err := s.begin(line)
	if err != nil {
		return err
	}
	if s.peek() != '{' {
		if err := s.skip(); err != nil {
			return err
		}
		if err := s.finish(); err != nil {
			return err
		}
		return errNotObject
	}
	if want.All {
		record.Fields, err = s.object()
	} else {
		err = s.wanted(want.Fields, record)
	}
	if err != nil {
		return err
	}
	return s.finish()
}

// document reads a line as one value.
func (s *scanner) document(line []byte) (pipeline.Value, error) {
	if err := s.begin(line); err != nil {
		return pipeline.Value{}, err
	}
	v, err := s.value()
	if err != nil {
		return v, err
	}
	return v, s.finish()
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func (s *scanner) space() {
	for s.pos < len(s.data) && isSpace(s.data[s.pos]) {
		s.pos++
	}
}

// peek returns the byte at hand, 0 at the end of the line. A NUL in the line
// is no JSON, so that it need not be told apart.
func (s *scanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

func (s *scanner) enter() error {
	if s.depth++; s.depth > maxDepth {
		return s.fail(s.pos, fmt.Sprintf("more than %d levels of nesting", maxDepth))
	}
	s.pos++
	s.space()
	return nil
}

// members reads an object and calls member for each of its values, with the
// value at hand. The key is valid until the end of the line.
func (s *scanner) members(member func(key []byte) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	base := len(s.keys)
	if s.peek() == '}' {
		s.pos++
		s.depth--
		return nil
	}
	for {
		name, err := s.key(base)
		if err != nil {
			return err
		}
		if err := member(name); err != nil {
			return err
		}
		s.space()
		switch s.peek() {
		case ',':
			s.pos++
			s.space()
		case '}':
			s.pos++
			s.depth--
			err := s.distinct(base)
			s.keys = s.keys[:base]
			return err
		default:
			return s.malformed("',' or '}' after a value")
		}
	}
}

// fewKeys is up to how many keys an object's are compared one by one.
const fewKeys = 16

// key reads a key and its colon. keys[base:] are those before it.
func (s *scanner) key(base int) ([]byte, error) {
	if s.peek() != '"' {
		return nil, s.malformed("a key")
	}
	at := s.pos
	name, escaped, err := s.string()
	if err != nil {
		return nil, err
	}
	if escaped {
		start := len(s.scratch)
		s.scratch = unescape(s.scratch, name)
		name = s.scratch[start:]
	}
	if before := s.keys[base:]; len(before) < fewKeys {
		for i := range before {
			if string(before[i].name) == string(name) {
				return nil, s.fail(at, "duplicate key")
			}
		}
	}
	s.keys = append(s.keys, key{name, at})
	s.space()
	if s.peek() != ':' {
		return nil, s.malformed("':' after a key")
	}
	s.pos++
	s.space()
	return name, nil
}

// distinct compares the keys of an object that has many.
func (s *scanner) distinct(base int) error {
	keys := s.keys[base:]
	if len(keys) <= fewKeys {
		return nil
	}
	slices.SortFunc(keys, func(a, b key) int { return bytes.Compare(a.name, b.name) })
	for i := 1; i < len(keys); i++ {
		if bytes.Equal(keys[i-1].name, keys[i].name) {
			return s.fail(max(keys[i-1].at, keys[i].at), "duplicate key")
		}
	}
	return nil
}

// elements reads a list and calls element with each value at hand.
func (s *scanner) elements(element func() error) error {
	if err := s.enter(); err != nil {
		return err
	}
	if s.peek() == ']' {
		s.pos++
		s.depth--
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		s.space()
		switch s.peek() {
		case ',':
			s.pos++
			s.space()
		case ']':
			s.pos++
			s.depth--
			return nil
		default:
			return s.malformed("',' or ']' after a value")
		}
	}
}

// wanted reads an object and stores what is wanted of it.
func (s *scanner) wanted(want []sources.WantField, record *sources.Record) error {
	return s.members(func(key []byte) error {
		for i := range want {
			field := &want[i]
			if field.Name != string(key) {
				continue
			}
			if field.Slot < 0 {
				if s.peek() == '{' {
					return s.wanted(field.Fields, record)
				}
				break
			}
			v, err := s.value()
			record.Set(field.Slot, v)
			return err
		}
		return s.skip()
	})
}
