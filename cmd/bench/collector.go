package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec that counting wraps
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// collector is a Qdrant in memory that counts points, confirms them and
// forgets them, so that it costs little and never fills up. All else is the
// server that the tests use.
type collector struct {
	*qdrantserver.Server

	upserts, points atomic.Int64
}

func startCollector() (*collector, error) {
	c := &collector{}
	server, err := qdrantserver.Start(qdrantserver.Options{GRPC: []grpc.ServerOption{
		grpc.ForceServerCodecV2(counting{encoding.GetCodecV2("proto")}),
		grpc.ChainUnaryInterceptor(c.intercept),
	}})
	c.Server = server
	return c, err
}

func (c *collector) intercept(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	upsert, ok := request.(*pb.UpsertPoints)
	if !ok {
		return next(ctx, request)
	}
	c.points.Add(int64(len(upsert.GetPoints())))
	return &pb.PointsOperationResponse{Result: &pb.UpdateResult{
		OperationId: new(uint64(c.upserts.Add(1))), Status: pb.UpdateStatus_Completed,
	}}, nil
}

// counting decodes messages as ever, but of an upsert only how many points
// it has: they are all nil.
type counting struct{ encoding.CodecV2 }

// Unmarshal implements [encoding.CodecV2].
func (c counting) Unmarshal(data mem.BufferSlice, v any) error {
	upsert, ok := v.(*pb.UpsertPoints)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	reader := data.Reader()
	count, err := countPoints(reader)
	upsert.Points = make([]*pb.PointStruct, count)
	return errors.Join(err, reader.Close())
}

// pointsField is the number of UpsertPoints.points in Qdrant's points.proto.
const pointsField = 3

// countPoints returns how many points an encoded UpsertPoints holds. It goes
// from point to point where they lie, in the buffers that were read.
func countPoints(message *mem.Reader) (int, error) {
	count := 0
	for message.Remaining() > 0 {
		tag, err := binary.ReadUvarint(message)
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		number, kind := protowire.DecodeTag(tag)
		size := uint64(0)
		switch kind {
		case protowire.VarintType:
			_, err = binary.ReadUvarint(message)
		case protowire.BytesType:
			size, err = binary.ReadUvarint(message)
		default: // an upsert has no other
			return 0, fmt.Errorf("field %d has wire type %d", number, kind)
		}
		if err != nil || size > uint64(message.Remaining()) { //nolint:gosec // not below 0
			return 0, io.ErrUnexpectedEOF
		}
		if _, err := message.Discard(int(size)); err != nil { //nolint:gosec // not above what remains
			return 0, err
		}
		if number == pointsField {
			count++
		}
	}
	return count, nil
}
