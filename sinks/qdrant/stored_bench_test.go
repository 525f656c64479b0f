package qdrant_test

import (
	"encoding/binary"
	"sync"
	"testing"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// filled makes a collection of n points and returns their ids.
func filled(b *testing.B, n int) (*qdrant.Index, *pb.Client, []pipeline.PointID) {
	b.Helper()
	server := start(b, qdrantserver.Options{})
	index := prepared(b, qdrant.Options{URL: server.URL()})
	ids := make([]pipeline.PointID, n)
	batch := make([]pipeline.Point, 0, 1000)
	for i := range ids {
		doc := string(binary.BigEndian.AppendUint64(nil, uint64(i)))
		ids[i] = pipeline.NewPointID("text", doc, 0)
		batch = append(batch, pipeline.Point{
			ID: ids[i], Name: "text", Doc: doc, Chunks: 1, Text: doc, Vector: pipeline.Vector{1, 0, 0},
			Made:    pipeline.Made{Input: pipeline.DigestText(doc), Rest: pipeline.DigestText(doc + "rest")},
			Payload: []pipeline.Field{{Name: "title", Value: pipeline.String("A title of some words")}},
		})
		if len(batch) == cap(batch) || i == n-1 {
			if err := index.Write(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	return index, client(b, server), ids
}

// BenchmarkStored asks for 200,000 points from two goroutines, through the
// sink's own reader and through the library's, on the cores that the server
// has, too. An iteration is all of them.
func BenchmarkStored(b *testing.B) {
	const n = 200_000
	index, library, ids := filled(b, n)
	own := func(b *testing.B, ids []pipeline.PointID) int {
		stored, err := index.Stored(b.Context(), "text", ids)
		if err != nil {
			b.Error(err)
		}
		found := 0
		for i := range stored {
			if stored[i].Found && stored[i].Chunks == 1 {
				found++
			}
		}
		return found
	}
	generated := func(b *testing.B, ids []pipeline.PointID) int {
		request := &pb.GetPoints{CollectionName: "docs", WithPayload: pb.NewWithPayloadInclude("_vecload_made")}
		for _, id := range ids {
			request.Ids = append(request.Ids, pb.NewIDUUID(id.String()))
		}
		points, err := library.Get(b.Context(), request)
		if err != nil {
			b.Error(err)
		}
		found := 0
		for _, p := range points {
			if p.GetPayload()["_vecload_made"].GetStringValue() != "" {
				found++
			}
		}
		return found
	}
	for _, test := range []struct {
		name string
		size int
		ask  func(*testing.B, []pipeline.PointID) int
	}{
		{"own-1000", 1000, own}, {"own-2000", 2000, own}, {"own-4000", 4000, own}, {"library-2000", 2000, generated},
	} {
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				groups := make(chan []pipeline.PointID)
				var wg sync.WaitGroup
				for range 2 {
					wg.Go(func() {
						for group := range groups {
							if got := test.ask(b, group); got != len(group) {
								b.Errorf("%d of %d points found", got, len(group))
							}
						}
					})
				}
				for first := 0; first < n; first += test.size {
					groups <- ids[first:min(first+test.size, n)]
				}
				close(groups)
				wg.Wait()
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "ids/s")
		})
	}
}
