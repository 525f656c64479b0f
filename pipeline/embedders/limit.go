package embedders

import (
	"context"
	"sync"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// Limit lets at most n calls through at once, and none while it is paused.
// It may be used by several goroutines at once.
type Limit struct {
	inner    pipeline.Embedder
	places   chan struct{}
	counters *pipeline.Counters

	mu    sync.Mutex
	until time.Time // no call starts before
}

// NewLimit returns an embedder that calls inner at most n times at once, one
// at least, and counts requests and requests in flight.
func NewLimit(inner pipeline.Embedder, n int, counters *pipeline.Counters) *Limit {
	return &Limit{inner: inner, places: make(chan struct{}, max(n, 1)), counters: counters}
}

// Pause holds back every call that has not started, for d from now. A pause
// never shortens another one.
func (l *Limit) Pause(d time.Duration) {
	until := time.Now().Add(d)
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.until) {
		l.until = until
	}
}

// Embed implements [pipeline.Embedder].
func (l *Limit) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	select {
	case l.places <- struct{}{}:
	case <-ctx.Done():
		return pipeline.Vectors{}, ctx.Err()
	}
	defer func() { <-l.places }()
	if err := l.wait(ctx); err != nil {
		return pipeline.Vectors{}, err
	}
	l.counters.Requests.Add(1)
	l.counters.InFlight.Add(1)
	defer l.counters.InFlight.Add(-1)
	return l.inner.Embed(ctx, texts)
}

// wait returns once no pause is left, also one that began while it waited.
func (l *Limit) wait(ctx context.Context) error {
	for {
		l.mu.Lock()
		left := time.Until(l.until)
		l.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
