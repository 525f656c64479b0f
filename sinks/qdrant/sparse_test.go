package qdrant_test

import (
	"strings"
	"testing"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// worded are the spaces of an index whose texts are found by words too.
func worded() pipeline.Spaces {
	return pipeline.Spaces{"text": {Model: "a/model", Dim: 3, Normalize: true, Sparse: "words"}}
}

func TestASparseVectorStandsBesideThatOfTheTexts(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	index := newIndex(t, qdrant.Options{URL: server.URL()})
	with := worded()
	with["image"] = two()["image"]
	if err := index.Prepare(t.Context(), with); err != nil {
		t.Fatal(err)
	}
	info, err := client(t, server).GetCollectionInfo(t.Context(), "docs")
	if err != nil {
		t.Fatal(err)
	}
	sparse := info.GetConfig().GetParams().GetSparseVectorsConfig().GetMap()
	if len(sparse) != 1 || sparse["text_bm25"].GetModifier() != pb.Modifier_Idf {
		t.Errorf("the sparse vectors are %v", sparse)
	}
	with["text"] = spaces()["text"]
	err = newIndex(t, qdrant.Options{URL: server.URL()}).Prepare(t.Context(), with)
	wantError(t, err, pipeline.Misconfigured, `hybrid "words" is not ""`, "another collection")
}

func TestACollectionThatLacksTheSparseVectorIsRefused(t *testing.T) {
	t.Parallel()
	for text, sparse := range map[string]map[string]*pb.SparseVectorParams{
		`no sparse vector named "text_bm25"`: {"bm25": {Modifier: new(pb.Modifier_Idf)}},
		`"text_bm25" lacks the modifier IDF`: {"text_bm25": {}},
	} {
		server := start(t, qdrantserver.Options{})
		made(t, server, &pb.CreateCollection{
			VectorsConfig: pb.NewVectorsConfigMap(dense("text")), SparseVectorsConfig: pb.NewSparseVectorsConfig(sparse),
		})
		err := newIndex(t, qdrant.Options{URL: server.URL()}).Prepare(t.Context(), worded())
		wantError(t, err, pipeline.Misconfigured, text, "another collection")
	}
	// One that has it is taken.
	server := start(t, qdrantserver.Options{})
	made(t, server, &pb.CreateCollection{
		VectorsConfig:       pb.NewVectorsConfigMap(dense("text")),
		SparseVectorsConfig: pb.NewSparseVectorsConfig(map[string]*pb.SparseVectorParams{"text_bm25": {Modifier: new(pb.Modifier_Idf)}}),
	})
	if err := newIndex(t, qdrant.Options{URL: server.URL()}).Prepare(t.Context(), worded()); err != nil {
		t.Error(err)
	}
}

func TestNamesOfSparseVectorsAreToldBeforeAnyCall(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	space := worded()["text"]
	taken := worded()
	taken["text_bm25"] = two()["image"]
	for text, spaces := range map[string]pipeline.Spaces{
		`"text_bm25" has the name`: taken,
		"200 bytes with _bm25":     {strings.Repeat("a", 196): space},
	} {
		err := newIndex(t, qdrant.Options{URL: server.URL()}).Prepare(t.Context(), spaces)
		wantError(t, err, pipeline.Misconfigured, text, "name")
	}
	if n := server.Calls("HealthCheck"); n != 0 {
		t.Errorf("%d calls", n)
	}
}
