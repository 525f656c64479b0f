package chunk

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/clipperhouse/uax29/v2/words"
)

// boundary is a place where a text may be cut, or the unit that ends there.
// A higher one is a better place.
type boundary uint8

const (
	grapheme boundary = iota
	word              // of Unicode, which also parts what no space parts
	gap               // after space
	line
	sentence
	paragraph
)

// units yields where the units of a kind finer than a sentence end in text;
// the last end is that of text.
func units(text string, kind boundary) iter.Seq[int] {
	switch kind {
	case line:
		return lineEnds(text)
	case gap:
		return gapEnds(text)
	case word:
		return wordEnds(text)
	case grapheme, sentence, paragraph:
	}
	return graphemeEnds(text)
}

func lineEnds(text string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for end := 0; end < len(text); {
			length := strings.IndexByte(text[end:], '\n') + 1
			if length == 0 {
				length = len(text) - end
			}
			end += length
			if !yield(end) {
				return
			}
		}
	}
}

// gapEnds parts a text behind its spaces.
func gapEnds(text string) iter.Seq[int] {
	return func(yield func(int) bool) {
		spaced := false
		for i, r := range text {
			if unicode.IsSpace(r) {
				spaced = true
			} else if spaced {
				spaced = false
				if !yield(i) {
					return
				}
			}
		}
		if text != "" {
			yield(len(text))
		}
	}
}

// wordEnds parts a text at its words. What closes a word (punctuation that
// is not opening, and space) stays with it.
func wordEnds(text string) iter.Seq[int] {
	return func(yield func(int) bool) {
		end := 0
		for tokens := words.FromString(text); tokens.Next(); {
			token := tokens.Value()
			first, _ := utf8.DecodeRuneInString(token)
			closing := unicode.IsSpace(first) || unicode.In(first, unicode.Pe, unicode.Pf, unicode.Po)
			if end > 0 && !closing && !yield(end) {
				return
			}
			end += len(token)
		}
		if end > 0 {
			yield(end)
		}
	}
}

func graphemeEnds(text string) iter.Seq[int] {
	return func(yield func(int) bool) {
		end := 0
		for tokens := graphemes.FromString(text); tokens.Next(); {
			end += len(tokens.Value())
			if !yield(end) {
				return
			}
		}
	}
}
