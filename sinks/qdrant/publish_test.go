package qdrant_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

func newPublisher(tb testing.TB, options qdrant.Options) *qdrant.Publisher {
	tb.Helper()
	if options.LeaseTerm == 0 {
		options.LeaseTerm = time.Microsecond // nobody is taken for alive
	}
	p, err := qdrant.NewPublisher(options, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return p
}

func plan(run string) qdrant.Plan {
	return qdrant.Plan{Spaces: spaces(), Settings: "chunks of 256", Run: run, Reason: "a test"}
}

func begin(tb testing.TB, p *qdrant.Publisher, plan qdrant.Plan) qdrant.Build {
	tb.Helper()
	build, err := p.Begin(tb.Context(), plan)
	if err != nil {
		tb.Fatalf("Begin: %v (%s)", err, pipeline.Hint(err))
	}
	return build
}

// fill writes points into a collection, and waits for the optimizer.
func fill(tb testing.TB, options qdrant.Options, collection string, ids ...string) {
	tb.Helper()
	options.Collection, options.PollEvery = collection, time.Millisecond
	index := newIndex(tb, options)
	prepare(tb, index)
	if err := index.Write(tb.Context(), points(ids...)); err != nil {
		tb.Fatal(err)
	}
	if err := index.WaitIndexed(tb.Context(), nil); err != nil {
		tb.Fatal(err)
	}
}

// publish builds and publishes points.
func publish(tb testing.TB, p *qdrant.Publisher, options qdrant.Options, run string, ids ...string) string {
	tb.Helper()
	build := begin(tb, p, plan(run))
	if build.Resumed {
		tb.Fatalf("the build %s is not a new one", build.Collection)
	}
	fill(tb, options, build.Collection, ids...)
	if err := p.Verify(tb.Context(), build.Collection, int64(len(ids))); err != nil {
		tb.Fatalf("Verify: %v", err)
	}
	if _, err := p.Switch(tb.Context(), build.Collection); err != nil {
		tb.Fatalf("Switch: %v (%s)", err, pipeline.Hint(err))
	}
	return build.Collection
}

func wantCurrent(tb testing.TB, p *qdrant.Publisher, collection string, points int64) {
	tb.Helper()
	got, ok, err := p.Current(tb.Context())
	if err != nil || !ok || got.Collection != collection || got.Points != points {
		tb.Errorf("current is %+v, %v, %v; want %s with %d points", got, ok, err, collection, points)
	}
}

func TestABuildIsPublishedAndRolledBack(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, s testServer) {
		alias := s.name(t)
		options := qdrant.Options{URL: s.url, Collection: alias, Tuning: qdrant.Tuning{
			Bulk: qdrant.BulkAuto, PayloadIndexes: map[string]qdrant.FieldType{"year": qdrant.FieldInteger},
		}}
		p := newPublisher(t, options)
		if _, ok, err := p.Current(t.Context()); ok || err != nil {
			t.Fatalf("before the first build Current gives %v, %v", ok, err)
		}
		_, err := p.RollbackMove(t.Context())
		wantError(t, err, pipeline.Misconfigured, "nothing was published", "vecload run")

		one := publish(t, p, options, "run-1", "a")
		wantCurrent(t, p, one, 1)
		_, err = p.Rollback(t.Context())
		wantError(t, err, pipeline.Misconfigured, "none before it", "--rebuild")

		two := publish(t, p, options, "run-2", "a", "b")
		if one >= two || !strings.HasPrefix(one, alias+"__") {
			t.Errorf("the builds are %s and %s, want names that sort", one, two)
		}
		wantCurrent(t, p, two, 2)
		published, _, err := p.Current(t.Context())
		if err != nil || published.Previous != one || published.Settings != "chunks of 256" || published.Since.IsZero() ||
			!published.Spaces.Compatible(spaces()) {
			t.Errorf("published is %+v, %v", published, err)
		}
		if move, err := p.RollbackMove(t.Context()); err != nil || move != (qdrant.Move{Alias: alias, From: two, To: one}) {
			t.Errorf("a rollback would be %v, %v", move, err)
		}
		wantCurrent(t, p, two, 2)
		if move, err := p.Rollback(t.Context()); err != nil || move.To != one {
			t.Fatalf("Rollback: %v, %v", move, err)
		}
		wantCurrent(t, p, one, 1)
		if move, err := p.Rollback(t.Context()); err != nil || move.To != two {
			t.Fatalf("a second Rollback: %v, %v", move, err)
		}
		wantCurrent(t, p, two, 2)

		three := publish(t, p, options, "run-3", "a", "b", "c")
		dropped, err := p.Prune(t.Context(), 1)
		if err != nil || !slices.Equal(dropped, []string{one}) {
			t.Errorf("Prune dropped %v, %v, want %s", dropped, err, one)
		}
		wantCurrent(t, p, three, 3)
		if move, err := p.Rollback(t.Context()); err != nil || move.To != two {
			t.Errorf("Rollback: %v, %v", move, err)
		}
		if dropped, err := p.Prune(t.Context(), 0); err != nil || !slices.Equal(dropped, []string{three}) {
			t.Errorf("Prune that keeps nothing dropped %v, %v, want %s", dropped, err, three)
		}
		_, err = p.RollbackMove(t.Context())
		wantError(t, err, pipeline.Misconfigured, "was dropped", "--rebuild")
	})
}

