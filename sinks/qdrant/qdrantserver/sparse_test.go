package qdrantserver_test

import (
	"math"
	"slices"
	"testing"

	pb "github.com/qdrant/go-client/qdrant"
)

// worded makes a collection with a dense vector and two sparse ones, one of
// them with the modifier IDF.
func worded(t *testing.T, client *pb.Client, collection string) {
	t.Helper()
	if err := client.CreateCollection(t.Context(), &pb.CreateCollection{
		CollectionName: collection,
		VectorsConfig:  pb.NewVectorsConfigMap(map[string]*pb.VectorParams{"text": {Size: 2, Distance: pb.Distance_Cosine}}),
		SparseVectorsConfig: pb.NewSparseVectorsConfig(map[string]*pb.SparseVectorParams{
			"plain": {}, "words": {Modifier: new(pb.Modifier_Idf)},
		}),
	}); err != nil {
		t.Fatal(err)
	}
}

func TestSparseVectorsAreScored(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *pb.Client, collection string) {
		worded(t, client, collection)
		for id, v := range []*pb.Vector{
			pb.NewVectorSparse([]uint32{9, 1, 1 << 31}, []float32{1, 2, 3}), // in any order
			pb.NewVectorSparse([]uint32{1}, []float32{0.5}),
			pb.NewVectorSparse([]uint32{4}, []float32{-1}),
			pb.NewVectorSparse(nil, nil),
		} {
			if err := put(t, client, collection, uint64(id+1), map[string]*pb.Vector{"plain": v, "words": v}); err != nil {
				t.Fatal(err)
			}
		}
		// One that has a dense vector only counts no more than an empty one.
		if err := put(t, client, collection, 9, map[string]*pb.Vector{"text": pb.NewVectorDense([]float32{1, 0})}); err != nil {
			t.Fatal(err)
		}
		idf := func(n float64) float64 { return math.Log((3-n+0.5)/(n+0.5) + 1) }
		for name, test := range map[string]struct {
			using   string
			indices []uint32
			want    map[uint64]float64
		}{
			"a shared word":   {"plain", []uint32{1}, map[uint64]float64{1: 4, 2: 1}},
			"two words":       {"plain", []uint32{1 << 31, 1}, map[uint64]float64{1: 10, 2: 1}},
			"a negative one":  {"plain", []uint32{4, 5}, map[uint64]float64{3: -2}},
			"no shared word":  {"plain", []uint32{5}, map[uint64]float64{}},
			"no word":         {"plain", nil, map[uint64]float64{}},
			"a rare word":     {"words", []uint32{1 << 31}, map[uint64]float64{1: 6 * idf(1)}},
			"a frequent word": {"words", []uint32{1}, map[uint64]float64{1: 4 * idf(2), 2: idf(2)}},
			"both":            {"words", []uint32{1, 9}, map[uint64]float64{1: 4*idf(2) + 2*idf(1), 2: idf(2)}},
		} {
			values := slices.Repeat([]float32{2}, len(test.indices))
			hits, err := client.Query(t.Context(), &pb.QueryPoints{
				CollectionName: collection, Query: pb.NewQuerySparse(test.indices, values), Using: new(test.using),
			})
			if err != nil || len(hits) != len(test.want) {
				t.Errorf("%s: %d hits, want %d; %v", name, len(hits), len(test.want), err)
			}
			for i, hit := range hits {
				want, ok := test.want[hit.GetId().GetNum()]
				if !ok || math.Abs(float64(hit.GetScore())-want) > 1e-5 {
					t.Errorf("%s: point %d scores %v, want %v", name, hit.GetId().GetNum(), hit.GetScore(), want)
				}
				if i > 0 && hit.GetScore() > hits[i-1].GetScore() {
					t.Errorf("%s: hit %d is better than the one before", name, i)
				}
			}
		}
	})
}

func TestSparseVectorsComeBackAndOutliveAPayload(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *pb.Client, collection string) {
		worded(t, client, collection)
		both := map[string]*pb.Vector{"text": pb.NewVectorDense([]float32{1, 0}), "words": pb.NewVectorSparse([]uint32{7, 3}, []float32{1, 2})}
		if err := put(t, client, collection, 1, both); err != nil {
			t.Fatal(err)
		}
		if _, err := client.OverwritePayload(t.Context(), &pb.SetPayloadPoints{
			CollectionName: collection, Wait: new(true), Payload: map[string]*pb.Value{"a": pb.NewValueInt(1)},
			PointsSelector: pb.NewPointsSelector(pb.NewIDNum(1)),
		}); err != nil {
			t.Fatal(err)
		}
		points, err := client.Get(t.Context(), &pb.GetPoints{
			CollectionName: collection, Ids: []*pb.PointId{pb.NewIDNum(1)}, WithVectors: pb.NewWithVectors(true),
		})
		if err != nil || len(points) != 1 {
			t.Fatalf("%d points, %v", len(points), err)
		}
		vectors := points[0].GetVectors().GetVectors().GetVectors()
		words := vectors["words"].GetSparse()
		if len(vectors) != 2 || !slices.Equal(words.GetIndices(), []uint32{3, 7}) || !slices.Equal(words.GetValues(), []float32{2, 1}) {
			t.Errorf("the vectors are %v", vectors)
		}
		n, err := client.Count(t.Context(), &pb.CountPoints{
			CollectionName: collection, Exact: new(true), Filter: &pb.Filter{Must: []*pb.Condition{pb.NewHasVector("words")}},
		})
		if err != nil || n != 1 {
			t.Errorf("%d points have the sparse vector, %v", n, err)
		}
		// A point is replaced as a whole.
		if err := put(t, client, collection, 1, map[string]*pb.Vector{"text": pb.NewVectorDense([]float32{1, 0})}); err != nil {
			t.Fatal(err)
		}
		hits, err := client.Query(t.Context(), &pb.QueryPoints{
			CollectionName: collection, Query: pb.NewQuerySparse([]uint32{3}, []float32{1}), Using: new("words"),
		})
		if err != nil || len(hits) > 0 {
			t.Errorf("%d hits of what was replaced, %v", len(hits), err)
		}
	})
}

func TestSparseVectorsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *pb.Client, collection string) {
		worded(t, client, collection)
		for name, test := range map[string]struct {
			indices []uint32
			values  []float32
			text    string
		}{
			"uneven": {[]uint32{1, 2}, []float32{1}, "must be the same length as indices"},
			"twice":  {[]uint32{1, 1}, []float32{1, 2}, "must be unique"},
		} {
			wantStatus(t, name, put(t, client, collection, 1, map[string]*pb.Vector{"words": pb.NewVectorSparse(test.indices, test.values)}), test.text)
			_, err := client.Query(t.Context(), &pb.QueryPoints{
				CollectionName: collection, Query: pb.NewQuerySparse(test.indices, test.values), Using: new("words"),
			})
			wantStatus(t, "a query of one "+name, err, test.text)
		}
		for name, query := range map[string]*pb.Query{"text": pb.NewQuerySparse([]uint32{1}, []float32{1}), "words": pb.NewQueryDense([]float32{1, 0})} {
			_, err := client.Query(t.Context(), &pb.QueryPoints{CollectionName: collection, Query: query, Using: new(name)})
			wantStatus(t, "a query of the other kind using "+name, err, "Conversion between sparse and regular vectors failed")
		}
	})
}
