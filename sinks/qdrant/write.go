package qdrant

import (
	"context"
	"errors"
	"fmt"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/mem"

	"github.com/vecload/vecload/pipeline"
)

// Write implements [pipeline.Index]. The points go in requests of at most
// MaxPoints and MaxBytes, one after the other; each is repeated until the
// server has confirmed it or the budget is used up.
func (x *Index) Write(ctx context.Context, points []pipeline.Point) error {
	if err := x.usable(ctx); err != nil {
		return err
	}
	to, err := x.prepared()
	if err != nil {
		return err
	}
	// All are looked at before the first is sent.
	for i := range points {
		if err := x.checkPoint(&points[i], to.spaces); err != nil {
			return err
		}
	}
	if len(points) == 0 {
		return nil // the server takes no empty request
	}
	return x.gathered(len(points), to.maxPoints, changeHead(to.collection, true),
		func(b []byte, i int) []byte {
			p := &points[i]
			return appendPoint(b, p, to.distances[p.Name].scaled(p.Vector))
		},
		func(request mem.Buffer, _, _ int) error { return x.send(ctx, request) })
}

// send writes one request and returns once it is confirmed.
func (x *Index) send(ctx context.Context, request mem.Buffer) error {
	return x.alter(ctx, "write to", func(ctx context.Context) error {
		result, err := x.upsert(ctx, request)
		if err != nil {
			return err
		}
		return x.confirmed(result.GetStatus())
	})
}

// sendUpsert is upsert of an index that has a connection.
func (x *Index) sendUpsert(ctx context.Context, request mem.Buffer) (*pb.UpdateResult, error) {
	answer := &pb.PointsOperationResponse{}
	err := x.invoke(ctx, pb.Points_Upsert_FullMethodName, request, answer)
	return answer.GetResult(), err
}

// confirmed takes only Completed for a yes: an acknowledged write may still
// fail, and one that timed out may not have been applied.
func (x *Index) confirmed(s pb.UpdateStatus) error {
	if s == pb.UpdateStatus_Completed {
		return nil
	}
	return x.unconfirmed(fmt.Errorf("the server did not confirm the points, its status is %s", s))
}

// unconfirmed is the error of a change that may or may not have been made.
func (x *Index) unconfirmed(err error) error {
	return &pipeline.Error{
		Op: "write to " + x.place(), Class: pipeline.Transient,
		Hint: "look at the log and at the load of Qdrant, then run the same command again",
		Err:  err,
	}
}

func (x *Index) checkPoint(p *pipeline.Point, spaces pipeline.Spaces) error {
	if err := x.checkFields(p, spaces); err != nil {
		return err
	}
	if space := spaces[p.Name]; len(p.Vector) != space.Dim {
		return x.fail("write to", fmt.Errorf("point %s: the vector %q has %d components, the index %d",
			p.ID, p.Name, len(p.Vector), space.Dim))
	}
	if p.Sparse.Len() > 0 && spaces[p.Name].Sparse == "" {
		return x.fail("write to", fmt.Errorf("point %s: the vector %q has no sparse one beside it", p.ID, p.Name))
	}
	if err := errors.Join(checkDirection(p.Vector), p.Sparse.Validate()); err != nil {
		return x.fail("write to", fmt.Errorf("point %s: %w", p.ID, err))
	}
	return nil
}

// checkFields looks at all of a point but its vector.
func (x *Index) checkFields(p *pipeline.Point, spaces pipeline.Spaces) error {
	for _, f := range p.Payload {
		if Reserved(f.Name) {
			return x.refuse(fmt.Sprintf("document %.80q has a field %.80q, and vecload keeps names that begin with %s for itself",
				p.Doc, f.Name, ReservedField), "leave the field out of the payload, or rename it")
		}
	}
	if _, ok := spaces[p.Name]; !ok {
		return x.fail("write to", fmt.Errorf("point %s: the index has no vector %q, it has %q",
			p.ID, p.Name, spaces.Names()))
	}
	return nil
}
