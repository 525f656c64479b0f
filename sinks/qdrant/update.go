package qdrant

import (
	"context"
	"fmt"
	"maps"
	"slices"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"

	"github.com/vecload/vecload/pipeline"
)

// noField is the name of a field that no point has.
const noField = ReservedField + "_none"

// Update implements [pipeline.Refresher]. Like Write it sends requests of at
// most MaxPoints and MaxBytes, one after the other.
func (x *Index) Update(ctx context.Context, points []pipeline.Point) error {
	if err := x.usable(ctx); err != nil {
		return err
	}
	to, err := x.prepared()
	if err != nil {
		return err
	}
	for i := range points {
		if err := x.checkFields(&points[i], to.spaces); err != nil {
			return err
		}
	}
	if len(points) == 0 {
		return nil // the server takes no empty request
	}
	return x.gathered(len(points), to.maxPoints, changeHead(to.collection, false),
		func(b []byte, i int) []byte { return appendOverwrite(b, &points[i]) },
		func(request mem.Buffer, first, end int) error {
			return x.change(ctx, to.collection, points[first:end], request)
		})
}

// change replaces payloads and returns once that is confirmed.
//
// Where the server is told to wait, it flushes its log after each operation of
// a batch, and ends the batch at the first point that is not there. So the
// operations are sent without waiting, and after them one that changes
// nothing, of the same points and so to the same shards, with waiting: the
// server flushes its log, and applies operations in their order, before it
// answers. Errors of operations nobody waited for are not told, which is why
// the points are asked for what they were made from.
func (x *Index) change(ctx context.Context, collection string, points []pipeline.Point, operations mem.Buffer) error {
	flush := x.headed(changeHead(collection, true))
	*flush = appendText(*flush, clearKeys, noField)
	*flush = appendSelector(*flush, clearSelector, len(points), func(i int) *pipeline.PointID { return &points[i].ID })
	flushing := mem.NewBuffer(flush, &x.buffers)
	defer flushing.Free()
	return x.alter(ctx, "update", func(ctx context.Context) error {
		results := &pb.UpdateBatchResponse{}
		if err := x.invoke(ctx, pb.Points_UpdateBatch_FullMethodName, operations, results); err != nil {
			return err
		}
		if err := x.acknowledged(results.GetResult(), len(points)); err != nil {
			return err
		}
		result := &pb.PointsOperationResponse{}
		err := x.invoke(ctx, pb.Points_DeletePayload_FullMethodName, flushing, result)
		// A point that is not there stays away. That the collection is, the
		// next question tells.
		if err != nil && code(err) != codes.NotFound {
			return err
		}
		if err == nil {
			if err := x.confirmed(result.GetResult().GetStatus()); err != nil {
				return err
			}
		}
		return x.applied(ctx, collection, points)
	})
}

// acknowledged takes an update for sent when the server has it in its log.
func (x *Index) acknowledged(results []*pb.UpdateResult, want int) error {
	if len(results) != want {
		return x.unconfirmed(fmt.Errorf("the server answers %d of %d operations", len(results), want))
	}
	for _, result := range results {
		if s := result.GetStatus(); s != pb.UpdateStatus_Acknowledged && s != pb.UpdateStatus_Completed {
			return x.confirmed(s)
		}
	}
	return nil
}

// applied asks whether the points that are there are those that were sent.
// Points of several vectors are asked for vector by vector.
func (x *Index) applied(ctx context.Context, collection string, points []pipeline.Point) error {
	made := map[string]map[pipeline.PointID]pipeline.Made{}
	for i := range points {
		p := &points[i]
		if made[p.Name] == nil {
			made[p.Name] = map[pipeline.PointID]pipeline.Made{}
		}
		made[p.Name][p.ID] = p.Made
	}
	for name, want := range made {
		ids := slices.Collect(maps.Keys(want))
		stored, err := x.getStored(ctx, collection, name, ids)
		if err != nil {
			return err
		}
		for i, id := range ids {
			if stored[i].Found && stored[i].Made != want[id] {
				return x.unconfirmed(fmt.Errorf("the point %s was not changed", id))
			}
		}
	}
	return nil
}

// Delete implements [pipeline.Refresher]. It goes by 1,000 ids, which it asks
// for their vector first: a filter would have the server stop all other
// writes for the while (1.19).
func (x *Index) Delete(ctx context.Context, name string, ids []pipeline.PointID) error {
	const most = 1000
	to, err := x.preparedFor(ctx, "delete from", name)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(ids, most) {
		stored, err := x.Stored(ctx, name, some)
		if err != nil {
			return err
		}
		var there []pipeline.PointID
		for i, id := range some {
			if stored[i].Found {
				there = append(there, id)
			}
		}
		if len(there) == 0 {
			continue // the server takes no empty request
		}
		b := x.headed(changeHead(to.collection, true))
		*b = appendSelector(*b, deleteSelector, len(there), func(i int) *pipeline.PointID { return &there[i] })
		request := mem.NewBuffer(b, &x.buffers)
		err = x.alter(ctx, "delete from", func(ctx context.Context) error {
			result := &pb.PointsOperationResponse{}
			if err := x.invoke(ctx, pb.Points_Delete_FullMethodName, request, result); err != nil {
				return err
			}
			return x.confirmed(result.GetResult().GetStatus())
		})
		request.Free()
		if err != nil {
			return err
		}
	}
	return nil
}
