package builtin_test

import (
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/builtin"
)

// hundredWords is plain English prose, repeated to exactly 100 words.
func hundredWords() string {
	words := strings.Fields(`Copy copies from src to dst until either EOF is reached on src or an error occurs.
		It returns the number of bytes copied and the first error encountered while copying, if any. A successful
		Copy returns no error, because it is defined to read until the end. When the source knows how to write
		itself the copying is left to it, and otherwise to a destination that knows how to read.`)
	for len(words) < 100 {
		words = append(words, words...)
	}
	return strings.Join(words[:100], " ")
}

func BenchmarkEmbed100Words(b *testing.B) {
	e := model(b)
	texts := make([]string, 64)
	for i := range texts {
		texts[i] = hundredWords()
	}
	b.ReportAllocs()
	docs := 0
	for b.Loop() {
		if _, err := e.Embed(b.Context(), texts); err != nil {
			b.Fatal(err)
		}
		docs += len(texts)
	}
	b.ReportMetric(float64(docs)/b.Elapsed().Seconds(), "docs/s")
	b.ReportMetric(float64(e.CountTokens(texts[0])), "tokens/doc")
}

func BenchmarkCountTokens100Words(b *testing.B) {
	e := model(b)
	text := hundredWords()
	b.ReportAllocs()
	for b.Loop() {
		e.CountTokens(text)
	}
}

func BenchmarkEmbedIdeographs(b *testing.B) {
	e := model(b)
	texts := []string{strings.Repeat("向量数据库 café ", 25)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Embed(b.Context(), texts); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := builtin.New(); err != nil {
			b.Fatal(err)
		}
	}
}
