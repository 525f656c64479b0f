package qdrant_test

import (
	"math"
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
)

// Whatever a collection compares by, hits come in the order of their cosines,
// and with these as their scores.
func TestEveryDistanceGivesCosines(t *testing.T) {
	t.Parallel()
	for _, distance := range []qdrant.Distance{"", qdrant.DistanceCosine, qdrant.DistanceDot, qdrant.DistanceEuclid} {
		t.Run("distance "+string(distance), func(t *testing.T) {
			t.Parallel()
			eachServer(t, func(t *testing.T, s testServer) {
				index := newIndex(t, qdrant.Options{URL: s.url, Collection: s.name(t), Tuning: qdrant.Tuning{Distance: distance}})
				if err := index.Prepare(t.Context(), pipeline.Spaces{"text": {Model: "a/model", Dim: 3}}); err != nil {
					t.Fatal(err)
				}
				vectors := map[string]pipeline.Vector{"far": {-3, 0, 0}, "near": {9, 1, 0}, "middle": {0.1, 0.1, 0}, "side": {0, 0, 7}}
				var points []pipeline.Point
				for doc, v := range vectors {
					points = append(points, pipeline.Point{
						ID: pipeline.NewPointID("text", doc, 0), Name: "text", Doc: doc, Chunks: 1, Vector: slices.Clone(v),
					})
				}
				if err := index.Write(t.Context(), points); err != nil {
					t.Fatal(err)
				}
				query := pipeline.Vector{5, 0, 0}
				hits, err := index.Search(t.Context(), "text", query, 4)
				if err != nil {
					t.Fatal(err)
				}
				var order []string
				for _, hit := range hits {
					order = append(order, hit.Doc)
					if want := query.Cosine(vectors[hit.Doc]); math.Abs(hit.Score-want) > 1e-3 {
						t.Errorf("%s has the score %v, want %v", hit.Doc, hit.Score, want)
					}
				}
				if want := []string{"near", "middle", "side", "far"}; !slices.Equal(order, want) {
					t.Errorf("hits come as %v, want %v", order, want)
				}
				// What is passed in stays as it is.
				for i := range points {
					if !slices.Equal(points[i].Vector, vectors[points[i].Doc]) {
						t.Errorf("the vector of %s was changed", points[i].Doc)
					}
				}
				if err := index.Prepare(t.Context(), pipeline.Spaces{"text": {Model: "a/model", Dim: 3}}); err != nil {
					t.Errorf("a second Prepare: %v", err)
				}
			})
		})
	}
}
