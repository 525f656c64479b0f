package main

import (
	"testing"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/proto"
)

func TestCountPointsCountsWithoutDecoding(t *testing.T) {
	t.Parallel()
	request := &pb.UpsertPoints{CollectionName: "c", Wait: new(true), ShardKeySelector: &pb.ShardKeySelector{}}
	for n := range 5 {
		message, err := proto.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := countPoints(message); err != nil || got != n {
			t.Errorf("%d points counted, %v; want %d", got, err, n)
		}
		if len(message) > 3 {
			if got, err := countPoints(message[:len(message)-1]); err == nil {
				t.Errorf("a message that is cut off has %d points and no error", got)
			}
		}
		request.Points = append(request.Points, &pb.PointStruct{
			Id: pb.NewIDNum(uint64(n)), Vectors: pb.NewVectorsDense([]float32{1, 2, 3}), Payload: pb.NewValueMap(map[string]any{"a": "b"}),
		})
	}
}
