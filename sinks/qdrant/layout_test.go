package qdrant_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// two are the spaces of an index of texts and images.
func two() pipeline.Spaces {
	both := spaces()
	both["image"] = pipeline.Space{Model: "b/model", Dim: 2}
	return both
}

func picture(id string) pipeline.Point {
	return pipeline.Point{
		ID: pipeline.NewPointID("image", id, 0), Name: "image", Doc: id, Chunks: 1, Vector: pipeline.Vector{0, 1},
	}
}

// made makes a collection as somebody else would.
func made(t *testing.T, server *qdrantserver.Server, request *pb.CreateCollection) {
	t.Helper()
	request.CollectionName = "docs"
	if err := client(t, server).CreateCollection(t.Context(), request); err != nil {
		t.Fatal(err)
	}
}

func dense(names ...string) map[string]*pb.VectorParams {
	out := map[string]*pb.VectorParams{}
	for _, name := range names {
		size := uint64(3)
		if name == "image" {
			size = 2
		}
		out[name] = &pb.VectorParams{Size: size, Distance: pb.Distance_Cosine}
	}
	return out
}

func TestACollectionThatLacksOneVectorIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*pb.VectorParams) // nil: the vector is missing
		sparse bool
		text   string
	}{
		"missing":            {nil, false, `no vector named %q`},
		"of a dimension":     {func(p *pb.VectorParams) { p.Size = 9 }, false, `vector %q has 9 dimensions`},
		"of a distance":      {func(p *pb.VectorParams) { p.Distance = pb.Distance_Manhattan }, false, `its vector %q by Manhattan`},
		"of several a point": {func(p *pb.VectorParams) { p.MultivectorConfig = &pb.MultiVectorConfig{} }, false, `several vectors %q`},
		"sparse":             {nil, true, `vector %q is sparse`},
	} {
		// Whichever of the two it is.
		for lacks, has := range map[string]string{"image": "text", "text": "image"} {
			server := start(t, qdrantserver.Options{})
			vectors := dense(has)
			if test.change != nil {
				vectors = dense(has, lacks)
				test.change(vectors[lacks])
			}
			request := &pb.CreateCollection{VectorsConfig: pb.NewVectorsConfigMap(vectors)}
			if test.sparse {
				request.SparseVectorsConfig = pb.NewSparseVectorsConfig(map[string]*pb.SparseVectorParams{lacks: {}})
			}
			made(t, server, request)
			err := newIndex(t, qdrant.Options{URL: server.URL()}).Prepare(t.Context(), two())
			wantError(t, err, pipeline.Misconfigured, fmt.Sprintf(test.text, lacks), "another collection")
			if n := server.Calls("Update"); n != 0 {
				t.Errorf("%s: the collection was stamped", name)
			}
		}
	}
}

func TestVectorsOfOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	made(t, server, &pb.CreateCollection{
		VectorsConfig:       pb.NewVectorsConfigMap(dense("text", "image", "title")),
		SparseVectorsConfig: pb.NewSparseVectorsConfig(map[string]*pb.SparseVectorParams{"bm25": {}}),
	})
	for range 2 { // the second finds the stamp
		index := newIndex(t, qdrant.Options{URL: server.URL()})
		if err := index.Prepare(t.Context(), two()); err != nil {
			t.Fatalf("Prepare: %v", err)
		}
		if err := index.Write(t.Context(), append(points("a"), picture("a"))); err != nil {
			t.Fatalf("Write: %v", err)
		}
		if got, err := index.Spaces(t.Context()); err != nil || !maps.Equal(got, two()) {
			t.Errorf("Spaces are %+v, %v", got, err)
		}
		for _, name := range []string{"title", "bm25"} {
			_, err := index.Search(t.Context(), name, pipeline.Vector{1, 0, 0}, 1)
			wantError(t, err, pipeline.Misconfigured, `no vector named "`+name+`"`, "image, text")
		}
	}
	if n := server.Points("docs"); n != 2 {
		t.Errorf("%d points, want 2", n)
	}
}

func TestANameIsLookedUpOnce(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	if err := newIndex(t, qdrant.Options{URL: server.URL()}).Prepare(t.Context(), two()); err != nil {
		t.Fatal(err)
	}
	index, before := newIndex(t, qdrant.Options{URL: server.URL()}), server.Calls("Get")
	for range 3 {
		for name, query := range map[string]pipeline.Vector{"text": {1, 0, 0}, "image": {1, 0}} {
			if _, err := index.Search(t.Context(), name, query, 1); err != nil {
				t.Errorf("Search of %s: %v", name, err)
			}
		}
	}
	if n := server.Calls("Get") - before; n != 1 {
		t.Errorf("the stamp was asked for %d times, want once", n)
	}
}

