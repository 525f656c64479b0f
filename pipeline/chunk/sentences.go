package chunk

import (
	"iter"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// sentenceEnds yields where the sentences of text end, and whether a
// paragraph ends there too.
func sentenceEnds(text string) iter.Seq2[int, boundary] {
	return func(yield func(int, boundary) bool) {
		begin := 0
		for end := range paragraphEnds(text) {
			unwrapped := unwrap(text[begin:end])
			for from := 0; from < len(unwrapped); {
				to := from + bearable(unwrapped[from:])
				for tokens := sentences.FromString(unwrapped[from:to]); tokens.Next(); {
					from += len(tokens.Value())
					closes := sentence
					if from == len(unwrapped) {
						closes = paragraph
					}
					if !yield(begin+from, closes) {
						return
					}
				}
			}
			begin = end
		}
	}
}

// bearable returns how much of text may be given to the segmenter at once.
// At each character of a run of brackets, quotes and space behind a full stop
// the segmenter looks back over the whole run, so that a long one takes the
// square of its length: 80 kB of spaces take it 15 seconds. Such a run is no
// prose and is cut.
func bearable(text string) int {
	const longest = 64
	run := 0
	for i, r := range text {
		switch {
		case closes(r):
			if run++; run == longest {
				return i + utf8.RuneLen(r)
			}
		case run > 0 && !extends(r):
			run = 0
		}
	}
	return len(text)
}

// closes reports whether the segmenter may take r for part of the end of a
// sentence: the annex's classes Close and Sp, and some punctuation more.
func closes(r rune) bool {
	if r < utf8.RuneSelf {
		switch r {
		case '"', '\'', '(', ')', '[', ']', '{', '}':
			return true
		}
		return r <= ' '
	}
	const ornaments, last, marks, lastMark = 0x275B, 0x2760, 0x1F676, 0x1F678 // quotes that are symbols
	return unicode.IsPunct(r) || unicode.IsSpace(r) ||
		r >= ornaments && r <= last || r >= marks && r <= lastMark
}

// extends reports whether the segmenter may overlook r: its classes Extend
// and Format, and what this version of Go knows no category of.
func extends(r rune) bool {
	return r >= utf8.RuneSelf &&
		(unicode.Is(unicode.Other_Grapheme_Extend, r) || !unicode.In(r, unicode.L, unicode.N, unicode.S))
}
