package qdrant

import (
	"context"
	"fmt"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// sparseSuffix makes of a vector's name that of the sparse one beside it.
const sparseSuffix = "_bm25"

func sparseName(vector string) string { return vector + sparseSuffix }

// sparseConfig are the sparse vectors of a collection; nil where there are
// none. The rest is left to the server's defaults, which keep their index in
// memory.
func sparseConfig(spaces pipeline.Spaces) *pb.SparseVectorConfig {
	params := map[string]*pb.SparseVectorParams{}
	for name, space := range spaces {
		if space.Sparse != "" {
			params[sparseName(name)] = &pb.SparseVectorParams{Modifier: new(pb.Modifier_Idf)}
		}
	}
	if len(params) == 0 {
		return nil
	}
	return pb.NewSparseVectorsConfig(params)
}

// checkSparseName refuses a vector whose sparse one cannot have its name.
func (x *Index) checkSparseName(name string, spaces pipeline.Spaces) error {
	if spaces[name].Sparse == "" {
		return nil
	}
	own := sparseName(name)
	if _, taken := spaces[own]; taken {
		return x.refuse(fmt.Sprintf("the vector %q has the name of what finds words beside the vector %q", own, name),
			"give the vector "+own+" another name")
	}
	if len(own) > maxVectorName {
		return x.refuse(fmt.Sprintf("the vector's name %.40q… is longer than %d bytes with %s behind it", name, maxVectorName, sparseSuffix),
			"choose a shorter name for the vector")
	}
	return nil
}

// checkSparseVector looks at the collection's sparse vector beside the one of
// this name; nil is a missing one.
func (x *Index) checkSparseVector(name string, params *pb.SparseVectorParams) error {
	switch {
	case params == nil:
		return x.refuse(fmt.Sprintf("the collection has no sparse vector named %q, for finding words", sparseName(name)), otherCollectionHint)
	case params.GetModifier() != pb.Modifier_Idf:
		return x.refuse(fmt.Sprintf("the collection's sparse vector %q lacks the modifier IDF", sparseName(name)), otherCollectionHint)
	}
	return nil
}

// SearchSparse implements [pipeline.SparseSearcher]. The server compares all
// points that share an index with the query. What counts for the IDF is up to
// it: points that were deleted or replaced may, until its optimizer has
// rewritten their segment. Where more points share the last score than the
// limit lets in, the server chooses among them.
func (x *Index) SearchSparse(ctx context.Context, name string, query pipeline.Sparse, limit int) ([]pipeline.Hit, error) {
	if err := x.usable(ctx); err != nil {
		return nil, err
	}
	space, err := x.searched(ctx, name)
	if err != nil {
		return nil, err
	}
	if space.Sparse == "" {
		return nil, x.refuse(fmt.Sprintf("the collection was made without what finds words, for its vector %q", name),
			"index the corpus again into another collection, with index.hybrid in the configuration or --hybrid")
	}
	if err := query.Validate(); err != nil {
		return nil, x.fail("search", err)
	}
	if limit < 1 || query.Len() == 0 {
		return nil, nil
	}
	return x.query(ctx, name, "", &pb.QueryPoints{
		CollectionName: x.options.Collection,
		Query:          pb.NewQuerySparse(query.Indices, query.Values),
		Using:          new(sparseName(name)),
		Limit:          new(uint64(limit)),
		WithPayload:    pb.NewWithPayload(true),
	})
}
