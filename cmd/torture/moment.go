package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// moment is when a run is killed, and how.
type moment struct {
	// event is what the run is killed at, the nth time it happens: "request"
	// or "answer" of the endpoint, "call" or "reply" and a method of Qdrant,
	// "file" and what happens to a file of SQLite's. "" is the time alone.
	event string
	nth   int
	delay time.Duration // after it, or after the start
	// hold keeps the request that is the event from going on, so that the run
	// is dead before it arrives, or before it is answered.
	hold bool
	term bool // by SIGTERM in place of SIGKILL
}

func (m moment) String() string {
	signal := "SIGKILL"
	if m.term {
		signal = "SIGTERM"
	}
	if m.event == "" {
		return fmt.Sprintf("%s %s after the start", signal, m.delay.Round(10*time.Microsecond))
	}
	held := ""
	if m.hold {
		held = ", which is held up"
	}
	return fmt.Sprintf("%s %s after %s number %d%s", signal, m.delay.Round(10*time.Microsecond), m.event, m.nth, held)
}

// kind is the moment in one word, for the table.
func (m moment) kind() string {
	if m.event == "" {
		return "time"
	}
	return m.event
}

// whole is what an uninterrupted run of the same kind did.
type whole struct {
	took time.Duration
	seen map[string]int // events
}

const (
	lateMost  = 60 * time.Millisecond // after the last request to the endpoint
	shortMost = 5 * time.Millisecond
)

// changes reports whether a call to Qdrant changes something.
func changes(event string) bool {
	switch _, call, _ := strings.Cut(event, " "); call {
	case "Collections/Create", "Collections/Update", "Collections/UpdateAliases", "Collections/Delete":
		return true
	case "Points/Upsert", "Points/Delete", "Points/UpdateBatch", "Points/OverwritePayload", "Points/SetPayload", "Points/CreateFieldIndex":
		return true
	}
	return false
}

// drawMoment draws where to kill a run that would be like one that was not
// killed, but for what is left to embed. Events that are rare are drawn as
// often as frequent ones, those that change something more often, and early
// ones more often than late ones, since a run that goes on has less to do.
// With surely it is an event that happens, whatever was done before.
func drawMoment(random *rand.Rand, of whole, left int, files []string, surely bool) moment {
	m := moment{term: random.IntN(4) == 0}
	between := func(most time.Duration) time.Duration { return time.Duration(random.Int64N(int64(most))) }
	place := func(count int) int {
		u := random.Float64()
		return 1 + int(u*u*float64(count))
	}
	var calls, writes []string
	for _, name := range slices.Sorted(maps.Keys(of.seen)) {
		if strings.HasPrefix(name, "call ") || strings.HasPrefix(name, "reply ") {
			calls = append(calls, name)
			switch {
			case name == "call Points/Delete":
				// What replaces the points is in, and they are still there.
				writes = append(writes, name, name, name, name)
			case changes(name):
				writes = append(writes, name)
			}
		}
	}
	if random.IntN(4) > 0 && len(writes) > 0 {
		calls = writes
	}
	requests := 0
	if left > 0 {
		requests = (left+batchTexts-1)/batchTexts + 1 // and the probe
	}
	first := 0
	if surely {
		first = 20 // no time, which may be over before
	}
	switch part := first + random.IntN(100-first); {
	case part < 20:
		m.delay = between(of.took)
	case part < 35 && requests > 0:
		m.event, m.nth, m.delay = "request", place(requests), between(shortMost)
	case part < 45 && requests > 0:
		m.event, m.nth, m.hold = "answer", place(requests), true
	case part < 60 && requests > 0:
		// Around the last answer, and what comes after it.
		m.event, m.nth, m.delay = "answer", max(1, requests-random.IntN(3)), between(lateMost)
	case len(calls) > 0:
		m.event = calls[random.IntN(len(calls))]
		m.nth, m.hold = place(of.seen[m.event]), true
		if surely {
			m.nth = 1
		}
		if random.IntN(3) == 0 {
			m.hold, m.delay = false, between(shortMost)
		}
	case len(files) > 0:
		m.event, m.nth = "file "+files[random.IntN(len(files))], 1
		if random.IntN(2) == 0 {
			m.delay = between(shortMost)
		}
	default:
		m.delay = between(of.took)
	}
	if m.term {
		m.hold = false // it could not finish what is in flight
	}
	return m
}
