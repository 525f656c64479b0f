package qdrant_test

import (
	"testing"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

const bulkNote = "vecload_bulk"

// wantThreshold checks whether indexing is deferred, and that somebody knows.
func wantThreshold(tb testing.TB, c *pb.Client, name string, want uint64, noted bool) {
	tb.Helper()
	config := describe(tb, c, name).GetConfig()
	if got := config.GetOptimizerConfig().GetIndexingThreshold(); got != want {
		tb.Errorf("the indexing threshold is %d, want %d", got, want)
	}
	if _, got := config.GetMetadata()[bulkNote]; got != noted {
		tb.Errorf("the deferral is noted: %v, want %v", got, noted)
	}
}

func TestIndexingIsDeferredInAFirstLoadAndPutBack(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, s testServer) {
		name := s.name(t)
		options := qdrant.Options{
			URL: s.url, Collection: name, PollEvery: time.Millisecond, Tuning: qdrant.Tuning{Bulk: qdrant.BulkAuto},
		}
		index := newIndex(t, options)
		prepare(t, index)
		wantThreshold(t, s.client, name, 0, true)
		if err := index.Write(t.Context(), points("a", "b")); err != nil {
			t.Fatal(err)
		}
		if err := index.WaitIndexed(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		wantThreshold(t, s.client, name, 10_000, false)
		if again, err := index.EndBulk(t.Context()); again || err != nil {
			t.Errorf("a second EndBulk gives %v, %v", again, err)
		}
		prepare(t, newIndex(t, options)) // a refresh
		wantThreshold(t, s.client, name, 10_000, false)
	})
}

func TestADeferralOfADeadRunIsPutBack(t *testing.T) {
	t.Parallel()
	for name, bulk := range map[string]qdrant.Bulk{"by a run that defers nothing": qdrant.BulkOff, "by the next first load": qdrant.BulkAuto} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, qdrantserver.Options{})
			c := client(t, server)
			dead := newIndex(t, qdrant.Options{URL: server.URL(), Tuning: qdrant.Tuning{Bulk: qdrant.BulkAuto}})
			prepare(t, dead)
			if err := dead.Write(t.Context(), points("a")); err != nil {
				t.Fatal(err)
			}
			told := &notices{}
			next := newIndex(t, qdrant.Options{URL: server.URL(), Tuning: qdrant.Tuning{Bulk: bulk}, OnNotice: told.add})
			prepare(t, next)
			if bulk == qdrant.BulkOff && !told.has("earlier run", "put back") {
				t.Errorf("told is %q", told.texts)
			}
			if bulk == qdrant.BulkAuto {
				wantThreshold(t, c, "docs", 0, true)
				if was, err := next.EndBulk(t.Context()); !was || err != nil {
					t.Errorf("EndBulk gives %v, %v", was, err)
				}
			}
			wantThreshold(t, c, "docs", 10_000, false)
		})
	}
}

func TestADeferralIsNotedBeforeItIsMade(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	c := client(t, server)
	index := newIndex(t, qdrant.Options{URL: server.URL(), Tuning: qdrant.Tuning{Bulk: qdrant.BulkAuto}, RetryAttempts: 1})
	server.Inject(qdrantserver.Fault{Method: "Update", Skip: 1, Code: codes.Internal, Message: "it died"})
	if err := index.Prepare(t.Context(), spaces()); err == nil {
		t.Fatal("the fault did not happen")
	}
	wantThreshold(t, c, "docs", 10_000, true)
	prepare(t, newIndex(t, qdrant.Options{URL: server.URL()}))
	wantThreshold(t, c, "docs", 10_000, false)
}

func TestACollectionThatIsReadIsDeferredOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	c := client(t, server)
	first := newIndex(t, qdrant.Options{URL: server.URL()})
	prepare(t, first)
	if err := first.Write(t.Context(), points("a")); err != nil {
		t.Fatal(err)
	}
	// A threshold of its own is what is put back.
	if err := c.UpdateCollection(t.Context(), &pb.UpdateCollection{
		CollectionName: "docs", OptimizersConfig: &pb.OptimizersConfigDiff{IndexingThreshold: new(uint64(777))},
	}); err != nil {
		t.Fatal(err)
	}
	prepare(t, newIndex(t, qdrant.Options{URL: server.URL(), Tuning: qdrant.Tuning{Bulk: qdrant.BulkAuto}}))
	wantThreshold(t, c, "docs", 777, false)
	on := newIndex(t, qdrant.Options{URL: server.URL(), Tuning: qdrant.Tuning{Bulk: qdrant.BulkOn}})
	prepare(t, on)
	wantThreshold(t, c, "docs", 0, true)
	if was, err := on.EndBulk(t.Context()); !was || err != nil {
		t.Errorf("EndBulk gives %v, %v", was, err)
	}
	wantThreshold(t, c, "docs", 777, false)
}

func TestADeferralOfSomebodyElseIsLeft(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	c := client(t, server)
	prepare(t, newIndex(t, qdrant.Options{URL: server.URL()}))
	if err := c.UpdateCollection(t.Context(), &pb.UpdateCollection{
		CollectionName: "docs", OptimizersConfig: &pb.OptimizersConfigDiff{IndexingThreshold: new(uint64(0))},
	}); err != nil {
		t.Fatal(err)
	}
	index := newIndex(t, qdrant.Options{URL: server.URL(), Tuning: qdrant.Tuning{Bulk: qdrant.BulkAuto}})
	prepare(t, index)
	if was, err := index.EndBulk(t.Context()); was || err != nil {
		t.Errorf("EndBulk gives %v, %v", was, err)
	}
	wantThreshold(t, c, "docs", 0, false)
}

func TestEndBulkNeedsPrepare(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	if _, err := newIndex(t, qdrant.Options{URL: server.URL()}).EndBulk(t.Context()); pipeline.Classify(err) != pipeline.Fatal || err == nil {
		t.Errorf("EndBulk gives %v", err)
	}
}
