package qdrantserver

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// firstMetadataMinor is the minor version of Qdrant 1 that brought metadata.
const firstMetadataMinor = 16

type collection struct {
	request *pb.CreateCollection // as it was created and updated, with the defaults
	states  []State              // that descriptions show, the next one first
	meta    map[string]*pb.Value
	schema  map[string]*pb.PayloadSchemaInfo
	points  map[pointKey]*storedPoint

	sorted   []pointKey // in order; some may be deleted by now
	unsorted []pointKey // came after those
}

type collectionsService struct {
	pb.UnimplementedCollectionsServer
	server *Server
}

// Points returns how many points a collection, or the one behind an alias,
// holds; 0 when there is none.
func (s *Server) Points(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, err := s.find(name); err == nil {
		return len(c.points)
	}
	return 0
}

// find resolves aliases. The caller holds the lock.
func (s *Server) find(name string) (*collection, error) {
	if name == "" {
		return nil, status.Error(codes.InvalidArgument,
			`Validation error in body: [collection_name: value "" invalid, must be from 1 to 255 characters]`)
	}
	if target, ok := s.aliases[name]; ok {
		name = target
	}
	c, ok := s.collections[name]
	if !ok {
		return nil, status.Errorf(codes.NotFound, "Not found: Collection `%s` doesn't exist!", name)
	}
	return c, nil
}

func (s *Server) keepsMetadata() bool {
	parts := strings.Split(s.options.Version, ".")
	if len(parts) < 2 || parts[0] != "1" {
		return true
	}
	minor, err := strconv.Atoi(parts[1])
	return err != nil || minor >= firstMetadataMinor
}

func (c *collectionsService) Create(_ context.Context, request *pb.CreateCollection) (*pb.CollectionOperationResponse, error) {
	name := request.GetCollectionName()
	if name == "" || len(name) > 255 || strings.ContainsAny(name, refusedCharacters) {
		return nil, status.Error(codes.InvalidArgument, "Validation error in body: [collection_name: invalid name]")
	}
	if err := checkVectorNames(request); err != nil {
		return nil, err
	}
	for vector, params := range vectorParams(request.GetVectorsConfig()) {
		if params.GetSize() < 1 || params.GetSize() > 65536 {
			return nil, status.Errorf(codes.InvalidArgument,
				"Validation error in body: [vectors.%s.size: value %d invalid, must be from 1 to 65536]", vector, params.GetSize())
		}
		if params.GetDistance() == pb.Distance_UnknownDistance {
			return nil, status.Error(codes.InvalidArgument, "Unknown distance")
		}
	}
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.collections[name]; ok {
		return nil, status.Errorf(codes.AlreadyExists, "Wrong input: Collection `%s` already exists!", name)
	}
	if _, ok := s.aliases[name]; ok {
		return nil, status.Errorf(codes.InvalidArgument,
			"Wrong input: Can't create collection with name %s. Alias with the same name already exists", name)
	}
	made := &collection{
		request: withDefaults(request), meta: map[string]*pb.Value{},
		schema: map[string]*pb.PayloadSchemaInfo{}, points: map[pointKey]*storedPoint{},
	}
	if s.keepsMetadata() {
		maps.Copy(made.meta, made.request.GetMetadata())
	}
	s.collections[name] = made
	return &pb.CollectionOperationResponse{Result: true}, nil
}

func (c *collectionsService) Update(_ context.Context, request *pb.UpdateCollection) (*pb.CollectionOperationResponse, error) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(request.GetCollectionName())
	if err != nil {
		return nil, err
	}
	if s.keepsMetadata() {
		for name, value := range proto.CloneOf(request).GetMetadata() { // keys are merged
			if isNull(value) {
				delete(found.meta, name) // null takes a key away
				continue
			}
			found.meta[name] = value
		}
	}
	found.change(request)
	return &pb.CollectionOperationResponse{Result: true}, nil
}

func (c *collectionsService) Delete(_ context.Context, request *pb.DeleteCollection) (*pb.CollectionOperationResponse, error) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	name := request.GetCollectionName()
	_, ok := s.collections[name]
	delete(s.collections, name)
	maps.DeleteFunc(s.aliases, func(_, target string) bool { return target == name })
	return &pb.CollectionOperationResponse{Result: ok}, nil
}

func (c *collectionsService) Get(_ context.Context, request *pb.GetCollectionInfoRequest) (*pb.GetCollectionInfoResponse, error) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(request.GetCollectionName())
	if err != nil {
		return nil, err
	}
	n := uint64(len(found.points))
	state := found.state()
	return &pb.GetCollectionInfoResponse{Result: &pb.CollectionInfo{
		Status:          state.Status,
		OptimizerStatus: &pb.OptimizerStatus{Ok: state.Error == "", Error: state.Error},
		SegmentsCount:   1,
		PointsCount:     &n, IndexedVectorsCount: proto.Uint64(0),
		PayloadSchema: maps.Clone(found.schema),
		UpdateQueue:   &pb.UpdateQueueInfo{Length: state.Queued, DeferredPoints: &state.Deferred},
		Config:        found.config(),
	}}, nil
}

func (c *collectionsService) List(context.Context, *pb.ListCollectionsRequest) (*pb.ListCollectionsResponse, error) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	reply := &pb.ListCollectionsResponse{}
	for _, name := range slices.Sorted(maps.Keys(s.collections)) {
		reply.Collections = append(reply.Collections, &pb.CollectionDescription{Name: name})
	}
	return reply, nil
}

func (c *collectionsService) CollectionExists(_ context.Context, request *pb.CollectionExistsRequest) (*pb.CollectionExistsResponse, error) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.find(request.GetCollectionName())
	return &pb.CollectionExistsResponse{Result: &pb.CollectionExists{Exists: err == nil}}, nil
}
