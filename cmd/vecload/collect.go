package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// heapGoal is the size of the heap, in bytes, at which the collector comes as long
// as less than half of it lives: Go's own rule has it come whenever memory has
// doubled, however little that is.
const heapGoal = 64 << 20

// sqliteGoal is that goal while SQLite is written, whose own pages, up to 8 MB, stand
// beside what Go holds, and sqliteGrowth by how many percent memory may grow at
// least. Go's 100 take 20 MB more; the collector is a small part of the cost of a
// transaction, so that coming more often costs little there.
const (
	sqliteGoal   = 40 << 20
	sqliteGrowth = 50
)

// collect has the collector come as often as memory asks for, unless the
// environment says how often it shall, until the function that it returns is
// called.
func (a assembly) collect() (stop func()) {
	p, ok := a.pacing()
	if !ok {
		return func() {}
	}
	return p.begin()
}

// pacing is how often the collector comes: when the heap has its goal, and
// not before it has grown by the least growth.
type pacing struct {
	goal  uint64 // bytes
	least int    // percent of what lives
}

// pacing returns it, and whether it is to be set.
func (a assembly) pacing() (pacing, bool) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if value, _ := a.process.lookupEnv(name); value != "" {
			return pacing{}, false
		}
	}
	if a.config.Index.Qdrant == nil {
		return pacing{goal: sqliteGoal, least: sqliteGrowth}, true
	}
	return pacing{goal: heapGoal, least: 100}, true
}

// percent is by how much the heap may grow, of which so many bytes live.
func (p pacing) percent(live uint64) int {
	const most = 1000 // of a heap that is almost empty, little is known
	live = max(live, 1<<20)
	if live >= p.goal {
		return p.least
	}
	return min(max(int((p.goal-live)*100/live), p.least), most)
}

// begin paces the collector, from one collection to the next: an object that
// nobody holds is finalized after each, and makes its successor.
func (p pacing) begin() (stop func()) {
	var stopped atomic.Bool
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	set := p.percent(0)
	before := debug.SetGCPercent(set)
	var next func(*pacing)
	next = func(*pacing) {
		if stopped.Load() {
			return
		}
		metrics.Read(live)
		// Setting it stops the program for a moment, which small differences are
		// not worth.
		if percent := p.percent(live[0].Value.Uint64()); percent > set+set/8 || percent < set-set/8 {
			set = percent
			debug.SetGCPercent(percent)
		}
		runtime.SetFinalizer(&pacing{}, next)
	}
	next(nil)
	return func() {
		stopped.Store(true)
		debug.SetGCPercent(before)
	}
}
