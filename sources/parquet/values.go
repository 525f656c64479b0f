package parquet

import (
	"encoding/binary"
	"unicode/utf8"
)

// values gives the values of a page one by one. Its errors are damagedErrors.
type values interface {
	// bytes returns the next value as the encoding PLAIN writes it, without a
	// length; a boolean is one byte. It is valid until the next call.
	bytes() ([]byte, error)
	// text returns the next value as a string that stays valid, and whether it
	// is UTF-8.
	text() (s string, valid bool, err error)
}

var errFit = damagedError("its values do not fit its levels")

// damagedError is an error of a conversion that is about the file, not the
// row.
type damagedError string

// Error implements error.
func (e damagedError) Error() string { return string(e) }

// fixed are values of one size (Encodings.md of the Parquet format, section
// "Plain").
type fixed struct {
	rest []byte
	size int
}

func (f *fixed) bytes() ([]byte, error) {
	if len(f.rest) < f.size {
		return nil, errFit
	}
	b := f.rest[:f.size]
	f.rest = f.rest[f.size:]
	return b, nil
}

func (f *fixed) text() (string, bool, error) { return textOf(f.bytes()) }

// textOf copies bytes.
func textOf(b []byte, err error) (string, bool, error) {
	return string(b), utf8.Valid(b), err
}

// booleans are bits, the lowest first.
type booleans struct {
	data []byte
	at   int
	one  [1]byte
}

func (b *booleans) bytes() ([]byte, error) {
	if b.at/8 >= len(b.data) {
		return nil, errFit
	}
	b.one[0] = b.data[b.at/8] >> (b.at % 8) & 1
	b.at++
	return b.one[:], nil
}

func (b *booleans) text() (string, bool, error) { return textOf(b.bytes()) }

// prefixed are values of any size, each behind its length in four bytes.
type prefixed struct {
	data []byte
	at   int

	// Texts are copied many at a time: window is what data holds from start to
	// end, which are at most block bytes, so that a text that lives on keeps
	// little in memory beside it.
	block      int
	window     string
	start, end int
}

// next returns where the next value begins and ends.
func (s *prefixed) next() (from, to int, err error) {
	from, to, ok := valueAt(s.data, s.at)
	if !ok {
		return 0, 0, errFit
	}
	s.at = to
	return from, to, nil
}

// valueAt returns where the value whose length is at a place begins and ends.
func valueAt(data []byte, at int) (from, to int, ok bool) {
	if len(data)-at < 4 {
		return 0, 0, false
	}
	size := int64(binary.LittleEndian.Uint32(data[at:]))
	if size > int64(len(data)-at-4) {
		return 0, 0, false
	}
	return at + 4, at + 4 + int(size), true
}

func (s *prefixed) bytes() ([]byte, error) {
	from, to, err := s.next()
	return s.data[from:to:to], err
}

func (s *prefixed) text() (string, bool, error) {
	from, to, err := s.next()
	if err != nil {
		return "", false, err
	}
	if to-from > s.block/4 {
		return textOf(s.data[from:to], nil)
	}
	if to > s.end {
		s.copy(from, to)
	}
	text := s.window[from-s.start : to-s.start]
	return text, utf8.ValidString(text), nil
}

// copy makes a window that begins with a value, and ends before a large one.
func (s *prefixed) copy(from, to int) {
	end := to
	for {
		first, next, ok := valueAt(s.data, end)
		if !ok || next-first > s.block/4 || next-from > s.block {
			break
		}
		end = next
	}
	s.start, s.end, s.window = from, end, string(s.data[from:end])
}
