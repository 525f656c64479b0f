package qdrantserver

import (
	"cmp"
	"context"
	"slices"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// defaultLimit is what Scroll and Query return when no limit is given.
const defaultLimit = 10

// Get returns the points that exist, each once, in the order of their ids'
// coming.
func (p *pointsService) Get(_ context.Context, request *pb.GetPoints) (*pb.GetResponse, error) {
	points, c, err := p.server.points(request)
	if err != nil {
		return nil, err
	}
	// A point that was found is never changed, so that it can be read without
	// the lock.
	reply := &pb.GetResponse{Result: make([]*pb.RetrievedPoint, 0, len(points))}
	for _, point := range points {
		found, err := c.retrieved(point, request.GetWithPayload(), request.GetWithVectors())
		if err != nil {
			return nil, err
		}
		reply.Result = append(reply.Result, found)
	}
	return reply, nil
}

func (s *Server) points(request *pb.GetPoints) ([]*storedPoint, *collection, error) {
	keys := make([]pointKey, len(request.GetIds()))
	for i, id := range request.GetIds() {
		var err error
		if keys[i], err = keyOf(id); err != nil {
			return nil, nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(request.GetCollectionName())
	if err != nil {
		return nil, nil, err
	}
	points := make([]*storedPoint, 0, len(keys))
	seen := make(map[pointKey]bool, len(keys))
	for _, key := range keys {
		if point, ok := c.points[key]; ok && !seen[key] {
			seen[key] = true
			points = append(points, point)
		}
	}
	return points, c, nil
}

// Scroll pages through points in the order of their ids.
func (p *pointsService) Scroll(_ context.Context, request *pb.ScrollPoints) (*pb.ScrollResponse, error) {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(request.GetCollectionName())
	if err != nil {
		return nil, err
	}
	if request.GetOrderBy() != nil {
		return nil, status.Error(codes.Unimplemented, "order_by is not known to this server")
	}
	var from *pointKey
	if request.Offset != nil {
		key, err := keyOf(request.GetOffset())
		if err != nil {
			return nil, err
		}
		from = &key
	}
	limit := defaultLimit
	if request.Limit != nil {
		limit = int(request.GetLimit())
	}
	if limit < 1 {
		return nil, status.Error(codes.InvalidArgument, "Validation error in body: [limit: value 0 invalid, must be 1 or larger]")
	}
	points, err := c.page(request.GetFilter(), from, limit+1)
	if err != nil {
		return nil, err
	}
	reply := &pb.ScrollResponse{}
	for i, point := range points {
		if i == limit {
			reply.NextPageOffset = point.key.id()
			break
		}
		found, err := c.retrieved(point, request.GetWithPayload(), request.GetWithVectors())
		if err != nil {
			return nil, err
		}
		reply.Result = append(reply.Result, found)
	}
	return reply, nil
}

// Count counts the points that match; it is always exact.
func (p *pointsService) Count(_ context.Context, request *pb.CountPoints) (*pb.CountResponse, error) {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(request.GetCollectionName())
	if err != nil {
		return nil, err
	}
	points, err := c.matching(request.GetFilter())
	if err != nil {
		return nil, err
	}
	return &pb.CountResponse{Result: &pb.CountResult{Count: uint64(len(points))}}, nil
}

// Query finds the nearest points to a vector by comparing all.
func (p *pointsService) Query(_ context.Context, request *pb.QueryPoints) (*pb.QueryResponse, error) {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(request.GetCollectionName())
	if err != nil {
		return nil, err
	}
	nearest := request.GetQuery().GetNearest()
	if nearest.GetDense() == nil && nearest.GetSparse() == nil || len(request.GetPrefetch()) > 0 || request.GetLookupFrom() != nil {
		return nil, status.Error(codes.Unimplemented, "only the nearest points to a vector are known to this server")
	}
	points, err := c.matching(request.GetFilter())
	if err != nil {
		return nil, err
	}
	compare, err := c.comparison(nearest, request.GetUsing())
	if err != nil {
		return nil, err
	}
	scored := make([]*pb.ScoredPoint, 0, len(points))
	byID := make(map[*pb.ScoredPoint]*storedPoint, len(points))
	for _, point := range points {
		score, ok := compare(point)
		if !ok || request.ScoreThreshold != nil && score < request.GetScoreThreshold() {
			continue
		}
		found := &pb.ScoredPoint{Id: point.key.id(), Score: score}
		scored = append(scored, found)
		byID[found] = point
	}
	// Points of one score have no order at the real server. Here they come in
	// the reverse order of their ids, so that nobody relies on one.
	slices.SortStableFunc(scored, func(a, b *pb.ScoredPoint) int {
		if c := cmp.Compare(b.Score, a.Score); c != 0 {
			return c
		}
		return byID[b].key.compare(byID[a].key)
	})
	limit := uint64(defaultLimit)
	if request.Limit != nil {
		limit = request.GetLimit()
	}
	from := min(request.GetOffset(), uint64(len(scored)))
	scored = scored[from:min(from+limit, uint64(len(scored)))]
	for _, found := range scored {
		full, err := c.retrieved(byID[found], request.GetWithPayload(), request.GetWithVectors())
		if err != nil {
			return nil, err
		}
		found.Payload, found.Vectors = full.GetPayload(), full.GetVectors()
		found.Score = told(found.GetScore(), vectorParams(c.request.GetVectorsConfig())[request.GetUsing()].GetDistance())
	}
	return &pb.QueryResponse{Result: scored}, nil
}

// retrieved is the point as it is sent. Without selectors it is its id alone.
func (c *collection) retrieved(p *storedPoint, payload *pb.WithPayloadSelector, vectors *pb.WithVectorsSelector) (*pb.RetrievedPoint, error) {
	out := &pb.RetrievedPoint{Id: p.key.id()}
	var err error
	if out.Payload, err = selectPayload(p.payload, payload); err != nil {
		return nil, err
	}
	chosen := vectors.GetInclude().GetNames()
	for _, name := range chosen {
		if !c.hasVector(name) {
			return nil, unknownVector(name)
		}
	}
	if !vectors.GetEnable() && vectors.GetInclude() == nil {
		return out, nil
	}
	named := map[string]*pb.VectorOutput{}
	for name, data := range p.vectors { // those that the point has
		if vectors.GetInclude() != nil && !slices.Contains(chosen, name) {
			continue
		}
		named[name] = &pb.VectorOutput{Vector: &pb.VectorOutput_Dense{Dense: &pb.DenseVector{Data: data}}}
	}
	for name, vector := range p.sparse {
		if vectors.GetInclude() != nil && !slices.Contains(chosen, name) {
			continue
		}
		named[name] = &pb.VectorOutput{Vector: &pb.VectorOutput_Sparse{Sparse: &pb.SparseVector{Indices: vector.indices, Values: vector.values}}}
	}
	out.Vectors = &pb.VectorsOutput{VectorsOptions: &pb.VectorsOutput_Vectors{Vectors: &pb.NamedVectorsOutput{Vectors: named}}}
	if single, ok := named[""]; ok {
		out.Vectors = &pb.VectorsOutput{VectorsOptions: &pb.VectorsOutput_Vector{Vector: proto.CloneOf(single)}}
	}
	return out, nil
}
