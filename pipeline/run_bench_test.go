package pipeline_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// repeated yields n documents that share one text.
type repeated struct {
	ids     []string
	text    string
	payload []pipeline.Field
}

func (s repeated) Documents(context.Context) iter.Seq2[pipeline.Document, error] {
	return func(yield func(pipeline.Document, error) bool) {
		for i, id := range s.ids {
			doc := pipeline.Document{
				ID: id, Text: s.text, Payload: s.payload,
				Origin: pipeline.Origin{File: "bench.jsonl", Row: int64(i + 1)},
			}
			if !yield(doc, nil) {
				return
			}
		}
	}
}

// constant answers every text with the same vector, out of one piece of
// memory, so that what is measured is the engine.
type constant struct{ data []float32 }

func (e constant) Embed(_ context.Context, texts []string) (pipeline.Vectors, error) {
	const dim = 4
	return pipeline.Vectors{Dim: dim, Data: e.data[:dim*len(texts)]}, nil
}

// discard takes points and keeps none.
type discard struct{}

func (discard) Prepare(context.Context, pipeline.Spaces) error { return nil }
func (discard) Write(context.Context, []pipeline.Point) error  { return nil }

// BenchmarkRun measures what the engine itself costs a document of 100 words:
// the embedder and the index do nothing. One iteration is one document.
func BenchmarkRun(b *testing.B) {
	const texts = 32
	data := make([]float32, 4*texts)
	for i := range data {
		data[i] = 1
	}
	ids := make([]string, b.N)
	for i := range ids {
		ids[i] = fmt.Sprintf("corpus/document-%09d", i)
	}
	p := single{
		Source: repeated{
			ids:     ids,
			text:    strings.Repeat("some word ", 50),
			payload: []pipeline.Field{{Name: "title", Value: pipeline.String("a title")}, {Name: "year", Value: pipeline.Int(2026)}},
		},
		Embedder: constant{data},
		Index:    discard{},
		Space:    pipeline.Space{Model: "constant", Dim: 4},
		Limits:   limits{Texts: texts, InFlight: 8, Writers: 2, Points: 256},
	}
	b.ReportAllocs()
	b.ResetTimer()
	report, err := p.Run(b.Context(), b.Context())
	if err != nil || report.Written != int64(b.N) {
		b.Fatalf("written %d of %d, error %v", report.Written, b.N, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
}

func BenchmarkNewPointID(b *testing.B) {
	b.ReportAllocs()
	for i := range b.N {
		_ = pipeline.NewPointID(vectorName, "corpus/document-000000001", i)
	}
}
