package bm25_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline/bm25"
)

// prose returns about n bytes of English text in which words repeat as they
// do.
func prose(n int) string {
	const paragraph = `A reader takes what a writer gives, and no more than it asked for. When the
writer is done it says so, and the reader goes home. Nobody waits for nothing!
Function io.Copy calls NewReaderSize with max_value, in some %d or %d places.

`
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, paragraph, i, i*i)
	}
	return b.String()[:n]
}

func BenchmarkDocument(b *testing.B) {
	for name, text := range map[string]string{
		"prose":    prose(1200), // a chunk of 256 tokens
		"accented": strings.ReplaceAll(prose(1200), "e", "é"),
		"long":     prose(1 << 20),
		"japanese": strings.Repeat("データを読み込み、検索する。", 30),
		"code":     strings.Repeat("if err := w.WriteHeader(status_code); err != nil { return fmt.Errorf(err) }\n", 15),
	} {
		b.Run(name, func(b *testing.B) {
			m := model(b, bm25.Default())
			words := len(strings.Fields(text))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				m.Document(text)
			}
			b.ReportMetric(float64(words*b.N)/b.Elapsed().Seconds(), "words/s")
		})
	}
}

func BenchmarkNewWords(b *testing.B) {
	// No word comes twice: each is stemmed.
	var text strings.Builder
	for i := range 1 << 15 {
		fmt.Fprintf(&text, "%s%sational ", strings.Repeat(string(rune('a'+i%26)), 1+i%5), strings.Repeat(string(rune('a'+i/26%26)), 1+i/1000))
	}
	m := model(b, bm25.Default())
	b.ReportAllocs()
	for b.Loop() {
		m.Document(text.String())
	}
	b.ReportMetric(float64((1<<15)*b.N)/b.Elapsed().Seconds(), "words/s")
}
