package builtin

import (
	"math/bits"
	"unicode/utf8"
)

// CountTokens returns the number of WordPiece tokens of text, without the
// special ones that other models put around it.
func (e *Embedder) CountTokens(text string) int {
	c, ok := e.counters.Get().(*counter)
	if !ok {
		c = &counter{vocab: e.vocab}
	}
	n := c.count(text)
	e.counters.Put(c)
	return n
}

// counter counts tokens without naming them. Of short words, which are most of
// any text and come again and again, it remembers how many pieces they have.
// It is used by one goroutine at a time.
type counter struct {
	vocab *vocabulary
	known [1 << knownBits]known
}

// known is a word of up to 15 ASCII letters and digits, in lower case, and in
// the last byte of high the number of its pieces; 0 where nothing is known.
type known struct{ low, high uint64 }

const (
	knownBits  = 12
	knownChars = 15
	piecesAt   = 56 // bits before the last byte

	// ahead is how many bytes are looked at where a word begins.
	ahead = 16
)

func (c *counter) count(text string) int {
	n, at := 0, 0
	if len(text) > ahead {
		n, at = c.upTo(text, len(text)-ahead)
	}
	if at >= len(text) {
		return n
	}
	// Spaces behind the last bytes change nothing, and give room to look ahead.
	var last [2 * ahead]byte
	for i := copy(last[:], text[at:]); i < len(last); i++ {
		last[i] = ' '
	}
	more, _ := c.upTo(string(last[:]), len(text)-at)
	return n + more
}

// upTo counts the tokens of the words that begin before end, behind which
// there are at least as many bytes as are looked at, and returns where the
// next word may begin.
func (c *counter) upTo(text string, end int) (n, at int) {
	for at < end {
		low, length := lettersAt(text, at)
		if length == 0 {
			switch b := text[at]; {
			case b >= utf8.RuneSelf:
				pieces, next := c.spelt(text, at)
				n, at = n+pieces, next
			case b > ' ' && b != 0x7f: // punctuation is a token
				n++
				at++
			default:
				at++
			}
			continue
		}
		var high uint64
		if length == 8 {
			var more int
			high, more = lettersAt(text, at+8)
			length += more
		}
		if length > knownChars || goesOn(text[at+length]) {
			pieces, next := c.spelt(text, at)
			n, at = n+pieces, next
			continue
		}
		// An empty slot is of no word, since low is not 0.
		slot := &c.known[(low*hashLow^high*hashHigh)>>(64-knownBits)]
		if slot.low != low || slot.high&(1<<piecesAt-1) != high {
			pieces, _ := c.spelt(text, at)
			*slot = known{low, high | uint64(pieces)<<piecesAt}
		}
		n += int(slot.high >> piecesAt)
		if at += length; text[at] == ' ' {
			at++
		}
	}
	return n, at
}

// spelt counts the pieces of the word that begins at a place, and returns where
// the next may begin.
func (c *counter) spelt(text string, at int) (pieces, next int) {
	w := words{vocab: c.vocab, text: text, pos: at}
	if !w.next() {
		return 0, len(text)
	}
	return w.found, w.pos
}

// goesOn reports whether a word may go on with a byte that is no ASCII letter
// or digit: a part of another character, or a control character, which is
// dropped from within a word.
func goesOn(b byte) bool {
	return b-' ' >= 0x7f-' ' && b != '\n' && b != '\t' && b != '\r'
}

// Odd numbers without a pattern, by which words are spread over the slots.
const (
	hashLow  = 0x9e3779b97f4a7c15
	hashHigh = 0xc2b2ae3d27d4eb4f
)

// lettersAt returns the ASCII letters and digits among the eight bytes at a
// place, up to the first other byte, in lower case, and how many there are.
func lettersAt(text string, at int) (lower uint64, length int) {
	const (
		each = 0x0101010101010101
		high = 0x80 * each
	)
	s := text[at : at+8]
	x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	// A byte below 0x80 and a number give a high bit where they reach it
	// together, and carry nothing into the next byte.
	ascii := x &^ high
	lower = ascii | 0x20*each
	letter := (lower + (0x80-'a')*each) &^ (lower + (0x7f-'z')*each)
	digit := (ascii + (0x80-'0')*each) &^ (ascii + (0x7f-'9')*each)
	other := high &^ ((letter | digit) &^ x)
	if other == 0 {
		return lower, 8
	}
	return lower & (other&-other>>7 - 1), bits.TrailingZeros64(other) / 8
}
