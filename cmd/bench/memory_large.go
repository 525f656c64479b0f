package main

import (
	"fmt"
	"io"
)

const (
	// largeWords make a document of 10 MB.
	largeWords = 1_900_000
	// largeDocuments fill what a run lets in at once many times.
	largeDocuments = 60
	// largeCut is how many documents are cut into chunks, of which each has
	// some ten thousand.
	largeCut = 12
	// chunkTokens is what small models read of a text.
	chunkTokens = 256
)

// largeCases measures documents of which one takes more than a thousand
// short ones, as it is and in chunks, from each format.
func largeCases(s scenario) []scenario {
	var out []scenario
	for _, format := range []string{"jsonl", "parquet"} {
		whole, cut := s, s
		whole.Name, cut.Name = s.Name+"-large", s.Name+"-large-chunks"
		whole.Corpus = corpus{Documents: largeDocuments, Words: largeWords, Format: format}
		cut.Corpus = corpus{Documents: largeCut, Words: largeWords, Format: format}
		cut.ChunkTokens = chunkTokens
		out = append(out, whole, cut)
	}
	return out
}

// printLarge writes the peaks alone: what a run over few documents takes has
// no course that is worth telling.
func (g growth) printLarge(to io.Writer) {
	fmt.Fprintf(to, "\n%s\n\n", g.Machine)
	fmt.Fprintln(to, "| index | format | documents of 10 MB | as | peak MB | seconds |")
	fmt.Fprintln(to, "| --- | --- | ---: | --- | ---: | ---: |")
	for _, c := range g.Curves {
		as := "one text each"
		if n := c.Scenario.ChunkTokens; n > 0 {
			as = fmt.Sprintf("chunks of %d tokens", n)
		}
		documents := c.Scenario.Corpus.Documents
		fmt.Fprintf(to, "| %s | %s | %d | %s | %.0f | %.0f |\n",
			c.Scenario.Index, c.Scenario.Corpus.Format, documents, as, float64(c.Peak)/1e6, float64(documents)/c.Rate)
	}
}
