package qdrantserver_test

import (
	"context"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// each runs a test on this package's server and, where QDRANT_URL names one,
// on a real Qdrant, which is to do the same.
func each(t *testing.T, test func(t *testing.T, client *pb.Client, collection string)) {
	t.Helper()
	t.Run("in this process", func(t *testing.T) {
		t.Parallel()
		_, client := connect(t)
		test(t, client, "vectors")
	})
	t.Run("on a real server", func(t *testing.T) {
		t.Parallel()
		address := os.Getenv("QDRANT_URL")
		if address == "" {
			t.Skip("set QDRANT_URL to the address of a Qdrant to compare with it")
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			t.Fatal(err)
		}
		client, err := pb.NewClient(&pb.Config{Host: u.Hostname(), Port: port, SkipCompatibilityCheck: true, PoolSize: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		name := "vecload-test-" + strconv.FormatInt(time.Now().UnixNano(), 36)
		t.Cleanup(func() { _ = client.DeleteCollection(context.WithoutCancel(t.Context()), name) })
		test(t, client, name)
	})
}

// named makes a collection of two dense vectors and a sparse one.
func named(t *testing.T, client *pb.Client, collection string) {
	t.Helper()
	if err := client.CreateCollection(t.Context(), &pb.CreateCollection{
		CollectionName: collection,
		VectorsConfig: pb.NewVectorsConfigMap(map[string]*pb.VectorParams{
			"text": {Size: 3, Distance: pb.Distance_Cosine}, "image": {Size: 2, Distance: pb.Distance_Cosine},
		}),
		SparseVectorsConfig: pb.NewSparseVectorsConfig(map[string]*pb.SparseVectorParams{"words": {}}),
	}); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, client *pb.Client, collection string, id uint64, vectors map[string]*pb.Vector) error {
	t.Helper()
	_, err := client.Upsert(t.Context(), &pb.UpsertPoints{CollectionName: collection, Wait: new(true), Points: []*pb.PointStruct{{
		Id: pb.NewIDNum(id), Vectors: pb.NewVectorsMap(vectors),
	}}})
	return err
}

func ids(points []*pb.ScoredPoint) []uint64 {
	var out []uint64
	for _, p := range points {
		out = append(out, p.GetId().GetNum())
	}
	return out
}

func TestAPointIsFoundByTheVectorsItHas(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *pb.Client, collection string) {
		named(t, client, collection)
		text, image := pb.NewVectorDense([]float32{1, 0, 0}), pb.NewVectorDense([]float32{3, 4})
		for id, vectors := range []map[string]*pb.Vector{
			{"text": text}, {"image": image}, {"text": pb.NewVectorDense([]float32{1, 1, 0}), "image": pb.NewVectorDense([]float32{1, 0})}, {},
		} {
			if err := put(t, client, collection, uint64(id+1), vectors); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := client.Count(t.Context(), &pb.CountPoints{CollectionName: collection, Exact: new(true)}); err != nil || n != 4 {
			t.Errorf("%d points, %v, want 4", n, err)
		}
		find := func(name string, query ...float32) []*pb.ScoredPoint {
			found, err := client.Query(t.Context(), &pb.QueryPoints{
				CollectionName: collection, Query: pb.NewQueryDense(query), Using: new(name), WithVectors: pb.NewWithVectors(true),
			})
			if err != nil {
				t.Fatalf("query of %s: %v", name, err)
			}
			return found
		}
		if got := ids(find("text", 1, 0, 0)); len(got) != 2 || got[0] != 1 || got[1] != 3 {
			t.Errorf("text finds %v, want 1 and 3", got)
		}
		found := find("image", 0, 1)
		if got := ids(found); len(got) != 2 || got[0] != 2 || got[1] != 3 {
			t.Fatalf("image finds %v, want 2 and 3", got)
		}
		if kept := found[0].GetVectors().GetVectors().GetVectors(); len(kept) != 1 || kept["image"].GetDense().GetData()[0] != 0.6 {
			t.Errorf("the vectors of an image are %v", kept)
		}
		// A point that comes again without a vector has lost it.
		if err := put(t, client, collection, 1, map[string]*pb.Vector{"image": image}); err != nil {
			t.Fatal(err)
		}
		if got := ids(find("text", 1, 0, 0)); len(got) != 1 || got[0] != 3 {
			t.Errorf("text finds %v after point 1 lost it, want 3", got)
		}
		for name, want := range map[string]uint64{"text": 1, "image": 3, "other": 0} {
			n, err := client.Count(t.Context(), &pb.CountPoints{
				CollectionName: collection, Filter: &pb.Filter{Must: []*pb.Condition{pb.NewHasVector(name)}},
			})
			if err != nil || n != want {
				t.Errorf("%d points have the vector %s, %v, want %d", n, name, err, want)
			}
		}
	})
}

func TestChosenVectorsAreSentOfThePointsThatHaveThem(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *pb.Client, collection string) {
		named(t, client, collection)
		for id, name := range []string{"text", "image"} {
			vector := []float32{1, 0, 0}[:3-id]
			if err := put(t, client, collection, uint64(id+1), map[string]*pb.Vector{name: pb.NewVectorDense(vector)}); err != nil {
				t.Fatal(err)
			}
		}
		scroll := func(names ...string) ([]*pb.RetrievedPoint, error) {
			return client.Scroll(t.Context(), &pb.ScrollPoints{CollectionName: collection, WithVectors: pb.NewWithVectorsInclude(names...)})
		}
		found, err := scroll("image")
		if err != nil || len(found) != 2 {
			t.Fatalf("%d points, %v", len(found), err)
		}
		for i, p := range found {
			if n := len(p.GetVectors().GetVectors().GetVectors()); n != i {
				t.Errorf("point %d comes with %d vectors, want %d", i+1, n, i)
			}
		}
		_, err = scroll("image", "other")
		wantStatus(t, "an unknown vector", err, "Not existing vector name error: other")
	})
}

func TestVectorsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *pb.Client, collection string) {
		named(t, client, collection)
		const mixed = "Conversion between sparse and regular vectors failed"
		dense := pb.NewVectorDense([]float32{1, 0})
		for name, test := range map[string]struct {
			vectors map[string]*pb.Vector
			text    string
		}{
			"another name":           {map[string]*pb.Vector{"image": dense, "other": dense}, "Not existing vector name error: other"},
			"another's dimension":    {map[string]*pb.Vector{"text": dense}, "Vector dimension error: expected dim: 3, got 2"},
			"dense for sparse":       {map[string]*pb.Vector{"words": dense}, mixed},
			"sparse for dense":       {map[string]*pb.Vector{"image": pb.NewVectorSparse([]uint32{1}, []float32{1})}, mixed},
			"the name of no vectors": {map[string]*pb.Vector{"": dense}, "Not existing vector name error: "},
		} {
			wantStatus(t, name, put(t, client, collection, 1, test.vectors), test.text)
		}
		if n, err := client.Count(t.Context(), &pb.CountPoints{CollectionName: collection, Exact: new(true)}); err != nil || n != 0 {
			t.Errorf("%d points after the refusals, %v", n, err)
		}
		for name, text := range map[string]string{
			"other": "Wrong input: Not existing vector name error: other", "": "Wrong input: Not existing vector name error: ",
			"words": mixed, "text": "Vector dimension error: expected dim: 3, got 2",
		} {
			_, err := client.Query(t.Context(), &pb.QueryPoints{
				CollectionName: collection, Query: pb.NewQueryDense([]float32{1, 0}), Using: new(name),
			})
			wantStatus(t, "a query using "+name, err, text)
		}
	})
}

func TestNamesOfVectorsAreChecked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, client *pb.Client, collection string) {
		params := &pb.VectorParams{Size: 2, Distance: pb.Distance_Cosine}
		for name, text := range map[string]string{
			"a/b": `cannot contain "/" char`, "a:b": `cannot contain ":" char`, "a*": `cannot contain "*" char`,
			strings.Repeat("a", 201): "must be at most 200 bytes long", "words": "must be unique - duplicate found with 'words'",
		} {
			err := client.CreateCollection(t.Context(), &pb.CreateCollection{
				CollectionName:      collection,
				VectorsConfig:       pb.NewVectorsConfigMap(map[string]*pb.VectorParams{"image": params, name: params}),
				SparseVectorsConfig: pb.NewSparseVectorsConfig(map[string]*pb.SparseVectorParams{"words": {}}),
			})
			wantStatus(t, name, err, text)
		}
		fine := map[string]*pb.VectorParams{strings.Repeat("a", 200): params, "it's ü.b c": params, "A": params, "a": params}
		if err := client.CreateCollection(t.Context(), &pb.CreateCollection{
			CollectionName: collection, VectorsConfig: pb.NewVectorsConfigMap(fine),
			SparseVectorsConfig: pb.NewSparseVectorsConfig(map[string]*pb.SparseVectorParams{"words": {}}),
		}); err != nil {
			t.Fatal(err)
		}
		info, err := client.GetCollectionInfo(t.Context(), collection)
		if err != nil {
			t.Fatal(err)
		}
		got := info.GetConfig().GetParams()
		if n := len(got.GetVectorsConfig().GetParamsMap().GetMap()); n != len(fine) {
			t.Errorf("%d vectors, want %d", n, len(fine))
		}
		if _, ok := got.GetSparseVectorsConfig().GetMap()["words"]; !ok {
			t.Error("the sparse vector is not told of")
		}
	})
}

func wantStatus(t *testing.T, what string, err error, text string) {
	t.Helper()
	if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: %v, want InvalidArgument with %q", what, err, text)
	}
}
