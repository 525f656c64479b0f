package bm25

import (
	"slices"
	"sync"

	"github.com/blevesearch/snowballstem"

	"github.com/vecload/vecload/pipeline"
)

// Model makes vectors of texts. It may be used by several goroutines at once,
// and gives the same vector for the same text at any time, on any machine.
type Model struct {
	options  Options
	settings string
	stop     map[string]bool
	stem     func(*snowballstem.Env) bool // nil for none
	counters sync.Pool                    // of *counter
}

// New returns the model of options. An error says which of them is wrong.
func New(options Options) (*Model, error) {
	if err := options.validate(); err != nil {
		return nil, err
	}
	options.StopWords = slices.Clone(options.StopWords)
	m := &Model{options: options, settings: options.settings(), stem: stemmer(options.Language)}
	m.stop = map[string]bool{}
	for _, word := range options.stopWords() {
		m.stop[word] = true
	}
	m.counters.New = func() any { return &counter{model: m, known: map[string]term{}} }
	return m, nil
}

// Settings returns a line that is the same for two models only where their
// vectors may be in one index. A query's vector suits an index of the same
// line.
func (m *Model) Settings() string { return m.settings }

// Document returns the vector of a document, its values above zero. It is
// empty for a text of which no word is left.
func (m *Model) Document(text string) pipeline.Sparse {
	c := m.count(text, true)
	defer m.release(c)
	k1, b := m.options.K1, m.options.B
	// The conversions forbid the compiler to fuse products and sums, which it
	// does on some machines and not on others.
	long := 1 - b + float64(b*float64(c.length)/m.options.AvgLen)
	usual := float64(k1 * long)
	return c.sparse(func(tf float64) float64 { return float64(tf*(k1+1)) / (tf + usual) })
}

// Query returns the vector of a query: its terms, each with the number of
// times that it is in the text. It is empty for a text of which no word is
// left, and finds nothing then.
func (m *Model) Query(text string) pipeline.Sparse {
	c := m.count(text, false)
	defer m.release(c)
	return c.sparse(func(tf float64) float64 { return tf })
}

// count returns a counter that has read the text. The caller releases it.
func (m *Model) count(text string, document bool) *counter {
	c, _ := m.counters.Get().(*counter)
	c.document, c.length, c.indices = document, 0, c.indices[:0]
	c.read(normalize(text))
	return c
}

// release keeps a counter for the next text.
func (m *Model) release(c *counter) {
	if cap(c.indices) > kept {
		c.indices = nil
	}
	if cap(c.folded) > kept {
		c.folded, c.folder.wide = nil, nil
	}
	m.counters.Put(c)
}
