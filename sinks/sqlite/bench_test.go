package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/vecload/vecload/sinks/sinktest"
)

func BenchmarkWrite(b *testing.B) {
	sinktest.BenchmarkWrite(b, newIndex(b, filepath.Join(b.TempDir(), "index.db")))
}

func BenchmarkSearch(b *testing.B) {
	const points = 100 * 1000
	index := newIndex(b, filepath.Join(b.TempDir(), "index.db"))
	space, batches := sinktest.Batches(100, points/100)
	if err := index.Prepare(b.Context(), space); err != nil {
		b.Fatal(err)
	}
	for _, batch := range batches {
		if err := index.Write(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	query := batches[0][0].Vector
	for b.Loop() {
		hits, err := index.Search(b.Context(), query, 10)
		if err != nil || len(hits) != 10 || hits[0].ID != batches[0][0].ID {
			b.Fatalf("%d hits, error %v", len(hits), err)
		}
	}
	b.ReportMetric(points*float64(b.N)/b.Elapsed().Seconds(), "points/s")
}
