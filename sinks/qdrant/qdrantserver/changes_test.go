package qdrantserver_test

import (
	"testing"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func overwrite(id string, n int64) *pb.PointsUpdateOperation {
	return &pb.PointsUpdateOperation{Operation: &pb.PointsUpdateOperation_OverwritePayload_{
		OverwritePayload: &pb.PointsUpdateOperation_OverwritePayload{
			Payload:        map[string]*pb.Value{"n": pb.NewValueInt(n), "none": pb.NewValueNull()},
			PointsSelector: pb.NewPointsSelector(pb.NewIDUUID(id)),
		},
	}}
}

func payload(t *testing.T, client *pb.Client, id string, selector *pb.WithPayloadSelector) map[string]*pb.Value {
	t.Helper()
	found, err := client.Get(t.Context(), &pb.GetPoints{
		// An id that is asked for twice is answered once.
		CollectionName: "docs", Ids: []*pb.PointId{pb.NewIDUUID(id), pb.NewIDUUID(id)}, WithPayload: selector,
	})
	if err != nil || len(found) != 1 {
		t.Fatalf("Get: %d points, %v", len(found), err)
	}
	return found[0].GetPayload()
}

func TestABatchEndsAtAPointThatIsNotThere(t *testing.T) {
	t.Parallel()
	const missing = "0e8f6f5c-0000-5000-8000-000000000099"
	for _, wait := range []bool{true, false} {
		_, client := connect(t)
		upsert(t, client, point(uuidA, 1, 1, 0, 0), point(uuidB, 1, 1, 0, 0))
		results, err := client.UpdateBatch(t.Context(), &pb.UpdateBatchPoints{
			CollectionName: "docs", Wait: &wait,
			Operations: []*pb.PointsUpdateOperation{overwrite(uuidA, 5), overwrite(missing, 5), overwrite(uuidB, 5)},
		})
		last := int64(5)
		if wait {
			last = 1
			if status.Code(err) != codes.NotFound {
				t.Errorf("who waits is told %v", err)
			}
		} else if err != nil || len(results) != 3 || results[1].GetStatus() != pb.UpdateStatus_Acknowledged {
			t.Errorf("who does not wait is told %v, %v", results, err)
		}
		for id, want := range map[string]int64{uuidA: 5, uuidB: last} {
			if got := payload(t, client, id, pb.NewWithPayload(true))["n"].GetIntegerValue(); got != want {
				t.Errorf("with wait %v n of %s is %d, want %d", wait, id, got, want)
			}
		}
		if n, err := client.Count(t.Context(), &pb.CountPoints{CollectionName: "docs"}); n != 2 || err != nil {
			t.Errorf("%d points, %v", n, err)
		}
	}
}

func TestWrongBatchesAreRefusedAsByTheRealServer(t *testing.T) {
	t.Parallel()
	_, client := connect(t)
	for _, operations := range [][]*pb.PointsUpdateOperation{
		nil,
		{{}},
		{overwrite("xx", 1)},
		{{Operation: &pb.PointsUpdateOperation_OverwritePayload_{OverwritePayload: &pb.PointsUpdateOperation_OverwritePayload{}}}},
	} {
		_, err := client.UpdateBatch(t.Context(), &pb.UpdateBatchPoints{CollectionName: "docs", Wait: new(true), Operations: operations})
		if status.Code(err) != codes.InvalidArgument {
			t.Errorf("%v gives %v", operations, err)
		}
	}
	if _, err := client.Delete(t.Context(), &pb.DeletePoints{CollectionName: "docs", Points: pb.NewPointsSelector()}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a deletion of no points gives %v", err)
	}
}

func TestPayloadSelectorsGoIntoObjects(t *testing.T) {
	t.Parallel()
	_, client := connect(t)
	some := point(uuidA, 1, 1, 0, 0)
	some.Payload["o"] = pb.NewValueStruct(&pb.Struct{Fields: map[string]*pb.Value{"a": pb.NewValueInt(1), "b": pb.NewValueInt(2)}})
	upsert(t, client, some)
	for name, test := range map[string]struct {
		selector *pb.WithPayloadSelector
		fields   int
		inner    []string
	}{
		"none":            {nil, 0, nil},
		"nested":          {pb.NewWithPayloadInclude("o.a", "o.c", "x"), 1, []string{"a"}},
		"several":         {pb.NewWithPayloadInclude("o.a", "o.b", "n"), 2, []string{"a", "b"}},
		"nothing there":   {pb.NewWithPayloadInclude("o.c", "n.a"), 0, nil},
		"excluded":        {pb.NewWithPayloadExclude("o"), 2, nil},
		"excluded nested": {pb.NewWithPayloadExclude("o.a", "n.a"), 3, []string{"b"}},
	} {
		got := payload(t, client, uuidA, test.selector)
		inner := got["o"].GetStructValue().GetFields()
		if len(got) != test.fields || len(inner) != len(test.inner) {
			t.Errorf("%s: %v", name, got)
		}
		for _, field := range test.inner {
			if inner[field] == nil {
				t.Errorf("%s: %s is missing", name, field)
			}
		}
	}
}

func TestNullTakesMetadataAway(t *testing.T) {
	t.Parallel()
	_, client := connect(t)
	for _, metadata := range []map[string]*pb.Value{
		{"a": pb.NewValueInt(1), "b": pb.NewValueInt(1), "c": pb.NewValueInt(1)}, {"a": pb.NewValueNull(), "b": {}, "none": pb.NewValueNull()},
	} {
		if err := client.UpdateCollection(t.Context(), &pb.UpdateCollection{CollectionName: "docs", Metadata: metadata}); err != nil {
			t.Fatal(err)
		}
	}
	info, err := client.GetCollectionInfo(t.Context(), "docs")
	if got := info.GetConfig().GetMetadata(); err != nil || len(got) != 1 || got["c"] == nil {
		t.Errorf("the metadata is %v, %v", got, err)
	}
}
