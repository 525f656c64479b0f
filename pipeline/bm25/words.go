package bm25

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// shape is what a word has that asks for more than its own term.
type shape struct {
	letters    bool // or digits: without any it is no word
	underscore bool
	upper      bool // behind its first character
	unspaced   bool
}

// read counts the terms of a normalized text.
func (c *counter) read(text string) {
	for at := 0; at < len(text); {
		end, form := scan(text, at)
		if end == at { // between words
			_, size := decode(text, at)
			at += size
			continue
		}
		start, chain := at, false
		for {
			if form.letters {
				c.word(text[at:end], form)
			}
			at = end
			// A single full stop inside joins words: io.Reader, 1.26.0.
			if c.model.options.Plain || !form.letters || at >= len(text) || text[at] != '.' {
				break
			}
			next, following := scan(text, at+1)
			if !following.letters {
				break
			}
			at, end, form, chain = at+1, next, following, true
		}
		if chain {
			c.exact(text[start:end])
		}
	}
}

// decode returns the character at a place of a text.
func decode(text string, at int) (rune, int) {
	if b := text[at]; b < utf8.RuneSelf {
		return rune(b), 1
	}
	return utf8.DecodeRuneInString(text[at:])
}

// scan returns where the word that starts at a place ends: there, where none
// does.
func scan(text string, start int) (int, shape) {
	var form shape
	at := start
	for at < len(text) {
		b := text[at]
		switch {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9':
			form.letters = true
		case 'A' <= b && b <= 'Z':
			form.letters = true
			form.upper = form.upper || at > start
		case b == '_':
			form.underscore = true
		case b < utf8.RuneSelf:
			return at, form
		default:
			r, size := utf8.DecodeRuneInString(text[at:])
			if !inWord(r) {
				return at, form
			}
			form.letters = form.letters || !joined(r)
			form.upper = form.upper || at > start && unicode.IsUpper(r)
			form.unspaced = form.unspaced || unspaced(r)
			at += size
			continue
		}
		at++
	}
	return at, form
}

// word counts the terms of a word: its own, and those of its parts.
func (c *counter) word(word string, form shape) {
	if form.unspaced {
		c.mixed(word)
		return
	}
	if c.take(word) {
		c.length++
	}
	switch {
	case c.model.options.Plain:
	case form.underscore:
		for part := range strings.SplitSeq(word, "_") {
			if part != "" {
				c.take(part)
				c.humps(part)
			}
		}
	case form.upper:
		c.humps(word)
	}
}

// humps counts the parts of a name such as NewReader or HTTPServer, if it has
// any: a part starts with a capital behind what is none, and with the last
// capital of several where two small letters follow (which keeps URLs whole).
func (c *counter) humps(word string) {
	start, last := 0, 0 // of the part, and of the character before
	var before rune
	for at := 0; at < len(word); {
		r, size := decode(word, at)
		cut := start
		switch {
		case at == 0:
		case unicode.IsUpper(r) && !unicode.IsUpper(before):
			cut = at
		case unicode.IsLower(r) && unicode.IsUpper(before):
			if next := at + size; next < len(word) {
				if small, _ := decode(word, next); unicode.IsLower(small) {
					cut = last
				}
			}
		}
		if cut > start {
			c.take(word[start:cut])
			start = cut
		}
		before, last = r, at
		at += size
	}
	if start > 0 {
		c.take(word[start:])
	}
}
