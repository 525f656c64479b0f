package builtin

import (
	"context"
	"errors"
	"sync"

	"github.com/vecload/vecload/pipeline"
)

// Model is the name that configurations and index stamps use for this model.
const Model = "builtin"

// Dim is the length of every vector.
const Dim = 256

// Embedder is the built-in model. It may be used from several goroutines at
// once.
type Embedder struct {
	table    *table
	vocab    *vocabulary
	counters sync.Pool // of *counter
}

var _ pipeline.Embedder = (*Embedder)(nil)

// New reads the model that is linked into the program. It fails only when the
// program was built from damaged files.
func New() (*Embedder, error) {
	t, err := parseTable(tableBytes)
	if err != nil {
		return nil, err
	}
	v, err := parseVocabulary(vocabularyText, t.rows)
	if err != nil {
		return nil, err
	}
	return &Embedder{table: t, vocab: v}, nil
}

// Revision returns twelve hexadecimal digits that change with the weights or
// the vocabulary. Vectors of different revisions are not comparable.
func (e *Embedder) Revision() string { return e.table.revision }

// Embed returns one vector of length 1 for each text, len(texts) × 256
// numbers. A text without any token (only spaces, control characters and
// lone accents) is an error of class Rejected, and there are no vectors then.
func (e *Embedder) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	out := pipeline.Vectors{Dim: Dim, Data: make([]float32, len(texts)*Dim)}
	for i, text := range texts {
		if err := ctx.Err(); err != nil {
			return pipeline.Vectors{}, err
		}
		if !e.embed(text, (*[Dim]float32)(out.Data[i*Dim:])) {
			return pipeline.Vectors{}, &pipeline.Error{
				Op:    "builtin: embed",
				Class: pipeline.Rejected,
				Hint:  "leave out documents without text",
				Err:   errors.New("the text is empty once white space and control characters are removed"),
			}
		}
	}
	return out, nil
}

// embed writes the vector of text to out, or reports that text has no token.
func (e *Embedder) embed(text string, out *[Dim]float32) bool {
	w := words{vocab: e.vocab, text: text}
	var s sum
	found := false
	for w.next() {
		found = true
		s.add(e.table, w.pieces())
	}
	if !found {
		return false
	}
	if !s.unit(e.table, out) {
		// Rows that cancel out exactly say as little as an unknown word.
		s = sum{}
		s.add(e.table, []uint16{e.vocab.unknown})
		s.unit(e.table, out)
	}
	return true
}
