package qdrant_test

import (
	"strings"
	"testing"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

func TestWaitIndexedFollowsTheOptimizer(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	index := newIndex(t, qdrant.Options{URL: server.URL(), PollEvery: time.Millisecond})
	prepare(t, index)
	// Grey stays until somebody updates the optimizer's configuration.
	if err := server.Show("docs",
		qdrantserver.State{Status: pb.CollectionStatus_Yellow}, // seen by EndBulk
		qdrantserver.State{Status: pb.CollectionStatus_Yellow, Queued: 4, Deferred: 5},
		qdrantserver.State{Status: pb.CollectionStatus_Grey},
		qdrantserver.State{Status: pb.CollectionStatus_Green},
	); err != nil {
		t.Fatal(err)
	}
	var seen []string
	if err := index.WaitIndexed(t.Context(), func(s qdrant.State) { seen = append(seen, s.Status) }); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen, " "); got != "yellow grey green green green" {
		t.Errorf("looks showed %s", got)
	}
}

func TestWaitIndexedEndsWithTheOptimizersWords(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]qdrantserver.State{
		"red":             {Status: pb.CollectionStatus_Red, Error: "no space left"},
		"yellow, but bad": {Status: pb.CollectionStatus_Yellow, Error: "no space left"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, qdrantserver.Options{})
			index := newIndex(t, qdrant.Options{URL: server.URL(), PollEvery: time.Millisecond})
			prepare(t, index)
			if err := server.Show("docs", state); err != nil {
				t.Fatal(err)
			}
			wantError(t, index.WaitIndexed(t.Context(), nil), pipeline.Fatal, "no space left", "disk")
		})
	}
}

func TestAnOptimizerThatIsOffIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{})
	index := newIndex(t, qdrant.Options{URL: server.URL(), PollEvery: time.Millisecond})
	prepare(t, index)
	if err := client(t, server).UpdateCollection(t.Context(), &pb.UpdateCollection{
		CollectionName: "docs", OptimizersConfig: &pb.OptimizersConfigDiff{MaxOptimizationThreads: &pb.MaxOptimizationThreads{
			Variant: &pb.MaxOptimizationThreads_Value{Value: 0},
		}},
	}); err != nil {
		t.Fatal(err)
	}
	if err := server.Show("docs", qdrantserver.State{Status: pb.CollectionStatus_Yellow}); err != nil {
		t.Fatal(err)
	}
	wantError(t, index.WaitIndexed(t.Context(), nil), pipeline.Misconfigured, "switched off", "max_optimization_threads")
}

func TestAnOlderServersSilenceAboutItsQueueIsTold(t *testing.T) {
	t.Parallel()
	for version, told := range map[string]bool{"1.16.3": true, "1.17.0": false, "1.19.0": false, "2.0.0": false, "nightly": false} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			server := start(t, qdrantserver.Options{Version: version})
			notices := &notices{}
			index := newIndex(t, qdrant.Options{URL: server.URL(), PollEvery: time.Millisecond, OnNotice: notices.add})
			prepare(t, index)
			if err := index.WaitIndexed(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if got := notices.has("queue"); got != told {
				t.Errorf("the silence was told: %v, want %v", got, told)
			}
			if n := server.Calls("HealthCheck"); n != 1 {
				t.Errorf("the server was asked for its version %d times, want once", n)
			}
		})
	}
}
