package bm25

import (
	"slices"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"

	"github.com/vecload/vecload/pipeline"
)

const (
	// longest is the number of characters above which a word is no word of a
	// language and is not stemmed, which takes the square of its length. It is
	// the length above which FastEmbed leaves a word out.
	longest = 40
	// remembered is the number of words whose stems are kept: about 2 MiB for
	// a counter, and most words of any text.
	remembered = 1 << 14
	// kept is the number of indices, and of a word's bytes, above which a
	// counter gives back its memory after a text.
	kept = 1 << 20
)

// counter reads one text at a time and collects its terms.
type counter struct {
	model    *Model
	document bool // and not a query
	length   int  // of the text in words
	indices  []uint32
	folder   folder
	folded   []byte // the current word
	known    map[string]term
}

// term is what a folded word stands for.
type term struct {
	index uint32
	out   bool // a stop word
}

// sparse returns the vector of the terms; weight gives the value of a term by
// its count.
func (c *counter) sparse(weight func(tf float64) float64) pipeline.Sparse {
	slices.Sort(c.indices)
	distinct := 0
	for i, index := range c.indices {
		if i == 0 || index != c.indices[i-1] {
			distinct++
		}
	}
	if distinct == 0 {
		return pipeline.Sparse{}
	}
	s := pipeline.Sparse{Indices: make([]uint32, 0, distinct), Values: make([]float32, 0, distinct)}
	for i := 0; i < len(c.indices); {
		end := i + 1
		for end < len(c.indices) && c.indices[end] == c.indices[i] {
			end++
		}
		s.Indices = append(s.Indices, c.indices[i])
		s.Values = append(s.Values, float32(weight(float64(end-i))))
		i = end
	}
	return s
}

// take counts the term of a word, unless it is a stop word, and reports
// whether it was counted.
func (c *counter) take(word string) bool {
	c.folded = c.folder.append(c.folded[:0], word)
	m := c.model
	if m.stem == nil {
		if m.stop[string(c.folded)] {
			return false
		}
		c.indices = append(c.indices, index(c.folded))
		return true
	}
	t, ok := c.known[string(c.folded)]
	if !ok {
		folded := string(c.folded)
		t = m.term(folded)
		if len(folded) <= longest {
			if len(c.known) >= remembered {
				clear(c.known)
			}
			c.known[folded] = t
		}
	}
	if t.out {
		return false
	}
	c.indices = append(c.indices, t.index)
	return true
}

// exact counts a word as it is, whole.
func (c *counter) exact(word string) {
	c.folded = c.folder.append(c.folded[:0], word)
	c.indices = append(c.indices, index(c.folded))
}

// term returns what a folded word stands for.
func (m *Model) term(word string) term {
	if m.stop[word] {
		return term{out: true}
	}
	if utf8.RuneCountInString(word) <= longest {
		env := snowballstem.NewEnv(word)
		m.stem(env)
		if stem := env.Current(); stem != "" { // as of a Tamil word that is all endings
			word = stem
		}
	}
	return term{index: Index(word)}
}