func TestAReaderThroughTheAliasNeverMissesADocument(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, s testServer) {
		alias := s.name(t)
		options := qdrant.Options{URL: s.url, Collection: alias}
		p := newPublisher(t, options)
		publish(t, p, options, "run-1", "a", "b", "c")
		build := begin(t, p, plan("run-2"))
		fill(t, options, build.Collection, "a", "b", "c", "d")

		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var readers sync.WaitGroup
		reads := make([]int, 3)
		for i := range reads {
			readers.Go(func() {
				for ctx.Err() == nil {
					if err := readOnce(ctx, s.client, alias); err != nil && ctx.Err() == nil {
						t.Error(err)
						return
					}
					reads[i]++
				}
			})
		}
		if _, err := p.Switch(t.Context(), build.Collection); err != nil {
			t.Error(err)
		}
		for range 50 {
			if _, err := p.Rollback(t.Context()); err != nil {
				t.Error(err)
				break
			}
		}
		stop()
		readers.Wait()
		if slices.Contains(reads, 0) {
			t.Errorf("readers read %v times", reads)
		}
	})
}

// readOnce asks for what every collection has, without a second try.
func readOnce(ctx context.Context, c *pb.Client, alias string) error {
	hits, err := c.Query(ctx, &pb.QueryPoints{
		CollectionName: alias, Query: pb.NewQueryDense([]float32{1, 0, 0}), Using: new("text"), Limit: new(uint64(10)),
	})
	if err != nil || len(hits) < 3 {
		return fmt.Errorf("a search found %d points, %w", len(hits), err)
	}
	var ids []*pb.PointId
	for _, doc := range []string{"a", "b", "c"} {
		ids = append(ids, pb.NewIDUUID(pipeline.NewPointID("text", doc, 0).String()))
	}
	found, err := c.Get(ctx, &pb.GetPoints{CollectionName: alias, Ids: ids})
	if err != nil || len(found) != len(ids) {
		return fmt.Errorf("%d of %d points are there, %w", len(found), len(ids), err)
	}
	n, err := c.Count(ctx, &pb.CountPoints{CollectionName: alias, Exact: new(true)})
	if err != nil || n < 3 {
		return fmt.Errorf("the count is %d, %w", n, err)
	}
	return nil
}

