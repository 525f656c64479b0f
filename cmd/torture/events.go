package main

import (
	"context"
	"errors"
	"maps"
	"sync"
)

// errDead is why a request goes no further: who sent it was killed.
var errDead = errors.New("the process that asked was killed")

// events are what the servers see of a run. They happen to be the moments at
// which it is killed.
type events struct {
	mu    sync.Mutex // guards what follows
	seen  map[string]int
	awake string // the event that is waited for; "" is none
	nth   int
	hit   chan struct{} // closed when it happens
	dead  chan struct{} // closed when what was to be killed is dead
	holds bool          // the event holds up the request until then
	run   int           // counts the runs
}

func newEvents() *events { return &events{seen: map[string]int{}} }

// begin forgets what was seen and waits for the nth event of a name, in the
// run that begins. Where hold is true that request goes no further until dead
// is closed, and ends then.
func (e *events) begin(name string, nth int, hold bool) (run int, hit <-chan struct{}, dead chan<- struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen, e.awake, e.nth, e.holds = map[string]int{}, name, nth, hold
	e.hit, e.dead = make(chan struct{}), make(chan struct{})
	e.run++
	return e.run, e.hit, e.dead
}

// current is the number of the run that began last.
func (e *events) current() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.run
}

// counts returns how often each event was seen since begin.
func (e *events) counts() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.seen)
}

// reach tells that something happens. Its error says that it must not.
func (e *events) reach(ctx context.Context, name string) error {
	e.mu.Lock()
	e.seen[name]++
	now := name == e.awake && e.seen[name] == e.nth
	holds, dead := e.holds, e.dead
	if now {
		close(e.hit)
	}
	e.mu.Unlock()
	if !now || !holds {
		return nil
	}
	select {
	case <-dead:
	case <-ctx.Done():
	}
	return errDead
}
