package qdrantserver_test

import (
	"net"
	"strings"
	"testing"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

const (
	uuidA = "0e8f6f5c-0000-5000-8000-000000000001"
	uuidB = "0e8f6f5c-0000-5000-8000-000000000002"
)

// connect starts a server with one collection of three dimensions.
func connect(t *testing.T) (*qdrantserver.Server, *pb.Client) {
	t.Helper()
	server, err := qdrantserver.Start(qdrantserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	addr, err := net.ResolveTCPAddr("tcp", server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	client, err := pb.NewClient(&pb.Config{Host: "127.0.0.1", Port: addr.Port, SkipCompatibilityCheck: true, PoolSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if err := client.CreateCollection(t.Context(), &pb.CreateCollection{
		CollectionName: "docs",
		VectorsConfig:  pb.NewVectorsConfigMap(map[string]*pb.VectorParams{"text": {Size: 3, Distance: pb.Distance_Cosine}}),
	}); err != nil {
		t.Fatal(err)
	}
	return server, client
}

func point(id string, n int64, vector ...float32) *pb.PointStruct {
	return &pb.PointStruct{
		Id: pb.NewIDUUID(id), Payload: map[string]*pb.Value{"n": pb.NewValueInt(n), "id": pb.NewValueString(id)},
		Vectors: pb.NewVectorsMap(map[string]*pb.Vector{"text": pb.NewVectorDense(vector)}),
	}
}

func upsert(t *testing.T, client *pb.Client, points ...*pb.PointStruct) {
	t.Helper()
	result, err := client.Upsert(t.Context(), &pb.UpsertPoints{CollectionName: "docs", Wait: new(true), Points: points})
	if err != nil || result.GetStatus() != pb.UpdateStatus_Completed {
		t.Fatalf("Upsert: %v, %v", result, err)
	}
}

func TestWrongRequestsAreRefusedAsByTheRealServer(t *testing.T) {
	t.Parallel()
	_, client := connect(t)
	for name, test := range map[string]struct {
		request *pb.UpsertPoints
		code    codes.Code
		text    string
	}{
		"an unknown collection": {
			&pb.UpsertPoints{CollectionName: "other", Points: []*pb.PointStruct{point(uuidA, 1, 1, 2, 3)}},
			codes.NotFound, "Collection `other` doesn't exist!",
		},
		"no points": {&pb.UpsertPoints{CollectionName: "docs"}, codes.InvalidArgument, "Empty update request"},
		"an id that is no UUID": {
			&pb.UpsertPoints{CollectionName: "docs", Points: []*pb.PointStruct{point("doc-1", 1, 1, 2, 3)}},
			codes.InvalidArgument, "Unable to parse UUID: doc-1",
		},
		"another dimension": {
			&pb.UpsertPoints{CollectionName: "docs", Points: []*pb.PointStruct{point(uuidA, 1, 1, 2)}},
			codes.InvalidArgument, "expected dim: 3, got 2",
		},
		"an unknown vector": {
			&pb.UpsertPoints{CollectionName: "docs", Points: []*pb.PointStruct{{
				Id: pb.NewIDNum(1), Vectors: pb.NewVectors(1, 2, 3),
			}}}, codes.InvalidArgument, "Not existing vector name",
		},
	} {
		_, err := client.Upsert(t.Context(), test.request)
		if status.Code(err) != test.code || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: %v, want %s with %q", name, err, test.code, test.text)
		}
	}
	if n, err := client.Count(t.Context(), &pb.CountPoints{CollectionName: "docs"}); err != nil || n != 0 {
		t.Errorf("%d points after refusals, %v", n, err)
	}
}

func TestPointsAreReplacedScrolledChangedAndDeleted(t *testing.T) {
	t.Parallel()
	_, client := connect(t)
	upsert(t, client, point(uuidB, 2, 3, 0, 4), point(uuidA, 1, 1, 0, 0), point(uuidA, 7, 0, 2, 0))
	page, next, err := client.ScrollAndOffset(t.Context(), &pb.ScrollPoints{
		CollectionName: "docs", Limit: new(uint32(1)), WithPayload: pb.NewWithPayload(true), WithVectors: pb.NewWithVectors(true),
	})
	if err != nil || len(page) != 1 || page[0].GetId().GetUuid() != uuidA || next.GetUuid() != uuidB {
		t.Fatalf("the first page is %v, next %v, %v", page, next, err)
	}
	if n := page[0].GetPayload()["n"].GetIntegerValue(); n != 7 {
		t.Errorf("of one id that comes twice n is %d, want that of the last, 7", n)
	}
	if v := page[0].GetVectors().GetVectors().GetVectors()["text"].GetDenseVector().GetData(); len(v) != 3 || v[1] != 1 {
		t.Errorf("the vector is %v, want one of length 1", v)
	}
	if _, err := client.SetPayload(t.Context(), &pb.SetPayloadPoints{
		CollectionName: "docs", Wait: new(true), PointsSelector: pb.NewPointsSelector(pb.NewIDUUID(uuidB)),
		Payload: map[string]*pb.Value{"n": pb.NewValueInt(20), "new": pb.NewValueBool(true)},
	}); err != nil {
		t.Fatal(err)
	}
	found, err := client.Get(t.Context(), &pb.GetPoints{
		CollectionName: "docs", Ids: []*pb.PointId{pb.NewIDUUID(uuidB), pb.NewIDNum(5)}, WithPayload: pb.NewWithPayload(true),
	})
	if err != nil || len(found) != 1 || len(found[0].GetPayload()) != 3 || found[0].GetPayload()["n"].GetIntegerValue() != 20 {
		t.Errorf("after SetPayload: %v, %v", found, err)
	}
	if _, err := client.Delete(t.Context(), &pb.DeletePoints{
		CollectionName: "docs", Wait: new(true),
		Points: pb.NewPointsSelectorFilter(&pb.Filter{Must: []*pb.Condition{pb.NewMatchKeyword("id", uuidA)}}),
	}); err != nil {
		t.Fatal(err)
	}
	if n, err := client.Count(t.Context(), &pb.CountPoints{CollectionName: "docs"}); err != nil || n != 1 {
		t.Errorf("%d points after Delete, %v", n, err)
	}
}

func TestFiltersChooseAsTheyShould(t *testing.T) {
	t.Parallel()
	_, client := connect(t)
	upsert(t, client, point(uuidA, 1, 1, 0, 0), point(uuidB, 5, 1, 0, 0))
	for name, test := range map[string]struct {
		filter *pb.Filter
		want   uint64
	}{
		"none":     {nil, 2},
		"must":     {&pb.Filter{Must: []*pb.Condition{pb.NewMatchInt("n", 5)}}, 1},
		"must not": {&pb.Filter{MustNot: []*pb.Condition{pb.NewMatchInt("n", 5), pb.NewMatchInt("n", 1)}}, 0},
		"should":   {&pb.Filter{Should: []*pb.Condition{pb.NewMatchInt("n", 5), pb.NewMatchInt("n", 9)}}, 1},
		"range":    {&pb.Filter{Must: []*pb.Condition{pb.NewRange("n", &pb.Range{Gt: new(1.0), Lte: new(5.0)})}}, 1},
		"ids":      {&pb.Filter{Must: []*pb.Condition{pb.NewHasID(pb.NewIDUUID(uuidA))}}, 1},
		"empty":    {&pb.Filter{Must: []*pb.Condition{pb.NewIsEmpty("missing")}}, 2},
	} {
		got, err := client.Count(t.Context(), &pb.CountPoints{CollectionName: "docs", Filter: test.filter})
		if err != nil || got != test.want {
			t.Errorf("%s: %d points, %v, want %d", name, got, err, test.want)
		}
	}
	_, err := client.Count(t.Context(), &pb.CountPoints{
		CollectionName: "docs", Filter: &pb.Filter{Must: []*pb.Condition{pb.NewGeoRadius("place", 1, 2, 3)}},
	})
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("an unknown condition gives %v", err)
	}
}

func TestAliasesMoveAndGoWithTheirCollection(t *testing.T) {
	t.Parallel()
	server, client := connect(t)
	upsert(t, client, point(uuidA, 1, 1, 0, 0))
	for range 2 { // creating an alias that exists moves it, without a word
		if err := client.CreateAlias(t.Context(), "live", "docs"); err != nil {
			t.Fatal(err)
		}
	}
	if n := server.Points("live"); n != 1 {
		t.Errorf("%d points behind the alias", n)
	}
	if err := client.CreateAlias(t.Context(), "live", "missing"); status.Code(err) != codes.NotFound {
		t.Errorf("an alias of a missing collection gives %v", err)
	}
	if err := client.DeleteCollection(t.Context(), "docs"); err != nil {
		t.Fatal(err)
	}
	if aliases, err := client.ListAliases(t.Context()); err != nil || len(aliases) != 0 {
		t.Errorf("aliases of a collection that is gone: %v, %v", aliases, err)
	}
}

func TestFaultsHappenInTheirOrder(t *testing.T) {
	t.Parallel()
	server, client := connect(t)
	server.Inject(qdrantserver.Fault{Method: "Count", Skip: 1, Times: 2, Code: codes.Unavailable, Message: "first"})
	server.Inject(qdrantserver.Fault{Code: codes.ResourceExhausted, RetryAfter: 3, Message: "second"})
	var got []codes.Code
	for range 5 {
		_, err := client.Count(t.Context(), &pb.CountPoints{CollectionName: "docs"})
		got = append(got, status.Code(err))
	}
	// The first fault lets one call pass, which the second one meets.
	want := []codes.Code{codes.ResourceExhausted, codes.Unavailable, codes.Unavailable, codes.OK, codes.OK}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("calls end with %v, want %v", got, want)
			break
		}
	}
	if n := server.Calls("Count"); n != 5 {
		t.Errorf("%d calls were counted, want 5", n)
	}
	start := time.Now()
	server.Inject(qdrantserver.Fault{Method: "Count", Delay: 30 * time.Millisecond})
	if _, err := client.Count(t.Context(), &pb.CountPoints{CollectionName: "docs"}); err != nil || time.Since(start) < 30*time.Millisecond {
		t.Errorf("a delayed call took %s, %v", time.Since(start), err)
	}
}
