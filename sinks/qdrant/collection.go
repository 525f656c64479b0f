package qdrant

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/vecload/vecload/pipeline"
)

const otherCollectionHint = "name another collection in the configuration; vecload creates it"

// resolve returns the collection behind the name, which may be an alias.
func (x *Index) resolve(ctx context.Context) (string, error) {
	var aliases []*pb.AliasDescription
	err := x.ask(ctx, "list the aliases of", func(ctx context.Context) (err error) {
		aliases, err = x.client.ListAliases(ctx)
		return err
	})
	if err != nil {
		// A key may be valid for one collection only; then there are no
		// aliases to see, and the name is taken as it is.
		if code(err) == codes.PermissionDenied {
			return x.options.Collection, nil
		}
		return "", err
	}
	for _, a := range aliases {
		if a.GetAliasName() == x.options.Collection {
			return a.GetCollectionName(), nil
		}
	}
	return x.options.Collection, nil
}

// collectionInfo returns nil when there is no such collection.
func (x *Index) collectionInfo(ctx context.Context, name string) (*pb.CollectionInfo, error) {
	return x.describe(ctx, name, x.ask)
}

// describe is collectionInfo by a way to ask.
func (x *Index) describe(ctx context.Context, name string, ask func(context.Context, string, func(context.Context) error) error) (*pb.CollectionInfo, error) {
	var info *pb.CollectionInfo
	err := ask(ctx, "describe", func(ctx context.Context) (err error) {
		info, err = x.client.GetCollectionInfo(ctx, name)
		return err
	})
	if code(err) == codes.NotFound {
		return nil, nil //nolint:nilnil // a missing collection is an answer
	}
	return info, err
}

// create makes the collection, stamp and notes included, and returns what the
// server made of it. Somebody else may be first; the checks that follow
// decide.
func (x *Index) create(ctx context.Context, name string, spaces pipeline.Spaces, notes map[string]*pb.Value) (*pb.CollectionInfo, error) {
	stamp, err := x.newStamp(spaces)
	if err != nil {
		return nil, x.fail("stamp", err)
	}
	vectors := make(map[string]*pb.VectorParams, len(spaces))
	for vector, space := range spaces {
		vectors[vector] = &pb.VectorParams{Size: uint64(space.Dim), Distance: x.options.Tuning.Distance.message()}
	}
	request := &pb.CreateCollection{
		CollectionName: name,
		// Named also where there is one only. What the tuning does not say is
		// left to the server's defaults, which keep payloads on disk.
		VectorsConfig:       pb.NewVectorsConfigMap(vectors),
		SparseVectorsConfig: sparseConfig(spaces),
		Metadata:            map[string]*pb.Value{stampKey: stamp},
	}
	maps.Copy(request.Metadata, notes)
	x.options.Tuning.apply(request)
	created := x.ask(ctx, "create", func(ctx context.Context) error { return x.client.CreateCollection(ctx, request) })
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	info, err := x.collectionInfo(ctx, name)
	switch {
	case err != nil:
		return nil, err
	case info != nil:
		return info, nil
	case created != nil:
		return nil, created
	}
	return nil, x.fail("create", errors.New("the server says it made the collection, and does not have it"))
}

// checkStamp compares the collection's stamp with the spaces, and reports
// whether there is one.
func (x *Index) checkStamp(info *pb.CollectionInfo, spaces pipeline.Spaces) (stamped bool, err error) {
	old, stamped, err := x.readStamp(info)
	if err != nil || !stamped {
		return false, err
	}
	if differences := old.Differences(spaces); len(differences) > 0 {
		return true, x.refuse("the collection was made with "+old.String()+": "+strings.Join(differences, "; "),
			"use the models that made the collection, or "+otherCollectionHint)
	}
	return true, nil
}

// stamp stamps a collection that has no stamp, which it may only while it is
// empty.
func (x *Index) stamp(ctx context.Context, name string, spaces pipeline.Spaces) error {
	n, err := x.countIn(ctx, name)
	if err != nil {
		return err
	}
	if n > 0 {
		return x.refuse(fmt.Sprintf("the collection holds %d points and no stamp of vecload, "+
			"so nobody can tell which model made its vectors", n), otherCollectionHint)
	}
	stamp, err := x.newStamp(spaces)
	if err != nil {
		return x.fail("stamp", err)
	}
	err = x.ask(ctx, "stamp", func(ctx context.Context) error {
		return x.client.UpdateCollection(ctx, &pb.UpdateCollection{
			CollectionName: name, Metadata: map[string]*pb.Value{stampKey: stamp},
		})
	})
	if err != nil {
		return err
	}
	info, err := x.collectionInfo(ctx, name)
	if err != nil {
		return err
	}
	// Read back, since a server that does not know metadata drops it, and
	// since another run may have stamped it at the same moment.
	now, found, err := x.readStamp(info)
	if err != nil {
		return err
	}
	if !found || !now.Compatible(spaces) {
		return x.refuse("the collection does not keep the stamp", upgradeTo(metadataMinor))
	}
	return nil
}
