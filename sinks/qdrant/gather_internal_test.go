package qdrant

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"testing/synctest"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/vecload/vecload/pipeline"
)

// upserting makes an index whose upserts are handed to a function.
func upserting(options Options, upsert func(context.Context, mem.Buffer) (*pb.UpdateResult, error)) *Index {
	return &Index{
		options: options.withDefaults(), address: address{host: "qdrant", port: 6334}, contact: reached(), upsert: upsert,
		ready: &target{collection: "docs", spaces: pipeline.Spaces{"text": {Model: "a/model", Dim: 2}}, maxPoints: 10},
	}
}

func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	const most = 10_000
	var sizes []int
	var points []pipeline.Point
	sent := 0
	index := upserting(Options{MaxBytes: most}, func(_ context.Context, request mem.Buffer) (*pb.UpdateResult, error) {
		got := &pb.UpsertPoints{}
		if err := proto.Unmarshal(request.ReadOnlyData(), got); err != nil {
			t.Fatal(err)
		}
		n := len(got.GetPoints())
		if want := upsertByLibrary("docs", points[sent:sent+n]); !proto.Equal(got, want) {
			t.Errorf("request %d does not hold the points %d to %d", len(sizes), sent, sent+n)
		}
		if bytes := request.Len(); n > 1 && bytes > most {
			t.Errorf("a request of %d points has %d bytes", n, bytes)
		}
		sizes, sent = append(sizes, n), sent+n
		return &pb.UpdateResult{Status: pb.UpdateStatus_Completed}, nil
	})
	for i := range 27 {
		p := onePoint()[0]
		p.ID = pipeline.NewPointID("text", "a", i)
		switch {
		case i == 12: // larger than a request: alone
			p.Text = string(make([]byte, 20_000))
		case i > 20: // three and a bit fill a request
			p.Text = string(make([]byte, 3_000))
		}
		points = append(points, p)
	}
	if err := index.Write(t.Context(), points); err != nil {
		t.Fatalf("Write: %v", err)
	}
	if want := []int{10, 2, 1, 10, 3, 1}; !slices.Equal(sizes, want) {
		t.Errorf("requests have %v points, want %v", sizes, want)
	}
}

// TestWhatIsLentStaysAsItIs has requests repeated, and the first of each kept
// for longer than the call, as gRPC does with one that is cut off while it is
// sent. All are larger than what is too small to be used again.
func TestWhatIsLentStaysAsItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type lent struct {
			request mem.Buffer
			bytes   []byte
		}
		var all []lent
		calls := 0
		index := upserting(Options{}, func(_ context.Context, request mem.Buffer) (*pb.UpdateResult, error) {
			if calls++; calls%3 == 1 {
				request.Ref()
				all = append(all, lent{request, bytes.Clone(request.ReadOnlyData())})
				return nil, status.Error(codes.Unavailable, "a message")
			}
			if !bytes.Equal(request.ReadOnlyData(), all[len(all)-1].bytes) {
				t.Error("a request is repeated with other bytes")
			}
			if calls%3 == 2 {
				return nil, status.Error(codes.Unavailable, "a message")
			}
			return &pb.UpdateResult{Status: pb.UpdateStatus_Completed}, nil
		})
		for i := range 20 {
			var points []pipeline.Point
			for j := range 15 {
				p := onePoint()[0]
				p.ID = pipeline.NewPointID("text", "a", 100*i+j)
				p.Text = string(bytes.Repeat([]byte{byte('a' + i)}, 200))
				points = append(points, p)
			}
			if err := index.Write(t.Context(), points); err != nil {
				t.Fatal(err)
			}
		}
		if len(all) != 40 {
			t.Fatalf("%d requests, want 40", len(all))
		}
		for i, l := range all {
			if !bytes.Equal(l.request.ReadOnlyData(), l.bytes) {
				t.Fatalf("request %d was written over while it was lent", i)
			}
			l.request.Free()
		}
	})
}
