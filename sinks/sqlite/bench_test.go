package sqlite_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/sinktest"
)

func BenchmarkWrite(b *testing.B) {
	sinktest.BenchmarkWrite(b, newIndex(b, filepath.Join(b.TempDir(), "index.db")))
}

func BenchmarkWriteWords(b *testing.B) {
	sinktest.BenchmarkWriteWords(b, newIndex(b, filepath.Join(b.TempDir(), "index.db")))
}

// BenchmarkSearchSparse searches the words of 100,000 points: one that is in
// most of them, and some that are in few.
func BenchmarkSearchSparse(b *testing.B) {
	index := newIndex(b, filepath.Join(b.TempDir(), "index.db"))
	spaces, batches := sinktest.Batches(100, 1000)
	sinktest.AddWords(spaces, batches)
	if err := index.Prepare(b.Context(), spaces); err != nil {
		b.Fatal(err)
	}
	for _, batch := range batches {
		if err := index.Write(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	some := batches[0][0].Sparse
	query := pipeline.Sparse{Indices: some.Indices[:5], Values: []float32{1, 1, 1, 1, 1}}
	for b.Loop() {
		if hits, err := index.SearchSparse(b.Context(), "text", query, 100); err != nil || len(hits) < 5 {
			b.Fatalf("%d hits, error %v", len(hits), err)
		}
	}
	b.ReportMetric(100*1000*float64(b.N)/b.Elapsed().Seconds(), "points/s")
}

func BenchmarkStored(b *testing.B) {
	sinktest.BenchmarkStored(b, newIndex(b, filepath.Join(b.TempDir(), "index.db")))
}

// BenchmarkListed lists 100,000 points; an iteration is one list.
func BenchmarkListed(b *testing.B) {
	index := newIndex(b, filepath.Join(b.TempDir(), "index.db"))
	spaces, batches := sinktest.Batches(100, 1000)
	if err := index.Prepare(b.Context(), spaces); err != nil {
		b.Fatal(err)
	}
	for _, batch := range batches {
		if err := index.Write(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	listed := 0
	for b.Loop() {
		for _, err := range index.Listed(b.Context(), "text") {
			if err != nil {
				b.Fatal(err)
			}
			listed++
		}
	}
	b.ReportMetric(float64(listed)/b.Elapsed().Seconds(), "points/s")
}

func BenchmarkSearch(b *testing.B) {
	b.Run("one vector", func(b *testing.B) { benchmarkSearch(b, "text") })
	// As many points of another vector as of the one that is searched.
	b.Run("one of two", func(b *testing.B) { benchmarkSearch(b, "text", "image") })
}

// benchmarkSearch searches 100,000 points of the first vector.
func benchmarkSearch(b *testing.B, names ...string) {
	b.Helper()
	const points = 100 * 1000
	index := newIndex(b, filepath.Join(b.TempDir(), "index.db"))
	made, batches := sinktest.Batches(100, points/100)
	spaces := pipeline.Spaces{}
	for _, name := range names {
		spaces[name] = made["text"]
	}
	if err := index.Prepare(b.Context(), spaces); err != nil {
		b.Fatal(err)
	}
	for _, batch := range batches {
		for _, name := range slices.Backward(names) { // the ids of the first are looked for below
			for i := range batch {
				batch[i].Name = name
				batch[i].ID = pipeline.NewPointID(name, batch[i].Doc, 0)
			}
			if err := index.Write(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
		}
	}
	query := batches[0][0].Vector
	for b.Loop() {
		hits, err := index.Search(b.Context(), "text", query, 10)
		if err != nil || len(hits) != 10 || hits[0].ID != batches[0][0].ID {
			b.Fatalf("%d hits, error %v", len(hits), err)
		}
	}
	b.ReportMetric(points*float64(b.N)/b.Elapsed().Seconds(), "points/s")
}
