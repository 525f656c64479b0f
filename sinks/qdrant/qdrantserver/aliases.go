package qdrantserver

import (
	"context"
	"maps"
	"slices"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// UpdateAliases applies the actions one by one. As at the real server, what
// was done before an action that fails stays done, and creating an alias that
// exists moves it.
func (c *collectionsService) UpdateAliases(_ context.Context, request *pb.ChangeAliases) (*pb.CollectionOperationResponse, error) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, action := range request.GetActions() {
		if err := s.applyAlias(action); err != nil {
			return nil, err
		}
	}
	return &pb.CollectionOperationResponse{Result: true}, nil
}

func (s *Server) applyAlias(action *pb.AliasOperations) error {
	switch a := action.GetAction().(type) {
	case *pb.AliasOperations_CreateAlias:
		name, target := a.CreateAlias.GetAliasName(), a.CreateAlias.GetCollectionName()
		if _, ok := s.collections[target]; !ok {
			return status.Errorf(codes.NotFound, "Not found: Collection `%s` doesn't exist!", target)
		}
		if _, ok := s.collections[name]; ok {
			return status.Errorf(codes.AlreadyExists, "Wrong input: Collection `%s` already exists!", name)
		}
		s.aliases[name] = target
	case *pb.AliasOperations_DeleteAlias:
		delete(s.aliases, a.DeleteAlias.GetAliasName())
	case *pb.AliasOperations_RenameAlias:
		target, ok := s.aliases[a.RenameAlias.GetOldAliasName()]
		if !ok {
			return status.Errorf(codes.NotFound, "Not found: Alias %s does not exists!", a.RenameAlias.GetOldAliasName())
		}
		delete(s.aliases, a.RenameAlias.GetOldAliasName())
		s.aliases[a.RenameAlias.GetNewAliasName()] = target
	}
	return nil
}

func (c *collectionsService) ListAliases(context.Context, *pb.ListAliasesRequest) (*pb.ListAliasesResponse, error) {
	return c.server.listAliases(""), nil
}

func (c *collectionsService) ListCollectionAliases(_ context.Context, request *pb.ListCollectionAliasesRequest) (*pb.ListAliasesResponse, error) {
	return c.server.listAliases(request.GetCollectionName()), nil
}

func (s *Server) listAliases(of string) *pb.ListAliasesResponse {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply := &pb.ListAliasesResponse{}
	for _, name := range slices.Sorted(maps.Keys(s.aliases)) {
		if of == "" || s.aliases[name] == of {
			reply.Aliases = append(reply.Aliases, &pb.AliasDescription{AliasName: name, CollectionName: s.aliases[name]})
		}
	}
	return reply
}