func TestNamesThatQdrantRefusesAreToldBeforeAnyCall(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	for name, text := range map[string]string{
		"a/b": "character", "a:b": "character", `a"b`: "character", strings.Repeat("a", 201): "200 bytes",
	} {
		err := newIndex(t, qdrant.Options{URL: server.URL()}).Prepare(t.Context(), pipeline.Spaces{name: {Model: "a/model", Dim: 3}})
		wantError(t, err, pipeline.Misconfigured, text, "name")
	}
	if n := server.Calls("HealthCheck"); n != 0 {
		t.Errorf("%d calls", n)
	}
	long := pipeline.Spaces{strings.Repeat("a", 200): {Model: "a/model", Dim: 3}}
	if err := newIndex(t, qdrant.Options{URL: server.URL()}).Prepare(t.Context(), long); err != nil {
		t.Errorf("a name of 200 bytes: %v", err)
	}
}

func TestAStampOfAnotherLayoutIsRefused(t *testing.T) {
	t.Parallel()
	object := func(fields map[string]*pb.Value) *pb.Value {
		return &pb.Value{Kind: &pb.Value_StructValue{StructValue: &pb.Struct{Fields: fields}}}
	}
	space := object(map[string]*pb.Value{"model": pb.NewValueString("a/model"), "dim": pb.NewValueInt(3)})
	for name, test := range map[string]struct {
		stamp      *pb.Value
		class      pipeline.Class
		text, hint string
	}{
		"of a later one": {
			object(map[string]*pb.Value{"format": pb.NewValueInt(3)}),
			pipeline.Misconfigured, "layout 3", "newer",
		},
		"of the first one": {
			object(map[string]*pb.Value{"format": pb.NewValueInt(1), "space": space}),
			pipeline.Misconfigured, "layout 1", "index it again",
		},
		"no stamp": {pb.NewValueString("mine"), pipeline.Fatal, "not a stamp", ""},
		"of none":  {object(map[string]*pb.Value{"format": pb.NewValueInt(2)}), pipeline.Fatal, "not a stamp", ""},
		"of an empty one": {
			object(map[string]*pb.Value{"format": pb.NewValueInt(2), "spaces": object(nil)}),
			pipeline.Fatal, "not a stamp", "",
		},
		"of a space without a model": {
			object(map[string]*pb.Value{"format": pb.NewValueInt(2), "spaces": object(map[string]*pb.Value{
				"text": space, "image": object(map[string]*pb.Value{"dim": pb.NewValueInt(2)}),
			})}),
			pipeline.Fatal, "not a stamp", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, qdrantserver.Options{})
			index := prepared(t, qdrant.Options{URL: server.URL()})
			if err := client(t, server).UpdateCollection(t.Context(), &pb.UpdateCollection{
				CollectionName: "docs", Metadata: map[string]*pb.Value{"vecload": test.stamp},
			}); err != nil {
				t.Fatal(err)
			}
			_, searched := index.Spaces(t.Context())
			for _, err := range []error{index.Prepare(t.Context(), spaces()), searched} {
				if err == nil || pipeline.Classify(err) != test.class || !strings.Contains(err.Error(), test.text) ||
					!strings.Contains(pipeline.Hint(err), test.hint) {
					t.Errorf("error is %v of class %q, hint %q", err, pipeline.Classify(err), pipeline.Hint(err))
				}
			}
		})
	}
}

func TestAPointThatFitsNoVectorIsNotSent(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	index := prepared(t, qdrant.Options{URL: server.URL()})
	short := points("b")[0]
	short.Vector = short.Vector[:2]
	for text, bad := range map[string]pipeline.Point{
		`no vector "image", it has ["text"]`:              picture("a"),
		`the vector "text" has 2 components, the index 3`: short,
	} {
		err := index.Write(t.Context(), append(points("a"), bad))
		if err == nil || pipeline.Classify(err) != pipeline.Fatal || !strings.Contains(err.Error(), text) {
			t.Errorf("error is %v, want it to say %q", err, text)
		}
	}
	if n := server.Calls("Upsert"); n != 0 {
		t.Errorf("%d calls", n)
	}
}
