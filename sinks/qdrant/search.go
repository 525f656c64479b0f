package qdrant

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// Space implements [pipeline.Searcher].
func (x *Index) Space(ctx context.Context) (pipeline.Space, error) {
	if err := x.usable(ctx); err != nil {
		return pipeline.Space{}, err
	}
	info, err := x.collectionInfo(ctx, x.options.Collection)
	if err != nil {
		return pipeline.Space{}, err
	}
	if info == nil {
		return pipeline.Space{}, x.refuse("there is no such collection", "run vecload run first, or name another collection")
	}
	space, found, err := x.readStamp(info)
	if err != nil {
		return pipeline.Space{}, err
	}
	if !found {
		return pipeline.Space{}, x.refuse("the collection has no stamp of vecload, so nobody can tell which model made its vectors",
			"name a collection that vecload made")
	}
	return space, x.checkLayout(info, space.Dim)
}

// Search implements [pipeline.Searcher]. The hits are those of the server's
// graph, which may miss some of the best in a large collection, unless
// Options.Exact asks for all to be compared. Where more points share the last
// score than the limit lets in, the server chooses among them. A limit below
// 1 finds nothing.
func (x *Index) Search(ctx context.Context, query pipeline.Vector, limit int) ([]pipeline.Hit, error) {
	if err := x.usable(ctx); err != nil {
		return nil, err
	}
	if err := checkDirection(query); err != nil {
		return nil, x.fail("search", err)
	}
	if limit < 1 {
		return nil, nil
	}
	request := &pb.QueryPoints{
		CollectionName: x.options.Collection,
		Query:          pb.NewQueryDense(query),
		Using:          new(x.options.Vector),
		Limit:          new(uint64(limit)),
		WithPayload:    pb.NewWithPayload(true),
	}
	if x.options.Exact {
		request.Params = &pb.SearchParams{Exact: new(true)}
	}
	var found []*pb.ScoredPoint
	err := x.ask(ctx, "search", func(ctx context.Context) (err error) {
		found, err = x.client.Query(ctx, request)
		return err
	})
	if err != nil {
		return nil, err
	}
	hits := make([]pipeline.Hit, 0, len(found))
	for _, p := range found {
		hit, err := decodeHit(p)
		if err != nil {
			return nil, x.fail("search", err)
		}
		hits = append(hits, hit)
	}
	slices.SortFunc(hits, func(a, b pipeline.Hit) int {
		if c := cmp.Compare(b.Score, a.Score); c != 0 {
			return c
		}
		return bytes.Compare(a.ID[:], b.ID[:])
	})
	return hits, nil
}

// Count implements [pipeline.Searcher].
func (x *Index) Count(ctx context.Context) (int64, error) {
	if err := x.usable(ctx); err != nil {
		return 0, err
	}
	return x.countIn(ctx, x.options.Collection)
}

func (x *Index) countIn(ctx context.Context, collection string) (int64, error) {
	var n uint64
	err := x.ask(ctx, "count", func(ctx context.Context) (err error) {
		n, err = x.client.Count(ctx, &pb.CountPoints{CollectionName: collection, Exact: new(true)})
		return err
	})
	return int64(n), err
}
