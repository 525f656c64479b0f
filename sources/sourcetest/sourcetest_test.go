package sourcetest_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources/sourcetest"
)

// memory is a source of records in memory.
type memory []sourcetest.Record

func (m memory) Documents(ctx context.Context) iter.Seq2[pipeline.Document, error] {
	return func(yield func(pipeline.Document, error) bool) {
		for i, r := range m {
			if ctx.Err() != nil {
				yield(pipeline.Document{}, context.Cause(ctx))
				return
			}
			doc := r.Document()
			doc.Origin = pipeline.Origin{File: "memory", Row: int64(i) + 1}
			var err error
			if doc.Text == "" {
				err = pipeline.Reject(doc.Origin, errors.New("the text is empty"))
			}
			if !yield(doc, err) {
				return
			}
		}
	}
}

func TestMemoryKeepsThePromisesOfASource(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(_ testing.TB, records []sourcetest.Record) pipeline.Source { return memory(records) })
}
