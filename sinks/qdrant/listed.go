package qdrant

import (
	"bytes"
	"context"
	"errors"
	"iter"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

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
		head, err := proto.Marshal(&pb.ScrollPoints{
			CollectionName: to.collection, Limit: new(to.page),
			Filter: &pb.Filter{Must: []*pb.Condition{pb.NewHasVector(name)}},
			WithPayload: pb.NewWithPayloadInclude(ReservedField+".vector", ReservedField+".doc",
				ReservedField+".chunk", ReservedField+".chunks", madeField),
			WithVectors: pb.NewWithVectors(false),
		})
		if err != nil {
			yield(pipeline.Listed{}, x.fail("list", err))
			return
		}
		var page, next []byte
		for {
			if page, err = x.scroll(ctx, head, next, page); err != nil {
				yield(pipeline.Listed{}, err)
				return
			}
			next, err = readList(page, func(p onList) error {
				if listed, ok := decodeListed(name, p); ok && !yield(listed, nil) {
					return errListedEnough
				}
				return nil
			})
			switch {
			case errors.Is(err, errListedEnough):
				return
			case err != nil:
				yield(pipeline.Listed{}, x.fail("list", err))
				return
			case next == nil:
				return
			}
			next = bytes.Clone(next) // the next page takes the memory of this one
		}
	}
}

// errListedEnough is of whoever looks at a list and wants no more of it.
var errListedEnough = errors.New("listed enough")

// scroll asks for the page that begins with an id, nil for the first. It is
// put in the memory of an earlier one.
func (x *Index) scroll(ctx context.Context, head, from, memory []byte) ([]byte, error) {
	b := x.headed(head)
	if from != nil {
		*b = appendTag(*b, scrollOffset, protowire.BytesType)
		*b = append(appendLength(*b, len(from)), from...)
	}
	request := mem.NewBuffer(b, &x.buffers)
	defer request.Free()
	err := x.repeat(ctx, "list", func(ctx context.Context) error {
		return x.invoke(ctx, pb.Points_Scroll_FullMethodName, request, &memory)
	})
	return memory, err
}

// decodeListed reports whether a point is one of ours, and what it is.
func decodeListed(name string, p onList) (pipeline.Listed, bool) {
	id, ok := parseUUID(p.uuid)
	if !ok || string(p.own.vector) != name {
		return pipeline.Listed{}, false
	}
	return pipeline.Listed{
		ID: id, Doc: string(p.own.doc), Chunk: p.own.chunk, Chunks: p.own.chunks, Made: decodeMade(p.made, name).Made,
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
