package qdrantserver

import (
	"context"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type pointsService struct {
	pb.UnimplementedPointsServer
	server *Server
}

type storedPoint struct {
	key     pointKey
	payload map[string]*pb.Value
	vectors map[string][]float32
	sparse  map[string]sparseVector
}

// Upsert replaces points as a whole. Of an id that comes twice the last wins.
func (p *pointsService) Upsert(_ context.Context, request *pb.UpsertPoints) (*pb.PointsOperationResponse, error) {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(request.GetCollectionName())
	if err != nil {
		return nil, err
	}
	if len(request.GetPoints()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "Bad request: Empty update request")
	}
	if request.GetUpdateFilter() != nil || request.GetUpdateMode() != pb.UpdateMode_Upsert {
		return nil, status.Error(codes.Unimplemented, "conditional upserts are not known to this server")
	}
	strict := c.request.GetStrictModeConfig()
	if limit := strict.GetUpsertMaxBatchsize(); strict.GetEnabled() && limit > 0 && uint64(len(request.GetPoints())) > limit {
		return nil, status.Errorf(codes.InvalidArgument,
			"Forbidden: Limit exceeded %d > %d for \"upsert\". Help: Reduce the number of points", len(request.GetPoints()), limit)
	}
	points := make([]*storedPoint, len(request.GetPoints()))
	for i, point := range request.GetPoints() {
		if points[i], err = c.read(point); err != nil {
			return nil, err
		}
	}
	for _, point := range points {
		c.put(point)
	}
	return s.updated(request.GetWait()), nil
}

// read checks a point and makes its vectors as they are kept.
func (c *collection) read(point *pb.PointStruct) (*storedPoint, error) {
	key, err := keyOf(point.GetId())
	if err != nil {
		return nil, err
	}
	vectors, sparse, err := c.readVectors(point.GetVectors())
	if err != nil {
		return nil, err
	}
	for _, value := range point.GetPayload() {
		if err := checkValue(value); err != nil {
			return nil, err
		}
	}
	return &storedPoint{key: key, payload: point.GetPayload(), vectors: vectors, sparse: sparse}, nil
}

// updated is the answer to an update. Without wait the real server only says
// that the update is in its log.
func (s *Server) updated(wait bool) *pb.PointsOperationResponse {
	s.operations++
	result := &pb.UpdateResult{OperationId: new(s.operations), Status: pb.UpdateStatus_Acknowledged}
	if wait {
		result.Status = pb.UpdateStatus_Completed
	}
	return &pb.PointsOperationResponse{Result: result}
}

func (p *pointsService) Delete(_ context.Context, request *pb.DeletePoints) (*pb.PointsOperationResponse, error) {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(request.GetCollectionName())
	if err != nil {
		return nil, err
	}
	keys, err := c.selected(request.GetPoints())
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		delete(c.points, key)
	}
	return s.updated(request.GetWait()), nil
}

// CreateFieldIndex notes the index; filters work without one.
func (p *pointsService) CreateFieldIndex(_ context.Context, request *pb.CreateFieldIndexCollection) (*pb.PointsOperationResponse, error) {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(request.GetCollectionName())
	if err != nil {
		return nil, err
	}
	strict := c.request.GetStrictModeConfig()
	_, known := c.schema[request.GetFieldName()]
	if strict.GetEnabled() && strict.MaxPayloadIndexCount != nil && !known && uint64(len(c.schema)) >= strict.GetMaxPayloadIndexCount() {
		return nil, status.Errorf(codes.InvalidArgument,
			"Forbidden: Collection already has the maximum number of payload indices (%d)", strict.GetMaxPayloadIndexCount())
	}
	c.schema[request.GetFieldName()] = &pb.PayloadSchemaInfo{
		DataType: pb.PayloadSchemaType(request.GetFieldType()) + 1, Params: request.GetFieldIndexParams(),
	}
	return s.updated(request.GetWait()), nil
}

// selected returns the keys that a selector names.
func (c *collection) selected(selector *pb.PointsSelector) ([]pointKey, error) {
	switch s := selector.GetPointsSelectorOneOf().(type) {
	case *pb.PointsSelector_Points:
		if len(s.Points.GetIds()) == 0 {
			return nil, status.Error(codes.InvalidArgument, "Bad request: Empty update request")
		}
		keys := make([]pointKey, len(s.Points.GetIds()))
		for i, id := range s.Points.GetIds() {
			var err error
			if keys[i], err = keyOf(id); err != nil {
				return nil, err
			}
		}
		return keys, nil
	case *pb.PointsSelector_Filter:
		points, err := c.matching(s.Filter)
		if err != nil {
			return nil, err
		}
		keys := make([]pointKey, len(points))
		for i, point := range points {
			keys[i] = point.key
		}
		return keys, nil
	}
	return nil, status.Error(codes.InvalidArgument, "PointSelector is missing")
}