func TestAnUnfinishedBuildIsGoneOnWithWhereItFits(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	options := qdrant.Options{URL: server.URL(), Collection: "docs"}
	p := newPublisher(t, options)
	first := begin(t, p, plan("run-1"))
	if first.Resumed || first.Run != "run-1" {
		t.Errorf("the first build is %+v", first)
	}
	again := begin(t, p, plan("run-2"))
	if !again.Resumed || again.Collection != first.Collection || again.Run != "run-1" || again.Reason != "a test" || again.Since.IsZero() {
		t.Errorf("the second run builds %+v, want to go on with %s", again, first.Collection)
	}
	chunked := plan("run-3")
	chunked.Settings = "chunks of 128"
	other := plan("run-4")
	other.Spaces = pipeline.Spaces{"text": {Model: "b/model", Dim: 4}}
	names := []string{first.Collection}
	for _, p2 := range []qdrant.Plan{chunked, other} {
		build := begin(t, p, p2)
		if build.Resumed || slices.Contains(names, build.Collection) {
			t.Errorf("%s builds %+v", p2.Run, build)
		}
		names = append(names, build.Collection)
	}
	sharded := newPublisher(t, qdrant.Options{URL: server.URL(), Collection: "docs", Tuning: qdrant.Tuning{Shards: 4}})
	if build := begin(t, sharded, plan("run-5")); build.Resumed {
		t.Errorf("a build of one shard is gone on with where four are asked for: %+v", build)
	}
	if !slices.IsSorted(names) {
		t.Errorf("the names are %v, want them to sort by age", names)
	}
	// A published one is no build any more.
	if _, err := p.Switch(t.Context(), first.Collection); err != nil {
		t.Fatal(err)
	}
	if build, ok, err := p.Resume(t.Context(), plan("run-6")); build.Run != "run-5" || !ok || err != nil {
		t.Errorf("Resume gives %+v, %v, %v", build, ok, err)
	}
}

func TestOfRunsThatBeginAtOnceOneBuildIsLeft(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	builds := make([]qdrant.Build, 8)
	errs := make([]error, len(builds))
	var runs sync.WaitGroup
	for i := range builds {
		p := newPublisher(t, qdrant.Options{URL: server.URL(), Collection: "docs"})
		runs.Go(func() { builds[i], errs[i] = p.Begin(t.Context(), plan(fmt.Sprint("run-", i))) })
	}
	runs.Wait()
	for i, build := range builds {
		if errs[i] != nil {
			t.Errorf("run %d: %v", i, errs[i])
		}
		if build.Collection != builds[0].Collection {
			t.Errorf("run %d builds %s, and run 0 %s", i, build.Collection, builds[0].Collection)
		}
	}
	if all, err := client(t, server).ListCollections(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("the collections are %v, %v", all, err)
	}
}

func TestACollectionOfTheAliasNameIsRefused(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, s testServer) {
		name := s.name(t)
		options := qdrant.Options{URL: s.url, Collection: name}
		prepare(t, newIndex(t, options))
		p := newPublisher(t, options)
		_, _, err := p.Current(t.Context())
		wantError(t, err, pipeline.Misconfigured, "cannot have an alias of the same name", "in_place")
		_, err = p.Begin(t.Context(), plan("run-1"))
		wantError(t, err, pipeline.Misconfigured, "cannot have an alias of the same name", "in_place")
	})
}

