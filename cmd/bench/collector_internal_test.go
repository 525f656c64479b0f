package main

import (
	"slices"
	"testing"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// inPieces is a message as it comes from a connection, in several buffers.
func inPieces(message []byte, size int) *mem.Reader {
	var pieces mem.BufferSlice
	for piece := range slices.Chunk(message, size) {
		pieces = append(pieces, mem.SliceBuffer(piece))
	}
	return pieces.Reader()
}

func TestCountPointsCountsWithoutDecoding(t *testing.T) {
	t.Parallel()
	request := &pb.UpsertPoints{CollectionName: "c", Wait: new(true), ShardKeySelector: &pb.ShardKeySelector{}}
	for n := range 5 {
		message, err := proto.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := countPoints(inPieces(message, 5)); err != nil || got != n {
			t.Errorf("%d points counted, %v; want %d", got, err, n)
		}
		if len(message) > 3 {
			if got, err := countPoints(inPieces(message[:len(message)-1], 100)); err == nil {
				t.Errorf("a message that is cut off has %d points and no error", got)
			}
		}
		request.Points = append(request.Points, &pb.PointStruct{
			Id: pb.NewIDNum(uint64(n)), Vectors: pb.NewVectorsDense([]float32{1, 2, 3}), Payload: pb.NewValueMap(map[string]any{"a": "b"}),
		})
	}
}

func FuzzCountPoints(f *testing.F) {
	f.Add([]byte{10, 1, 'c', 16, 1, 26, 2, 8, 1}, uint8(3))
	f.Add([]byte{26, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, uint8(1))
	f.Fuzz(func(t *testing.T, message []byte, size uint8) {
		if got, err := countPoints(inPieces(message, int(size)+1)); got < 0 || got > len(message) || err != nil && got != 0 {
			t.Errorf("%d points, %v", got, err)
		}
	})
}
