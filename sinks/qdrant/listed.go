package qdrant

import (
	"context"
	"iter"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// listPage is how many points a page of a list has: a few hundred kilobytes.
const listPage = 2000

// Listed implements [pipeline.Refresher]. The order is that of the ids.
// Points that vecload did not write are not listed, whatever vectors they
// have.
func (x *Index) Listed(ctx context.Context, name string) iter.Seq2[pipeline.Listed, error] {
	return func(yield func(pipeline.Listed, error) bool) {
		to, err := x.preparedFor(ctx, "list", name)
		if err != nil {
			yield(pipeline.Listed{}, err)
			return
		}
		request := &pb.ScrollPoints{
			CollectionName: to.collection, Limit: new(to.page),
			Filter: &pb.Filter{Must: []*pb.Condition{pb.NewHasVector(name)}},
			WithPayload: pb.NewWithPayloadInclude(ReservedField+".vector", ReservedField+".doc",
				ReservedField+".chunk", ReservedField+".chunks", madeField),
			WithVectors: pb.NewWithVectors(false),
		}
		for {
			points, next, err := x.scroll(ctx, request)
			if err != nil {
				yield(pipeline.Listed{}, err)
				return
			}
			for _, p := range points {
				if listed, ok := decodeListed(name, p); ok && !yield(listed, nil) {
					return
				}
			}
			if next == nil {
				return
			}
			request.Offset = next
		}
	}
}

func (x *Index) scroll(ctx context.Context, request *pb.ScrollPoints) ([]*pb.RetrievedPoint, *pb.PointId, error) {
	var points []*pb.RetrievedPoint
	var next *pb.PointId
	err := x.repeat(ctx, "list", func(ctx context.Context) (err error) {
		points, next, err = x.client.ScrollAndOffset(ctx, request)
		return err
	})
	return points, next, err
}

// decodeListed reads a point, and reports whether it is one of ours.
func decodeListed(name string, p *pb.RetrievedPoint) (pipeline.Listed, bool) {
	id, err := decodeID(p.GetId())
	own := p.GetPayload()[ReservedField].GetStructValue().GetFields()
	if err != nil || own["vector"].GetStringValue() != name {
		return pipeline.Listed{}, false
	}
	return pipeline.Listed{
		ID: id, Doc: own["doc"].GetStringValue(),
		Chunk: int(own["chunk"].GetIntegerValue()), Chunks: int(own["chunks"].GetIntegerValue()),
		Made: decodeMade([]byte(p.GetPayload()[madeField].GetStringValue()), name).Made,
	}, true
}

// pageLimit obeys the strict mode of a managed collection.
func pageLimit(info *pb.CollectionInfo) uint32 {
	strict := info.GetConfig().GetStrictModeConfig()
	if limit := strict.GetMaxQueryLimit(); strict.GetEnabled() && limit > 0 {
		return min(listPage, limit)
	}
	return listPage
}

// Vectors implements [pipeline.Refresher]. The vectors have the length 1.
func (x *Index) Vectors(ctx context.Context, name string, ids []pipeline.PointID) ([]pipeline.Vector, error) {
	to, err := x.preparedFor(ctx, "read", name)
	if err != nil {
		return nil, err
	}
	most := max(1, x.options.MaxBytes/(4*to.spaces[name].Dim+100))
	out := make([]pipeline.Vector, len(ids))
	for first := 0; first < len(ids); first += most {
		some := ids[first:min(first+most, len(ids))]
		request := &pb.GetPoints{
			CollectionName: to.collection, Ids: make([]*pb.PointId, len(some)),
			WithPayload: pb.NewWithPayload(false), WithVectors: pb.NewWithVectorsInclude(name),
		}
		for i, id := range some {
			request.Ids[i] = pb.NewIDUUID(id.String())
		}
		var points []*pb.RetrievedPoint
		err := x.repeat(ctx, "read", func(ctx context.Context) (err error) {
			points, err = x.client.Get(ctx, request)
			return err
		})
		if err != nil {
			return nil, err
		}
		places := places{ids: some}
		for _, p := range points {
			id, err := decodeID(p.GetId())
			if err != nil {
				return nil, x.fail("read", err)
			}
			vector := p.GetVectors().GetVectors().GetVectors()[name].GetDenseVector().GetData()
			if i, ok := places.of(id); ok && len(vector) > 0 {
				out[first+i] = vector
			}
		}
	}
	return out, nil
}
