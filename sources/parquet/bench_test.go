package parquet_test

import (
	"fmt"
	"strings"
	"testing"

	arrow "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"

	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/sourcetest"
)

func BenchmarkDocuments(b *testing.B) {
	const documents = 20_000
	records := make([]sourcetest.Record, documents)
	for i := range records {
		records[i] = sourcetest.Record{
			ID:     fmt.Sprintf("doc-%d", i),
			Text:   fmt.Sprintf("%d %s", i, strings.Repeat("the quick brown fox jumps over a lazy dog again ", 10)),
			Number: int64(i),
			Score:  float64(i),
			Tags:   []string{"a", "b"},
			Author: "somebody",
		}
	}
	file := write(b, encode(b, recordFields(b), [][]data{recordColumns(records)}, arrow.WithCompression(compress.Codecs.Snappy)))
	for name, mapping := range map[string]sources.Mapping{
		"fields": {ID: "id", Text: "text", Payload: []string{"number", "score", "meta.author"}},
		"all":    {ID: "id", Text: "text", Payload: []string{"*"}},
	} {
		b.Run(name, func(b *testing.B) {
			source := corpus(b, mapping, file)
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for _, err := range source.Documents(b.Context()) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != documents {
					b.Fatalf("got %d documents, want %d", n, documents)
				}
			}
			b.ReportMetric(float64(documents)*float64(b.N)/b.Elapsed().Seconds(), "docs/s")
		})
	}
}
