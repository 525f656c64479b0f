package jsonl_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/vecload/vecload/sources"
)

// hundredWords is a text of 100 words, as most passages are.
func hundredWords(i int) string {
	words := strings.Fields(strings.Repeat("the quick brown fox jumps over a lazy dog again ", 10))
	words[i%len(words)] = fmt.Sprintf("number%d", i)
	return strings.Join(words, " ")
}

func BenchmarkDocuments(b *testing.B) {
	const documents = 20_000
	var plain bytes.Buffer
	for i := range documents {
		fmt.Fprintf(&plain, `{"id":"doc-%d","title":"Title %d","url":"https://example.com/docs/%d","published":%d,"score":0.%d,"tags":["a","b"],"meta":{"author":"somebody","lang":"en"},"text":%q}`+"\n",
			i, i, i, 1700000000+i, i, hundredWords(i))
	}
	for name, mapping := range map[string]sources.Mapping{
		"fields":   {ID: "id", Text: "text", Payload: []string{"title", "url", "published"}},
		"template": {ID: "id", Text: "{{.title}}\n\n{{.text}}", Payload: []string{"title", "url", "published"}},
		"branches": {ID: "id", Text: "{{if .title}}{{.title}}: {{end}}{{.text}}", Payload: []string{"title", "url", "published"}},
		"all":      {ID: "id", Text: "text", Payload: []string{"*"}},
	} {
		for _, ext := range []string{"jsonl", "jsonl.gz", "jsonl.zst"} {
			if ext != "jsonl" && name != "fields" {
				continue
			}
			b.Run(name+"/"+ext, func(b *testing.B) {
				source := corpus(b, mapping, write(b, "a."+ext, plain.Bytes()))
				b.SetBytes(int64(plain.Len()))
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
}
