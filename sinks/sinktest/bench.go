package sinktest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// benchDim is that of all-MiniLM-L6-v2 and of many models of its size.
const (
	benchDim   = 384
	benchBatch = 256
)

// Batches makes n batches of size points of 384 dimensions, each with a text
// of about 400 bytes and a payload of five fields, to measure indexes with. Their
// vector is "text".
func Batches(n, size int) (pipeline.Spaces, [][]pipeline.Point) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a benchmark wants the same points each time
	spaces := pipeline.Spaces{vector: {Model: "sinktest/bench", Dim: benchDim, Normalize: true}}
	batches := make([][]pipeline.Point, n)
	for i := range batches {
		batches[i] = make([]pipeline.Point, size)
		for j := range batches[i] {
			doc := "https://example.com/docs/" + strconv.Itoa(i) + "/" + strconv.Itoa(j)
			components := make(pipeline.Vector, benchDim)
			for k := range components {
				components[k] = float32(random.NormFloat64())
			}
			batches[i][j] = pipeline.Point{
				ID: pipeline.NewPointID(vector, doc, 0), Name: vector, Doc: doc, Chunks: 1, Text: benchText(random), Vector: components,
				Made: made(doc),
				Payload: []pipeline.Field{
					{Name: "title", Value: pipeline.String("A title of some words")},
					{Name: "url", Value: pipeline.String(doc)},
					{Name: "published_at", Value: pipeline.String("2026-11-21T10:00:00Z")},
					{Name: "views", Value: pipeline.Int(random.Int64N(1e9))},
					{Name: "tags", Value: pipeline.List([]pipeline.Value{pipeline.String("a"), pipeline.String("b")})},
				},
			}
		}
	}
	return spaces, batches
}

// AddWords puts a sparse vector of about 75 terms beside the vector of each
// point, as a text of 100 words has, and says so in the spaces.
func AddWords(spaces pipeline.Spaces, batches [][]pipeline.Point) {
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // as above
	// Some words are in most texts, most words in few.
	often := rand.NewZipf(random, 1.1, 3, 200_000)
	for _, batch := range batches {
		for i := range batch {
			counts := map[uint32]float32{}
			for range 90 {
				counts[uint32(often.Uint64())*2_654_435_761]++
			}
			s := pipeline.Sparse{Indices: slices.Sorted(maps.Keys(counts))}
			for _, index := range s.Indices {
				s.Values = append(s.Values, counts[index])
			}
			batch[i].Sparse = s
		}
	}
	for name, space := range spaces {
		space.Sparse = "sinktest words"
		spaces[name] = space
	}
}

func benchText(random *rand.Rand) string {
	var text []byte
	for len(text) < 400 {
		text = append(strconv.AppendUint(text, random.Uint64(), 36), ' ')
	}
	return string(text)
}

// BenchmarkWrite measures Write with batches of 256 points of 384 dimensions.
// An iteration is one batch.
func BenchmarkWrite(b *testing.B, index pipeline.Index) {
	b.Helper()
	spaces, batches := Batches(40, benchBatch)
	benchmarkWrite(b, index, spaces, batches)
}

// BenchmarkWriteWords measures the same with sparse vectors.
func BenchmarkWriteWords(b *testing.B, index pipeline.Index) {
	b.Helper()
	spaces, batches := Batches(40, benchBatch)
	AddWords(spaces, batches)
	benchmarkWrite(b, index, spaces, batches)
}

func benchmarkWrite(b *testing.B, index pipeline.Index, spaces pipeline.Spaces, batches [][]pipeline.Point) {
	b.Helper()
	if err := index.Prepare(b.Context(), spaces); err != nil {
		b.Fatal(err)
	}
	written := 0
	for b.Loop() {
		batch := batches[written%len(batches)]
		if round := written / len(batches); round > 0 { // new points, not the old ones again
			b.StopTimer()
			for i := range batch {
				batch[i].ID = pipeline.NewPointID(vector, batch[i].Doc, round)
			}
			b.StartTimer()
		}
		if err := index.Write(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		written++
	}
	b.ReportMetric(float64(written*benchBatch)/b.Elapsed().Seconds(), "points/s")
}

// BenchmarkStored measures Stored with groups of 4096 of 100,000 ids, in the
// order in which they were written. An iteration is one group.
func BenchmarkStored(b *testing.B, index Index) {
	b.Helper()
	const group = 4096
	spaces, batches := Batches(100, 1000)
	if err := index.Prepare(b.Context(), spaces); err != nil {
		b.Fatal(err)
	}
	var all []pipeline.PointID
	for _, batch := range batches {
		if err := index.Write(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		all = append(all, ids(batch)...)
	}
	asked, from := 0, 0
	for b.Loop() {
		if from+group > len(all) {
			from = 0
		}
		found, err := index.Stored(b.Context(), vector, all[from:from+group])
		if err != nil || len(found) != group || !found[group-1].Found {
			b.Fatalf("%d answers, error %v", len(found), err)
		}
		asked, from = asked+group, from+group
	}
	b.ReportMetric(float64(asked)/b.Elapsed().Seconds(), "ids/s")
}
