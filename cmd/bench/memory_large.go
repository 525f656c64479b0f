package main

import (
	"fmt"
	"io"
	"strings"
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

// wideCases measures shapes of Parquet files that readers have to hold much of.
func wideCases(s scenario) []scenario {
	group, few, all := s, s, s
	group.Name, few.Name, all.Name = s.Name+"-one-group", s.Name+"-wide", s.Name+"-wide-all"
	group.Corpus = corpus{Documents: 1_000_000, Words: shortWords, Format: "parquet", OneGroup: true}
	group.Payload = "title"
	few.Corpus = corpus{Documents: 1100, Words: shortWords, Format: "parquet", OneGroup: true, Columns: 1000}
	all.Corpus = few.Corpus
	few.Payload, all.Payload = "title", "*"
	return []scenario{group, few, all}
}

// printPeaks writes the peaks alone: what such a run takes has no course that
// is worth telling.
func (g growth) printPeaks(to io.Writer) {
	fmt.Fprintf(to, "\n%s\n\n", g.Machine)
	fmt.Fprintln(to, "| case | format | documents | peak MB | seconds | CPU s |")
	fmt.Fprintln(to, "| --- | --- | ---: | ---: | ---: | ---: |")
	for _, c := range g.Curves {
		documents := c.Scenario.Corpus.Documents
		fmt.Fprintf(to, "| %s | %s | %d | %.0f | %.0f | %.1f |\n", strings.TrimPrefix(c.Scenario.Name, "memory-"),
			c.Scenario.Corpus.Format, documents, float64(c.Peak)/1e6, float64(documents)/c.Rate, c.CPU*float64(documents)/1e6)
	}
}
