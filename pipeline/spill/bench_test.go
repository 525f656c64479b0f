package spill_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/spill"
)

// table is how many documents a run keeps in memory before it hands them on.
const table = 200_000

// BenchmarkNew measures what a document costs that was not met: looking for
// it, and its part in sorting, writing and merging.
func BenchmarkNew(b *testing.B) {
	for _, millions := range []int{1, 4, 16} {
		b.Run(fmt.Sprintf("of %d million", millions), func(b *testing.B) {
			for range b.N {
				fill(b, millions*1_000_000).Close() //nolint:errcheck,gosec // it is thrown away
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(millions*1_000_000), "ns/document")
		})
	}
}

// BenchmarkKnown measures looking for documents that are there.
func BenchmarkKnown(b *testing.B) {
	const documents = 4_000_000
	a := fill(b, documents)
	defer a.Close() //nolint:errcheck // it is thrown away
	for b.Loop() {
		random := numbers()
		for range documents - documents%table {
			m := met(random)
			if _, ok, err := a.Find(b.Context(), m); !ok || err != nil {
				b.Fatalf("not found (%v)", err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/documents, "ns/document")
}

func numbers() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) } //nolint:gosec // nothing is secured by it

func met(random *rand.Rand) pipeline.Met {
	return pipeline.Met{ID: random.Uint64(), More: random.Uint32(), Content: 1}
}

func fill(b *testing.B, documents int) *spill.Archive {
	b.Helper()
	a, random := spill.New(spill.Options{Folder: b.TempDir()}), numbers()
	var recent []pipeline.Met
	for range documents {
		m := met(random)
		if _, ok, err := a.Find(b.Context(), m); ok || err != nil {
			b.Fatalf("found (%v)", err)
		}
		if recent = append(recent, m); len(recent) == table {
			slices.SortFunc(recent, pipeline.Met.Compare)
			if err := a.Keep(b.Context(), recent); err != nil {
				b.Fatal(err)
			}
			recent = recent[:0]
		}
	}
	return a
}
