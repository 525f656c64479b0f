package qdrant

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// Spaces implements [pipeline.Searcher].
func (x *Index) Spaces(ctx context.Context) (pipeline.Spaces, error) {
	if err := x.usable(ctx); err != nil {
		return nil, err
	}
	info, err := x.collectionInfo(ctx, x.options.Collection)
	if err != nil {
		return nil, err
	}
	if info == nil {
		return nil, x.missing()
	}
	spaces, found, err := x.readStamp(info)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, x.refuse("the collection has no stamp of vecload, so nobody can tell which model made its vectors",
			"name a collection that vecload made")
	}
	if err := x.checkLayout(info, spaces); err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.known, x.distances = spaces, distancesOf(info)
	return spaces, nil
}

// searched returns the space of a vector, and refuses one that the index does
// not have. The stamp is asked for, since the collection may have vectors that
// are none of the index, and since the server cannot name those that there
// are; a name that was seen there is not asked for again.
func (x *Index) searched(ctx context.Context, name string) (pipeline.Space, error) {
	x.mu.Lock()
	space, known := x.known[name]
	x.mu.Unlock()
	if known {
		return space, nil
	}
	spaces, err := x.Spaces(ctx)
	if err != nil {
		return pipeline.Space{}, err
	}
	space, ok := spaces[name]
	if !ok {
		return pipeline.Space{}, x.refuse(fmt.Sprintf("the index has no vector named %q", name),
			"name one that the index has: "+strings.Join(spaces.Names(), ", "))
	}
	return space, nil
}

// Search implements [pipeline.Searcher]. The first search by a name asks for
// the stamp, too. The hits are those of the server's
// graph, which may miss some of the best in a large collection, unless
// Options.Exact asks for all to be compared. Where more points share the last
// score than the limit lets in, the server chooses among them. A limit below
// 1 finds nothing.
func (x *Index) Search(ctx context.Context, name string, query pipeline.Vector, limit int) ([]pipeline.Hit, error) {
	if err := x.usable(ctx); err != nil {
		return nil, err
	}
	if _, err := x.searched(ctx, name); err != nil {
		return nil, err
	}
	if err := checkDirection(query); err != nil {
		return nil, x.fail("search", err)
	}
	if limit < 1 {
		return nil, nil
	}
	x.mu.Lock()
	distance := x.distances[name]
	x.mu.Unlock()
	request := &pb.QueryPoints{
		CollectionName: x.options.Collection,
		Query:          pb.NewQueryDense(distance.scaled(query)),
		Using:          new(name),
		Limit:          new(uint64(limit)),
		WithPayload:    pb.NewWithPayload(true),
	}
	if x.options.Exact {
		request.Params = &pb.SearchParams{Exact: new(true)}
	} else if x.options.Rescore != nil {
		request.Params = &pb.SearchParams{Quantization: &pb.QuantizationSearchParams{Rescore: x.options.Rescore}}
	}
	return x.query(ctx, name, distance, request)
}

// query asks for points that are found by their vector of this name, or by
// the sparse one beside it.
func (x *Index) query(ctx context.Context, name string, distance Distance, request *pb.QueryPoints) ([]pipeline.Hit, error) {
	var found []*pb.ScoredPoint
	err := x.askBriefly(ctx, "search", func(ctx context.Context) (err error) {
		found, err = x.client.Query(ctx, request)
		return err
	})
	if err != nil {
		return nil, err
	}
	hits := make([]pipeline.Hit, 0, len(found))
	for _, p := range found {
		hit, err := decodeHit(name, p)
		if err != nil {
			return nil, x.fail("search", err)
		}
		hit.Score = distance.cosine(hit.Score)
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
