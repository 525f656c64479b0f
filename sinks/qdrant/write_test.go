package qdrant_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
	"github.com/vecload/vecload/sinks/sinktest"
)

func prepared(tb testing.TB, options qdrant.Options) *qdrant.Index {
	tb.Helper()
	index := newIndex(tb, options)
	if err := index.Prepare(tb.Context(), spaces()); err != nil {
		tb.Fatalf("Prepare: %v (%s)", err, pipeline.Hint(err))
	}
	return index
}

func TestWriteSurvivesFaultsOnTheWire(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	var retries atomic.Int64
	index := prepared(t, qdrant.Options{URL: server.URL(), OnRetry: func(error, time.Duration) { retries.Add(1) }})
	for _, fault := range []qdrantserver.Fault{
		{Code: codes.Unavailable},
		{Code: codes.Internal, Applied: true}, // done, but the answer was lost
		{Status: pb.UpdateStatus_Acknowledged},
		{Code: codes.ResourceExhausted, RetryAfter: 1},
	} {
		fault.Method = "Upsert"
		server.Inject(fault)
	}
	some := points("a", "b", "c")
	for i := range some {
		some[i].Text = strings.Repeat("x", 3000) // a request whose memory is used again
	}
	if err := index.Write(t.Context(), some); err != nil {
		t.Fatalf("Write: %v", err)
	}
	if n := server.Points("docs"); n != 3 {
		t.Errorf("the collection has %d points, want 3", n)
	}
	if calls, told := server.Calls("Upsert"), retries.Load(); calls != 5 || told != 4 {
		t.Errorf("%d calls and %d retries, want 5 and 4", calls, told)
	}
}

