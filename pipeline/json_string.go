package pipeline

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// AppendJSONString appends s as a JSON string. Bytes that are not UTF-8
// become U+FFFD, since JSON cannot carry them; U+2028 and U+2029 are escaped
// for readers that treat the text as JavaScript.
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if !utf8.ValidString(s) {
		start := 0
		for i, r := range s {
			if r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
				dst = append(appendEscaped(dst, s[start:i]), `\ufffd`...)
				start = i + 1
			}
		}
		s = s[start:]
	}
	return append(appendEscaped(dst, s), '"')
}

const hexDigits = "0123456789abcdef"

// appendEscaped appends text of UTF-8, which goes over in pieces as long as
// nothing in it has to be escaped.
func appendEscaped(dst []byte, s string) []byte {
	start := 0
	for i := special(s, 0); i < len(s); i = special(s, i) {
		switch c := s[i]; c {
		case separator:
			if rest := s[i:]; strings.HasPrefix(rest, "\u2028") || strings.HasPrefix(rest, "\u2029") {
				dst = append(dst, s[start:i]...)
				dst = append(dst, '\\', 'u', '2', '0', '2', hexDigits[s[i+2]&15])
				start = i + 3
			}
			i += 3
			continue
		case '"', '\\':
			dst = append(append(dst, s[start:i]...), '\\', c)
		case '\n':
			dst = append(append(dst, s[start:i]...), '\\', 'n')
		case '\r':
			dst = append(append(dst, s[start:i]...), '\\', 'r')
		case '\t':
			dst = append(append(dst, s[start:i]...), '\\', 't')
		default:
			dst = append(append(dst, s[start:i]...), '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	return append(dst, s[start:]...)
}

// separator is the byte that U+2028 and U+2029 begin with, as the characters
// up to U+2FFF do.
const separator = 0xe2

// special returns the place of the first byte at or behind i that may have to
// be escaped: a quote, a backslash, a control character or a separator. It
// looks at eight bytes at once.
func special(s string, i int) int {
	const each, tops = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(s); i += 8 {
		b := s[i : i+8]
		x := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		quote, backslash, separated := x^each*'"', x^each*'\\', x^each*separator
		// The top bit of a byte tells that it is less than what is taken away.
		// Only behind such a byte can another be disturbed.
		found := (x - each*' ') &^ x
		found |= (quote - each) &^ quote
		found |= (backslash - each) &^ backslash
		found |= (separated - each) &^ separated
		if found &= tops; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == separator {
			return i
		}
	}
	return i
}
