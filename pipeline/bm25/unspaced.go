package bm25

// mixed counts the terms of a word in which there is some of a script without
// spaces: that part by part, and what is between as words.
func (c *counter) mixed(word string) {
	for at := 0; at < len(word); {
		first, _ := decode(word, at)
		kind, end := unspaced(first), at
		for end < len(word) {
			r, size := decode(word, end)
			if unspaced(r) != kind && !joined(r) {
				break
			}
			end += size
		}
		if part := word[at:end]; kind {
			c.pairs(part)
		} else if _, form := scan(part, 0); form.letters {
			form.unspaced = false
			c.word(part, form)
		}
		at = end
	}
}

// pairs counts a text without spaces. A document's terms are its characters
// and all two that follow each other, a query's the twos: they stand for
// words as closely as can be told without a dictionary, and the characters
// are there for the query that is but one. Marks belong to the character
// before them. None of these scripts has cases to fold.
func (c *counter) pairs(text string) {
	units, before := 0, 0 // and where the unit before the current one starts
	for at := 0; at < len(text); units++ {
		end := unit(text, at)
		if c.document || units == 0 && end == len(text) {
			c.indices = append(c.indices, Index(text[at:end]))
		}
		if units > 0 {
			c.indices = append(c.indices, Index(text[before:end]))
		}
		before, at = at, end
	}
	c.length += units
}

// unit returns where the character that starts at a place ends, with its
// marks.
func unit(text string, at int) int {
	_, size := decode(text, at)
	at += size
	for at < len(text) {
		r, size := decode(text, at)
		if !joined(r) {
			break
		}
		at += size
	}
	return at
}