func TestAQuotaStopsTheRun(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	index := prepared(t, qdrant.Options{URL: server.URL()})
	server.Inject(qdrantserver.Fault{
		Method: "Upsert", Times: -1, Code: codes.ResourceExhausted, InsufficientStorage: true,
		Message: "Insufficient storage: disk usage is above the limit",
	})
	wantError(t, index.Write(t.Context(), points("a")), pipeline.Fatal, "disk usage is above the limit", "make room")
	if n := server.Calls("Upsert"); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

func TestACallThatHangsIsCutShort(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	index := prepared(t, qdrant.Options{URL: server.URL(), CallTimeout: 200 * time.Millisecond, RetryAttempts: 3})
	server.Inject(qdrantserver.Fault{Method: "Upsert", Delay: time.Hour, Times: 2})
	if err := index.Write(t.Context(), points("a")); err != nil {
		t.Errorf("Write: %v", err)
	}
	server.Inject(qdrantserver.Fault{Method: "Upsert", Delay: time.Hour, Times: -1})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := index.Write(ctx, points("a")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v, want that of the context", err)
	}
}

// TestAWriteThatIsCutOffSpoilsNoOther cuts writes off while their requests are
// sent, and writes others at once, from the same memory if it is free. That
// gRPC still reads what is written over is seen by the race detector.
func TestAWriteThatIsCutOffSpoilsNoOther(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	index := prepared(t, qdrant.Options{URL: server.URL()})
	want := map[string]string{}
	for i := range 30 {
		some := points(fmt.Sprintf("%d a", i), fmt.Sprintf("%d b", i))
		for j := range some {
			some[j].Text = strings.Repeat(string(rune('A'+i)), 200_000+1000*i)
			want[some[j].ID.String()] = some[j].Text
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*100*time.Microsecond)
		if err := index.Write(ctx, some); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		cancel()
		some = points(fmt.Sprintf("%d c", i))
		some[0].Text = strings.Repeat(string(rune('a'+i)), 350_000)
		want[some[0].ID.String()] = some[0].Text
		if err := index.Write(t.Context(), some); err != nil {
			t.Fatal(err)
		}
	}
	found, err := index.Search(t.Context(), "text", points("a")[0].Vector, 100)
	if err != nil || len(found) < 30 {
		t.Fatalf("Search: %d points, %v", len(found), err)
	}
	for _, hit := range found {
		if got := hit.Text; got != want[hit.ID.String()] {
			t.Errorf("the point of %q has the text %.20q…%.20q of %d bytes", hit.Doc, got, got[max(0, len(got)-10):], len(got))
		}
	}
}

func TestTheReservedFieldIsRefused(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	index := prepared(t, qdrant.Options{URL: server.URL()})
	some := points("a", "b")
	some[1].Payload = []pipeline.Field{{Name: qdrant.ReservedField, Value: pipeline.Int(1)}}
	wantError(t, index.Write(t.Context(), some), pipeline.Misconfigured, qdrant.ReservedField, "rename")
	if n := server.Points("docs"); n != 0 {
		t.Errorf("%d points were written", n)
	}
}

func TestStrictModeBoundsTheRequest(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	prepared(t, qdrant.Options{URL: server.URL()})
	if err := client(t, server).UpdateCollection(t.Context(), &pb.UpdateCollection{
		CollectionName:   "docs",
		StrictModeConfig: &pb.StrictModeConfig{Enabled: new(true), UpsertMaxBatchsize: new(uint64(2))},
	}); err != nil {
		t.Fatal(err)
	}
	if err := prepared(t, qdrant.Options{URL: server.URL()}).Write(t.Context(), points("a", "b", "c", "d", "e")); err != nil {
		t.Fatalf("Write: %v", err)
	}
	if n := server.Calls("Upsert"); n != 3 {
		t.Errorf("%d requests for 5 points of at most 2, want 3", n)
	}
}

func TestHitsMayBeLargerThanFourMegabytes(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	index := prepared(t, qdrant.Options{URL: server.URL()})
	some := points("a", "b", "c")
	for i := range some {
		some[i].Text = strings.Repeat("x", 3<<20)
	}
	if err := index.Write(t.Context(), some); err != nil {
		t.Fatalf("Write: %v", err)
	}
	if hits, err := index.Search(t.Context(), "text", some[0].Vector, 3); err != nil || len(hits) != 3 {
		t.Errorf("%d hits, %v", len(hits), err)
	}
}

func TestAPointIsStoredAsDocumented(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	index := prepared(t, qdrant.Options{URL: server.URL()})
	if err := index.Write(t.Context(), []pipeline.Point{{
		ID: pipeline.NewPointID("text", "doc-1", 2), Name: "text", Doc: "doc-1", Chunk: 2, Chunks: 5, Text: "Ein Text\x00 \xff",
		Vector: pipeline.Vector{0, 3, 4},
		Made:   pipeline.Made{Input: pipeline.Digest{0: 1, 1: 2, 15: 3}, Rest: pipeline.Digest{0: 4, 15: 5}},
		Payload: []pipeline.Field{
			{Name: "n", Value: pipeline.Int(math.MaxInt64)},
			{Name: "f", Value: pipeline.Float(1)},
			{Name: "b", Value: pipeline.Bool(true)},
			{Name: "none", Value: pipeline.Null()},
			{Name: "s", Value: pipeline.String("bad \xff\xfe bytes")},
			{Name: "list", Value: pipeline.List([]pipeline.Value{pipeline.Int(1), pipeline.List(nil)})},
			{Name: "o", Value: pipeline.Object([]pipeline.Field{{Name: "bad \xff name", Value: pipeline.Object(nil)}})},
		},
	}}); err != nil {
		t.Fatalf("Write: %v", err)
	}
	found, err := client(t, server).Scroll(t.Context(), &pb.ScrollPoints{
		CollectionName: "docs", WithPayload: pb.NewWithPayload(true), WithVectors: pb.NewWithVectors(true),
	})
	if err != nil || len(found) != 1 {
		t.Fatalf("Scroll: %d points, %v", len(found), err)
	}
	const golden = `{
		"id": {"uuid": "698e3f33-73f7-5d53-8dbe-eb6b96abd1de"},
		"payload": {
			"_vecload": {"structValue": {"fields": {
				"vector": {"stringValue": "text"},
				"doc": {"stringValue": "doc-1"}, "chunk": {"integerValue": "2"}, "chunks": {"integerValue": "5"},
				"text": {"stringValue": "Ein Text\u0000 \ufffd"}}}},
			"_vecload_made": {"stringValue": "AQIAAAAAAAAAAAAAAAAAAwQAAAAAAAAAAAAAAAAAAAUAAAAFtext"},
			"n": {"integerValue": "9223372036854775807"},
			"f": {"doubleValue": 1},
			"b": {"boolValue": true},
			"none": {"nullValue": "NULL_VALUE"},
			"s": {"stringValue": "bad \ufffd\ufffd bytes"},
			"list": {"listValue": {"values": [{"integerValue": "1"}, {"listValue": {}}]}},
			"o": {"structValue": {"fields": {"bad \ufffd name": {"structValue": {}}}}}
		},
		"vectors": {"vectors": {"vectors": {"text": {"dense": {"data": [0, 0.6, 0.8]}}}}}
	}`
	want := &pb.RetrievedPoint{}
	if err := protojson.Unmarshal([]byte(golden), want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, found[0], protocmp.Transform()); diff != "" {
		t.Errorf("the point is stored otherwise (-want +got):\n%s", diff)
	}
	info, err := client(t, server).GetCollectionInfo(t.Context(), "docs")
	if err != nil {
		t.Fatal(err)
	}
	const stamp = `{"structValue": {"fields": {
		"format": {"integerValue": "2"}, "created_by": {"stringValue": ""},
		"spaces": {"structValue": {"fields": {"text": {"structValue": {"fields": {
			"model": {"stringValue": "a/model"}, "dim": {"integerValue": "3"}, "normalize": {"boolValue": true}}}}}}}}}}`
	wantStamp := &pb.Value{}
	if err := protojson.Unmarshal([]byte(stamp), wantStamp); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantStamp, info.GetConfig().GetMetadata()["vecload"], protocmp.Transform()); diff != "" {
		t.Errorf("the stamp is stored otherwise (-want +got):\n%s", diff)
	}
}

func BenchmarkWrite(b *testing.B) {
	sinktest.BenchmarkWrite(b, newIndex(b, qdrant.Options{URL: start(b, qdrantserver.Options{}).URL()}))
}
