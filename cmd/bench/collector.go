package main

import (
	"context"
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
	buffer := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer buffer.Free()
	count, err := countPoints(buffer.ReadOnlyData())
	upsert.Points = make([]*pb.PointStruct, count)
	return err
}

// pointsField is the number of UpsertPoints.points in Qdrant's points.proto.
const pointsField = 3

// countPoints returns how many points an encoded UpsertPoints holds.
func countPoints(message []byte) (int, error) {
	count := 0
	for len(message) > 0 {
		number, kind, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return 0, protowire.ParseError(tag)
		}
		value := protowire.ConsumeFieldValue(number, kind, message[tag:])
		if value < 0 {
			return 0, protowire.ParseError(value)
		}
		if number == pointsField {
			count++
		}
		message = message[tag+value:]
	}
	return count, nil
}
