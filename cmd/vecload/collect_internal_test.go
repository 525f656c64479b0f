package main

import (
	"runtime"
	"runtime/metrics"
	"testing"

	"github.com/vecload/vecload/configs"
)

func TestTheCollectorIsPacedUnlessTheEnvironmentSaysHowOftenItComes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		qdrant bool
		name   string
		set    bool
	}{
		{false, "", true},
		{true, "", true},
		{false, "GOGC", false},
		{false, "GOMEMLIMIT", false},
		{true, "GOGC", false},
	} {
		a := assembly{process: process{lookupEnv: func(name string) (string, bool) {
			if name == tt.name {
				return "200", true
			}
			return "", false
		}}}
		if tt.qdrant {
			a.config.Index.Qdrant = &configs.Qdrant{}
		}
		p, set := a.pacing()
		if set != tt.set {
			t.Errorf("%+v: %+v and %t", tt, p, set)
		}
		if set && !tt.qdrant && p.percent(100<<20) >= 100 {
			t.Errorf("SQLite's pages stand beside what Go holds, and it may grow by %d %%", p.percent(100<<20))
		}
	}
}

func TestTheHeapGrowsToItsGoal(t *testing.T) {
	t.Parallel()
	p := pacing{goal: 64 << 20, least: 100}
	for live, want := range map[uint64]int{
		0: 1000, 1 << 20: 1000, 16 << 20: 300, 30 << 20: 113, 32 << 20: 100, 33 << 20: 100, 64 << 20: 100, 1 << 30: 100,
	} {
		if got := p.percent(live); got != want {
			t.Errorf("%d bytes live: %d %%, want %d", live, got, want)
		}
	}
}

//nolint:paralleltest // the collector is that of the whole process
func TestThePaceFollowsWhatLives(t *testing.T) {
	now := func() int {
		percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(percent)
		return int(percent[0].Value.Uint64())
	}
	before := now()
	// Collections come until the finalizer of one of them has run, which they
	// do not wait for.
	until := func(what string, done func(percent int) bool) {
		for range 10_000 {
			runtime.GC()
			runtime.Gosched()
			if done(now()) {
				return
			}
		}
		t.Errorf("%s, the heap may grow by %d %%", what, now())
	}
	stop := pacing{goal: 96 << 20, least: 70}.begin()
	until("with little that lives", func(percent int) bool { return percent > 100 })
	held := make([]byte, 128<<20)
	until("with more than the goal", func(percent int) bool { return percent == 70 })
	runtime.KeepAlive(held)
	until("when that is gone", func(percent int) bool { return percent > 100 })
	stop()
	if now() != before {
		t.Errorf("afterwards the heap may grow by %d %%, and by %d before", now(), before)
	}
}
