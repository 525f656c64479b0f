package bm25

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// normalize returns text in the normal form NFKC, without what has no
// appearance.
func normalize(text string) string {
	if strings.IndexFunc(text, ignored) >= 0 {
		text = strings.Map(func(r rune) rune {
			if ignored(r) {
				return -1
			}
			return r
		}, text)
	}
	return norm.NFKC.String(text)
}

// ignored reports whether r has no appearance and does not part words: soft
// hyphens, joiners, directions, variation selectors, tags. A zero width space
// parts words.
func ignored(r rune) bool {
	if r < 0xAD {
		return false
	}
	return r == 0xAD || r == 0x61C || r >= 0x180B && r <= 0x180F ||
		r >= 0x200C && r <= 0x200F || r >= 0x202A && r <= 0x202E ||
		r >= 0x2060 && r <= 0x206F || r >= 0xFE00 && r <= 0xFE0F ||
		r == 0xFEFF || r >= 0xE0000 && r <= 0xE0FFF
}

// folder folds words. The zero value is ready.
type folder struct {
	caser transform.Transformer
	wide  []byte // the word that is being folded
}

// append appends word in the full case folding of Unicode.
func (f *folder) append(dst []byte, word string) []byte {
	for i := range len(word) {
		b := word[i]
		if b >= utf8.RuneSelf {
			return f.appendWide(dst[:len(dst)-i], word)
		}
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		dst = append(dst, b)
	}
	return dst
}

func (f *folder) appendWide(dst []byte, word string) []byte {
	if f.caser == nil {
		f.caser = cases.Fold()
	}
	f.wide = append(f.wide[:0], word...)
	folded, _, err := transform.Append(f.caser, dst, f.wide)
	if err != nil {
		// Folding has no error of its own; the word is as good unfolded.
		return append(dst, word...)
	}
	return folded
}

// inWord reports whether r belongs to words: letters, digits and other
// numbers, marks on them, and the underscore.
func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || joined(r)
}

// joined reports whether r is a mark that belongs to the character before it.
func joined(r rune) bool {
	return r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Mc)
}

// unspaced reports whether r is of a script that puts no space between words,
// or, as Korean, many words between two spaces.
func unspaced(r rune) bool {
	switch {
	case r < 0x0E00:
		return false
	case r >= 0x3041 && r <= 0x30FF, r >= 0x4E00 && r <= 0x9FFF, r >= 0xAC00 && r <= 0xD7A3:
		return true // what nearly all of it is
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Bopomofo, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
