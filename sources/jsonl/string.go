package jsonl

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// string passes over the string at hand and returns what is between its
// quotes, and whether that has escapes.
func (s *scanner) string() (raw []byte, escaped bool, err error) {
	s.pos++
	start := s.pos
	for {
		s.pos += plainPrefix(s.data[s.pos:])
		if s.pos == len(s.data) {
			return nil, false, s.malformed("the end of a string")
		}
		switch s.data[s.pos] {
		case '"':
			raw = s.data[start:s.pos]
			s.pos++
			return raw, escaped, nil
		case '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return nil, false, err
			}
		default:
			return nil, false, s.fail(s.pos, "malformed JSON: a control character in a string")
		}
	}
}

// plainPrefix returns how many bytes come before the first quote, backslash
// or control character, eight bytes at a time.
func plainPrefix(data []byte) int {
	const (
		low  = 0x0101010101010101
		high = 0x8080808080808080
	)
	i := 0
	for ; len(data)-i >= 8; i += 8 {
		x := binary.LittleEndian.Uint64(data[i:])
		quote := x ^ (low * '"')
		slash := x ^ (low * '\\')
		// A byte minus one, where it was zero, borrows into its high bit; the
		// lowest bit that is set is always right.
		found := ((quote - low) &^ quote) | ((slash - low) &^ slash) | ((x - low*' ') &^ x)
		if found &= high; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(data); i++ {
		if c := data[i]; c == '"' || c == '\\' || c < ' ' {
			break
		}
	}
	return i
}

// escape passes over an escape sequence (RFC 8259, section 7).
func (s *scanner) escape() error {
	at := s.pos
	s.pos++
	switch s.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos++
		return nil
	case 'u':
	default:
		return s.fail(at, "malformed JSON: an unknown escape")
	}
	r, ok := hex4(s.data[s.pos+1:])
	if !ok {
		return s.fail(at, "malformed JSON: an incomplete escape")
	}
	s.pos += 5
	if !utf16.IsSurrogate(r) {
		return nil
	}
	rest := s.data[s.pos:]
	if len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
		if second, ok := hex4(rest[2:]); ok && utf16.DecodeRune(r, second) != utf8.RuneError {
			s.pos += 6
			return nil
		}
	}
	return s.fail(at, "an escape of half a surrogate pair")
}

// hex4 reads four hexadecimal digits.
func hex4(data []byte) (rune, bool) {
	if len(data) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range data[:4] {
		switch {
		case isDigit(c):
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape appends what the inside of a string that was checked stands for.
func unescape(dst, raw []byte) []byte {
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			n := i + plainPrefix(raw[i:])
			dst = append(dst, raw[i:n]...)
			i = n
			continue
		}
		switch c := raw[i+1]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, _ := hex4(raw[i+2:])
			if utf16.IsSurrogate(r) {
				second, _ := hex4(raw[i+8:])
				r = utf16.DecodeRune(r, second)
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
			i += 4
		default: // a quote, a backslash, a slash
			dst = append(dst, c)
		}
		i += 2
	}
	return dst
}
