package qdrantserver

import (
	"context"
	"maps"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// SetPayload sets fields and leaves the others as they are.
func (p *pointsService) SetPayload(_ context.Context, request *pb.SetPayloadPoints) (*pb.PointsOperationResponse, error) {
	return p.server.changePayloads(request.GetCollectionName(), request.GetWait(), request.GetPointsSelector(),
		setPayload(request.GetPayload(), request.GetKey()))
}

// OverwritePayload replaces all fields.
func (p *pointsService) OverwritePayload(_ context.Context, request *pb.SetPayloadPoints) (*pb.PointsOperationResponse, error) {
	return p.server.changePayloads(request.GetCollectionName(), request.GetWait(), request.GetPointsSelector(),
		overwritePayload(request.GetPayload(), request.GetKey()))
}

// DeletePayload takes fields away.
func (p *pointsService) DeletePayload(_ context.Context, request *pb.DeletePayloadPoints) (*pb.PointsOperationResponse, error) {
	return p.server.changePayloads(request.GetCollectionName(), request.GetWait(), request.GetPointsSelector(),
		deletePayload(request.GetKeys()))
}

// UpdateBatch does one operation after the other. As at the real server the
// first that fails ends it, and what was done before stays done.
func (p *pointsService) UpdateBatch(ctx context.Context, request *pb.UpdateBatchPoints) (*pb.UpdateBatchResponse, error) {
	if len(request.GetOperations()) == 0 {
		return nil, status.Error(codes.InvalidArgument,
			"Validation error in body: [operations: value [] invalid, must be at least 1 characters]")
	}
	reply := &pb.UpdateBatchResponse{}
	for _, operation := range request.GetOperations() {
		done, err := p.operate(ctx, request, operation)
		if err != nil {
			return nil, err
		}
		reply.Result = append(reply.Result, done.GetResult())
	}
	return reply, nil
}

func (p *pointsService) operate(ctx context.Context, request *pb.UpdateBatchPoints, operation *pb.PointsUpdateOperation) (*pb.PointsOperationResponse, error) {
	name, wait := request.GetCollectionName(), request.GetWait()
	switch o := operation.GetOperation().(type) {
	case nil:
		return nil, status.Error(codes.InvalidArgument, "Operation is missing")
	case *pb.PointsUpdateOperation_Upsert:
		return p.Upsert(ctx, &pb.UpsertPoints{
			CollectionName: name, Wait: &wait, Points: o.Upsert.GetPoints(),
			UpdateFilter: o.Upsert.UpdateFilter, UpdateMode: o.Upsert.UpdateMode,
		})
	case *pb.PointsUpdateOperation_DeletePoints_:
		return p.Delete(ctx, &pb.DeletePoints{CollectionName: name, Wait: &wait, Points: o.DeletePoints.GetPoints()})
	case *pb.PointsUpdateOperation_SetPayload_:
		return p.server.changePayloads(name, wait, o.SetPayload.GetPointsSelector(),
			setPayload(o.SetPayload.GetPayload(), o.SetPayload.GetKey()))
	case *pb.PointsUpdateOperation_OverwritePayload_:
		return p.server.changePayloads(name, wait, o.OverwritePayload.GetPointsSelector(),
			overwritePayload(o.OverwritePayload.GetPayload(), o.OverwritePayload.GetKey()))
	case *pb.PointsUpdateOperation_DeletePayload_:
		return p.server.changePayloads(name, wait, o.DeletePayload.GetPointsSelector(), deletePayload(o.DeletePayload.GetKeys()))
	}
	return nil, status.Error(codes.Unimplemented, "this operation of a batch is not known to this server")
}

// change makes a payload of an older one, which it leaves as it is.
type change func(old map[string]*pb.Value) (map[string]*pb.Value, error)

func setPayload(payload map[string]*pb.Value, key string) change {
	return func(old map[string]*pb.Value) (map[string]*pb.Value, error) {
		if err := checkPayload(payload, key); err != nil {
			return nil, err
		}
		out := make(map[string]*pb.Value, len(old)+len(payload))
		maps.Copy(out, old)
		for name, value := range payload {
			if isNull(value) {
				delete(out, name) // null takes a field away
				continue
			}
			out[name] = value
		}
		return out, nil
	}
}

func overwritePayload(payload map[string]*pb.Value, key string) change {
	return func(map[string]*pb.Value) (map[string]*pb.Value, error) {
		return payload, checkPayload(payload, key)
	}
}

func deletePayload(names []string) change {
	return func(old map[string]*pb.Value) (map[string]*pb.Value, error) {
		out := old
		for _, name := range names {
			out = exclude(out, name)
		}
		return out, nil
	}
}

func checkPayload(payload map[string]*pb.Value, key string) error {
	if key != "" {
		return status.Error(codes.Unimplemented, "payload keys are not known to this server")
	}
	for _, value := range payload {
		if err := checkValue(value); err != nil {
			return err
		}
	}
	return nil
}

// changePayloads changes the payloads of the points that a selector names. Of
// ids that are not there one who waits is told, after the others were changed.
func (s *Server) changePayloads(name string, wait bool, selector *pb.PointsSelector, change change) (*pb.PointsOperationResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(name)
	if err != nil {
		return nil, err
	}
	if selector.GetPointsSelectorOneOf() == nil {
		return nil, status.Error(codes.InvalidArgument, "points_selector is expected")
	}
	keys, err := c.selected(selector)
	if err != nil {
		return nil, err
	}
	if _, err := change(nil); err != nil {
		return nil, err
	}
	missing := false
	var first pointKey
	for _, key := range keys {
		old, ok := c.points[key]
		if !ok {
			if !missing {
				missing, first = true, key
			}
			continue
		}
		// A new map, since answers under way may share the old one.
		payload, err := change(old.payload)
		if err != nil {
			return nil, err
		}
		c.points[key] = &storedPoint{key: key, payload: payload, vectors: old.vectors, sparse: old.sparse}
	}
	done := s.updated(wait)
	if missing && wait {
		return nil, status.Errorf(codes.NotFound, "Not found: No point with id %s found", first.text())
	}
	return done, nil
}
