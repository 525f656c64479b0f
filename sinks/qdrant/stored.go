package qdrant

import (
	"context"
	"errors"
	"fmt"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/vecload/vecload/pipeline"
)

// Stored implements [pipeline.Refresher]. It is one request.
func (x *Index) Stored(ctx context.Context, name string, ids []pipeline.PointID) ([]pipeline.Stored, error) {
	to, err := x.preparedFor(ctx, "read", name)
	if err != nil {
		return nil, err
	}
	var stored []pipeline.Stored
	err = x.repeat(ctx, "read", func(ctx context.Context) (err error) {
		stored, err = x.getStored(ctx, to.collection, name, ids)
		return err
	})
	return stored, err
}

// getStored asks once.
func (x *Index) getStored(ctx context.Context, collection, name string, ids []pipeline.PointID) ([]pipeline.Stored, error) {
	head, err := proto.Marshal(&pb.GetPoints{
		CollectionName: collection,
		WithPayload:    pb.NewWithPayloadInclude(madeField), WithVectors: pb.NewWithVectors(false),
	})
	if err != nil {
		return nil, err
	}
	// The fields of a message have no order, and a list may be appended to.
	b := x.headed(head)
	*b = appendIDs(*b, getIDs, ids)
	request := mem.NewBuffer(b, &x.buffers)
	defer request.Free()
	var answer []byte
	if err := x.invoke(ctx, pb.Points_Get_FullMethodName, request, &answer); err != nil {
		return nil, err
	}
	places := places{ids: ids}
	stored := make([]pipeline.Stored, len(ids))
	err = readPoints(answer, madeField, func(uuid, text []byte) error {
		id, ok := parseUUID(uuid)
		if !ok {
			return errors.New("the server answers with an id that is no UUID")
		}
		i, ok := places.of(id)
		if !ok {
			return fmt.Errorf("the server answers with the point %s, which nobody asked for", id)
		}
		stored[i] = decodeMade(text, name)
		return nil
	})
	return stored, err
}

// places finds ids in a list. It is fast when it is asked in the order of
// the list, which is how the server answers, and right in any other.
type places struct {
	ids    []pipeline.PointID
	next   int // where to look first
	lookup map[pipeline.PointID]int
}

func (p *places) of(id pipeline.PointID) (int, bool) {
	if p.lookup == nil {
		for i := p.next; i < len(p.ids); i++ {
			if p.ids[i] == id {
				p.next = i + 1
				return i, true
			}
		}
		p.lookup = make(map[pipeline.PointID]int, len(p.ids))
		for i, id := range p.ids {
			p.lookup[id] = i
		}
	}
	i, ok := p.lookup[id]
	return i, ok
}

// preparedFor returns what Prepare found out, if there is a vector of this
// name.
func (x *Index) preparedFor(ctx context.Context, verb, name string) (target, error) {
	if err := x.usable(ctx); err != nil {
		return target{}, err
	}
	to, err := x.prepared()
	if err != nil {
		return target{}, err
	}
	if _, ok := to.spaces[name]; !ok {
		return target{}, x.fail(verb, fmt.Errorf("the index has no vector %q, it has %q", name, to.spaces.Names()))
	}
	return to, nil
}
