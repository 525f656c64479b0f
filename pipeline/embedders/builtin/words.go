package builtin

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxChars is the length in characters above which a word is unknown as a
// whole, as in BERT.
const maxChars = 100

// words splits a text into words and these into tokens. It stands on its
// stack frame and allocates nothing.
type words struct {
	vocab *vocabulary
	text  string
	pos   int // of the next unread byte

	ids   [maxChars]uint16 // tokens of the current word
	found int              // valid ids

	buf   [maxChars * utf8.UTFMax]byte // the word, normalised
	n     int                          // bytes in buf
	chars int                          // characters of the word, also those beyond buf
}

// pieces are the tokens of the current word, at least one. They are valid
// until the next word.
func (w *words) pieces() []uint16 { return w.ids[:w.found] }

// next moves to the next word.
func (w *words) next() bool {
	w.n, w.chars = 0, 0
	for w.pos < len(w.text) {
		c := w.text[w.pos]
		switch {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			w.letter(c)
		case 'A' <= c && c <= 'Z':
			w.letter(c + 'a' - 'A')
		case c >= utf8.RuneSelf:
			if w.wide() {
				return w.tokenize()
			}
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			w.pos++
			if w.chars > 0 {
				return w.tokenize()
			}
		case c < ' ' || c == 0x7f:
			w.pos++
		default: // ASCII punctuation and symbols
			if w.chars == 0 {
				w.letter(c)
			}
			return w.tokenize()
		}
	}
	return w.chars > 0 && w.tokenize()
}

// letter takes the ASCII character at pos, already in lower case.
func (w *words) letter(c byte) {
	if w.chars < maxChars {
		w.buf[w.n] = c
		w.n++
	}
	w.chars++
	w.pos++
}

// wide reads the character outside ASCII at pos and reports whether a word is
// complete, which may be the one before it: the character is read again then.
func (w *words) wide() bool {
	// Invalid bytes read as U+FFFD, which is dropped like a control character.
	r, size := utf8.DecodeRuneInString(w.text[w.pos:])
	switch {
	case unicode.Is(droppedChars, r):
		w.pos += size
		return false
	case unicode.IsSpace(r):
		w.pos += size
		return w.chars > 0
	case ideograph(r):
		if w.chars == 0 {
			w.decompose(r, size)
		}
		return true
	}
	if w.chars > 0 && breaks(r) {
		return true
	}
	w.decompose(r, size)
	return w.chars == 1 && breaks(r)
}

// breaks reports whether r is a word of its own. A few characters become
// punctuation only by decomposition (≠ is an = with a stroke).
func breaks(r rune) bool {
	if d := norm.NFD.PropertiesString(string(r)).Decomposition(); d != nil {
		r, _ = utf8.DecodeRune(d)
		if r < utf8.RuneSelf {
			return unicode.IsPunct(r) || unicode.IsSymbol(r)
		}
	}
	return unicode.Is(punctuation, r)
}

// decompose takes the character r of the given size at pos into the word,
// without accents and in lower case. It goes character by character: the
// canonical reordering of NFD moves accents only, which are dropped.
func (w *words) decompose(r rune, size int) {
	if syllable := r - 0xAC00; syllable >= 0 && syllable < 11172 {
		// Hangul syllables decompose by arithmetic, not by table.
		w.take(0x1100 + syllable/588)
		w.take(0x1161 + syllable%588/28)
		if final := syllable % 28; final > 0 {
			w.take(0x11A7 + final)
		}
	} else if d := norm.NFD.PropertiesString(w.text[w.pos:]).Decomposition(); d != nil {
		for len(d) > 0 {
			part, n := utf8.DecodeRune(d)
			if !unicode.Is(droppedChars, part) {
				w.take(unicode.ToLower(part))
			}
			d = d[n:]
		}
	} else {
		w.take(unicode.ToLower(r))
	}
	w.pos += size
}

// take adds one normalised character to the word.
func (w *words) take(r rune) {
	if w.chars < maxChars {
		w.n += utf8.EncodeRune(w.buf[w.n:w.n+utf8.RuneLen(r)], r)
	}
	w.chars++
}

// tokenize finds the tokens of the word in buf: greedily the longest piece,
// and [UNK] for the whole word where a part of it is in no piece.
func (w *words) tokenize() bool {
	w.found = 0
	if w.chars <= maxChars {
		for at := 0; at < w.n; {
			id, n := w.vocab.prefix(w.buf[at:w.n], at > 0)
			if n == 0 {
				w.found = 0
				break
			}
			w.ids[w.found] = id
			w.found++
			at += n
		}
	}
	if w.found == 0 {
		w.ids[0], w.found = w.vocab.unknown, 1
	}
	return true
}

// ideograph reports whether the teacher's tokenizer puts spaces around r: the
// blocks of unified and compatibility ideographs as of its time, no kana and
// no hangul. It skips 2B820 to 2B91F, so these are skipped here.
func ideograph(r rune) bool {
	return 0x4E00 <= r && r <= 0x9FFF || 0x3400 <= r && r <= 0x4DBF ||
		0xF900 <= r && r <= 0xFAFF || 0x20000 <= r && r <= 0x2A6DF ||
		0x2A700 <= r && r <= 0x2B81F || 0x2B920 <= r && r <= 0x2CEAF ||
		0x2F800 <= r && r <= 0x2FA1F
}