func TestVerifyTellsAllThatIsMissing(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	tuning := qdrant.Tuning{Bulk: qdrant.BulkAuto}
	p := newPublisher(t, qdrant.Options{URL: server.URL(), Collection: "docs", Tuning: qdrant.Tuning{
		PayloadIndexes: map[string]qdrant.FieldType{"year": qdrant.FieldInteger},
	}})
	build := begin(t, p, plan("run-1"))
	index := newIndex(t, qdrant.Options{URL: server.URL(), Collection: build.Collection, Tuning: tuning})
	prepare(t, index)
	if err := index.Write(t.Context(), points("a", "b")); err != nil {
		t.Fatal(err)
	}
	if err := server.Show(build.Collection, qdrantserver.State{Status: pb.CollectionStatus_Yellow, Queued: 3}); err != nil {
		t.Fatal(err)
	}
	err := p.Verify(t.Context(), build.Collection, 3)
	for _, text := range []string{"has 2 points, and 3 are expected", "deferred", "yellow", "3 updates queued", `"year" has no index`} {
		wantError(t, err, pipeline.Fatal, text, "again")
	}
	_, ok, err := p.Current(t.Context())
	if ok || err != nil {
		t.Errorf("it was published: %v, %v", ok, err)
	}
}

func TestAnOlderBuildDoesNotReplaceANewerOne(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	p := newPublisher(t, qdrant.Options{URL: server.URL(), Collection: "docs"})
	older := begin(t, p, plan("run-1"))
	chunked := plan("run-2")
	chunked.Settings = "other"
	newer := begin(t, p, chunked)
	if _, err := p.Switch(t.Context(), newer.Collection); err != nil {
		t.Fatal(err)
	}
	_, err := p.Switch(t.Context(), older.Collection)
	wantError(t, err, pipeline.Fatal, "published meanwhile", "drop")
	wantCurrent(t, p, newer.Collection, 0)
}

func TestARunThatDiedBetweenTwoStepsOfASwitchLeavesNothingWrong(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]qdrantserver.Fault{
		"before the alias was moved": {Method: "UpdateAliases", Code: codes.Internal, Times: 2},
		"after it was moved":         {Method: "UpdateAliases", Code: codes.Internal, Applied: true},
		"before it noted so":         {Method: "Update", Skip: 1, Code: codes.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, qdrantserver.Options{})
			options := qdrant.Options{URL: server.URL(), Collection: "docs", RetryAttempts: 1}
			p := newPublisher(t, options)
			one := publish(t, p, options, "run-1", "a")
			build := begin(t, p, plan("run-2"))
			fill(t, options, build.Collection, "a", "b")
			server.Inject(fault)
			if _, err := p.Switch(t.Context(), build.Collection); err == nil {
				t.Fatal("the fault did not happen")
			}
			next := newPublisher(t, qdrant.Options{URL: server.URL(), Collection: "docs"})
			if _, err := next.Switch(t.Context(), build.Collection); err != nil {
				t.Fatal(err)
			}
			wantCurrent(t, next, build.Collection, 2)
			if left, err := next.Leftovers(t.Context(), 1); err != nil || len(left) > 0 {
				t.Errorf("left are %+v, %v", left, err)
			}
			if move, err := next.Rollback(t.Context()); err != nil || move.To != one {
				t.Errorf("Rollback: %v, %v", move, err)
			}
		})
	}
}

func TestAServerWithoutMetadataIsRefused(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{Version: "1.15.5"})
	p := newPublisher(t, qdrant.Options{URL: server.URL(), Collection: "docs"})
	_, err := p.Begin(t.Context(), plan("run-1"))
	wantError(t, err, pipeline.Misconfigured, "1.15.5", "1.16")
}

func TestAKeyThatMayNotSeeAliasesIsDenied(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	server.Inject(qdrantserver.Fault{Method: "ListAliases", Times: -1, Code: codes.PermissionDenied})
	p := newPublisher(t, qdrant.Options{URL: server.URL(), Collection: "docs"})
	_, _, err := p.Current(t.Context())
	wantError(t, err, pipeline.Denied, "PermissionDenied", "in_place")
}

func TestAnAliasNameThatLeavesNoRoomIsRefused(t *testing.T) {
	t.Parallel()
	_, err := qdrant.NewPublisher(qdrant.Options{URL: "http://localhost", Collection: strings.Repeat("a", 250)}, nil)
	wantError(t, err, pipeline.Misconfigured, "longer than", "name")
}
