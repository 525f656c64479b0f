package builtin

import "iter"

// Span is one word of a text as the tokenizer splits it: a run of letters and
// digits, one punctuation mark or one ideograph.
type Span struct {
	// Start and End are the place of the word: text[Start:End].
	Start, End int
	// Tokens is the number of WordPiece tokens of the word, at least 1.
	Tokens int
}

// Spans yields the words of text in order. Tokens lie within words, so a cut
// between two spans never divides a token.
func (e *Embedder) Spans(text string) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		w := words{vocab: e.vocab, text: text}
		for w.next() {
			if !yield(Span{Start: w.start, End: w.end, Tokens: w.found}) {
				return
			}
		}
	}
}
