package qdrant_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

func TestNobodyWaitsForARunThatIsKnownToHaveDiedWhileItAsked(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	// Whoever waits does so for an hour.
	options := qdrant.Options{URL: server.URL(), Collection: "docs", LeaseTerm: time.Hour}
	build := begin(t, newPublisher(t, options), plan("run-1"))
	asked := pb.NewValueMap(map[string]any{"vecload_run_run-1.1": map[string]any{
		"pid": 7, "held": false, "beat": 1, "term_ms": time.Hour.Milliseconds(),
	}})
	if err := client(t, server).UpdateCollection(t.Context(), &pb.UpdateCollection{CollectionName: build.Collection, Metadata: asked}); err != nil {
		t.Fatal(err)
	}
	p, err := qdrant.NewPublisher(options, func(h pipeline.Holder) bool { return h.PID == 7 })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if dropped, err := p.Drop(ctx, build.Collection); err != nil || len(dropped) != 1 {
		t.Errorf("Drop: %v, %v", dropped, err)
	}
}

func TestLeftoversAreFoundAndDropped(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	c := client(t, server)
	options := qdrant.Options{URL: server.URL(), Collection: "docs"}
	p := newPublisher(t, options)
	one := publish(t, p, options, "run-1", "a")
	two := publish(t, p, options, "run-2", "a")
	three := publish(t, p, options, "run-3", "a", "b")
	dead := begin(t, p, plan("run-4"))
	fill(t, options, dead.Collection, "x", "y")
	// Of these vecload knows nothing, or they are of another alias.
	foreign := []string{"docs__000900", "docs__by_hand", "docs__7"}
	for _, name := range foreign {
		if err := c.CreateCollection(t.Context(), &pb.CreateCollection{
			CollectionName: name, VectorsConfig: pb.NewVectorsConfigMap(map[string]*pb.VectorParams{"text": {Size: 3, Distance: pb.Distance_Cosine}}),
		}); err != nil {
			t.Fatal(err)
		}
	}
	other := newPublisher(t, qdrant.Options{URL: server.URL(), Collection: "docs__000800"})
	begin(t, other, plan("run-5"))

	left, err := p.Leftovers(t.Context(), 1)
	if err != nil || len(left) != 2 {
		t.Fatalf("left are %+v, %v, want %s and %s", left, err, one, dead.Collection)
	}
	if l := left[0]; l.Collection != one || l.State != qdrant.Superseded || l.Points != 1 || l.Bytes != 12 || l.Run != "run-1" {
		t.Errorf("the first is %+v", l)
	}
	if l := left[1]; l.Collection != dead.Collection || l.State != qdrant.Building || l.Points != 2 || l.Reason != "a test" || l.Since.IsZero() {
		t.Errorf("the second is %+v", l)
	}
	if left, err := p.Leftovers(t.Context(), 0); err != nil || len(left) != 3 {
		t.Errorf("without any kept left are %+v, %v", left, err)
	}
	for _, name := range append(foreign, three, "docs") {
		dropped, err := p.Drop(t.Context(), one, name)
		wantError(t, err, pipeline.Misconfigured, "", "")
		if len(dropped) > 0 {
			t.Errorf("%v were dropped before %s was refused", dropped, name)
		}
	}
	dropped, err := p.Drop(t.Context(), one, dead.Collection, "docs__gone")
	if err != nil || !slices.Equal(dropped, []string{one, dead.Collection}) {
		t.Errorf("dropped are %v, %v", dropped, err)
	}
	wantCurrent(t, p, three, 2)
	if left, err := p.Leftovers(t.Context(), 1); err != nil || len(left) > 0 {
		t.Errorf("left are %+v, %v, with %s kept", left, err, two)
	}
}

func TestABuildThatARunIsAtIsNobodysLeftover(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	const term = 500 * time.Millisecond
	options := qdrant.Options{URL: server.URL(), Collection: "docs", LeaseTerm: term}
	p := newPublisher(t, options)
	build := begin(t, p, plan("run-1"))
	if left, err := p.Leftovers(t.Context(), 1); err != nil || len(left) > 0 {
		t.Errorf("before it took the lease: %+v, %v", left, err)
	}
	mine := options
	mine.Collection = build.Collection
	index := newIndex(t, mine)
	prepare(t, index)
	lease, err := index.Acquire(t.Context(), pipeline.Holder{Run: "run-1", Host: "here", PID: 7}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	kept := make(chan error, 1)
	go func() { kept <- lease.Keep(ctx) }()
	if left, err := p.Leftovers(t.Context(), 1); err != nil || len(left) > 0 {
		t.Errorf("while it has the lease: %+v, %v", left, err)
	}
	_, err = p.Drop(t.Context(), build.Collection)
	if !errors.Is(err, pipeline.ErrBusy) || !strings.Contains(err.Error(), "run-1 on here") {
		t.Errorf("Drop: %v", err)
	}
	chunked := plan("run-2")
	chunked.Settings = "other"
	if _, err := p.Begin(t.Context(), chunked); !errors.Is(err, pipeline.ErrBusy) {
		t.Errorf("a build of other settings begins beside it: %v", err)
	}
	stop() // it dies: the claim stays and is not renewed
	if err := <-kept; err != nil {
		t.Error(err)
	}
	options.LeaseTerm = time.Hour
	dead, err := qdrant.NewPublisher(options, func(h pipeline.Holder) bool { return h.PID == 7 })
	if err != nil {
		t.Fatal(err)
	}
	if left, err := dead.Leftovers(t.Context(), 1); err != nil || len(left) != 1 {
		t.Errorf("of a run that is known to be dead left are %+v, %v", left, err)
	}
	if err := dead.Close(); err != nil {
		t.Error(err)
	}
	if left, err := p.Leftovers(t.Context(), 1); err != nil || len(left) != 1 {
		t.Errorf("after it died: %+v, %v", left, err)
	}
	if b := begin(t, p, chunked); b.Resumed {
		t.Errorf("%+v is resumed", b)
	}
}
