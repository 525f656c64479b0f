package qdrant

import (
	"context"
	"fmt"
	"maps"
	"slices"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

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
	var operations []*pb.PointsUpdateOperation
	first, size := 0, 0
	for i := range points {
		operation := &pb.PointsUpdateOperation{Operation: &pb.PointsUpdateOperation_OverwritePayload_{
			OverwritePayload: &pb.PointsUpdateOperation_OverwritePayload{
				Payload:        encodePayload(&points[i]),
				PointsSelector: pb.NewPointsSelector(pb.NewIDUUID(points[i].ID.String())),
			},
		}}
		bytes := proto.Size(operation)
		if len(operations) > 0 && (len(operations) >= to.maxPoints || size+bytes > x.options.MaxBytes) {
			if err := x.change(ctx, to.collection, points[first:i], operations); err != nil {
				return err
			}
			operations, first, size = nil, i, 0
		}
		operations, size = append(operations, operation), size+bytes
	}
	if len(operations) == 0 {
		return nil
	}
	return x.change(ctx, to.collection, points[first:], operations)
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
func (x *Index) change(ctx context.Context, collection string, points []pipeline.Point, operations []*pb.PointsUpdateOperation) error {
	selected := make([]*pb.PointId, len(points))
	for i := range points {
		selected[i] = pb.NewIDUUID(points[i].ID.String())
	}
	return x.alter(ctx, "update", func(ctx context.Context) error {
		results, err := x.client.UpdateBatch(ctx, &pb.UpdateBatchPoints{
			CollectionName: collection, Wait: new(false), Operations: operations,
		})
		if err != nil {
			return err
		}
		if err := x.acknowledged(results, len(operations)); err != nil {
			return err
		}
		result, err := x.client.DeletePayload(ctx, &pb.DeletePayloadPoints{
			CollectionName: collection, Wait: new(true),
			Keys: []string{noField}, PointsSelector: pb.NewPointsSelector(selected...),
		})
		// A point that is not there stays away. That the collection is, the
		// next question tells.
		if err != nil && code(err) != codes.NotFound {
			return err
		}
		if err == nil {
			if err := x.confirmed(result.GetStatus()); err != nil {
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
		var selected []*pb.PointId
		for i, id := range some {
			if stored[i].Found {
				selected = append(selected, pb.NewIDUUID(id.String()))
			}
		}
		if len(selected) == 0 {
			continue // the server takes no empty request
		}
		request := &pb.DeletePoints{
			CollectionName: to.collection, Wait: new(true), Points: pb.NewPointsSelector(selected...),
		}
		err = x.alter(ctx, "delete from", func(ctx context.Context) error {
			result, err := x.client.Delete(ctx, request)
			if err != nil {
				return err
			}
			return x.confirmed(result.GetStatus())
		})
		if err != nil {
			return err
		}
	}
	return nil
}
