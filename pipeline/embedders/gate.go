package embedders

import (
	"context"
	"slices"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/retry"
)

// passMost is how often a call may be passed by smaller ones, and passBehind
// how far behind the first they may stand.
const (
	passMost   = 16
	passBehind = 64
)

// waiter is a call that waits for its turn.
type waiter struct {
	n      int
	once   bool // a trial that somebody asks for, see retry.Once
	passed int  // how often a later one was let through before it
	ready  chan struct{}

	flight *flight
	err    error
}

// flight is a call that was let through.
type flight struct {
	call

	trial bool // whether the breaker is open but for it
	sent  bool
	given bool // whether its place was given back
}

// enter waits until a call may start. None starts in a run that is asked to
// stop.
func (l *Load) enter(ctx context.Context, n int) (*flight, error) {
	if pipeline.IsStopping(ctx) {
		return nil, pipeline.ErrStopped
	}
	w := &waiter{n: n, once: retry.IsOnce(ctx), ready: make(chan struct{})}
	l.mu.Lock()
	l.window.meet(n)
	l.queue = append(l.queue, w)
	l.wake()
	l.mu.Unlock()
	select {
	case <-w.ready:
		return w.flight, w.err
	case <-ctx.Done():
	case <-pipeline.Stopping(ctx):
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-w.ready: // both at once: the call starts, and ends at once
		return w.flight, w.err
	default:
	}
	l.queue = slices.DeleteFunc(l.queue, func(other *waiter) bool { return other == w })
	l.wake()
	if ctx.Err() == nil {
		return nil, pipeline.ErrStopped
	}
	return nil, ctx.Err()
}

// wake starts the calls that may start now, in the order in which they came,
// except that a small one may go before a large one for which there is no
// room, a few times.
func (l *Load) wake() {
	now := time.Now()
	if now.Before(l.until) {
		l.wakeAfter(l.until.Sub(now))
		return
	}
	for i := 0; i < min(len(l.queue), passBehind) && l.requests < l.window.ceiling; {
		w := l.queue[i]
		if !l.start(w, now) {
			if w.passed >= passMost {
				return
			}
			i++
			continue
		}
		for _, before := range l.queue[:i] {
			before.passed++
		}
		l.queue = slices.Delete(l.queue, i, i+1)
		close(w.ready)
	}
}

// start starts a call or refuses it, if it can do either now.
func (l *Load) start(w *waiter, now time.Time) bool {
	if widest := l.window.widest(); widest > 0 && w.n > widest {
		w.err = tooWide(w.n, widest)
		return true
	}
	cost := l.window.cost(w.n)
	if l.use > 0 && l.use+cost > l.window.size {
		return false
	}
	trial, err := l.breaker.admit(now, w.once)
	if err != nil {
		w.err = &attempt{err: err}
		return true
	}
	l.requests++
	l.use += cost
	w.flight = &flight{call: call{n: w.n, cost: cost, use: l.use, full: l.use+cost > l.window.size, started: now}, trial: trial}
	return true
}

func (l *Load) wakeAfter(d time.Duration) {
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer = time.AfterFunc(d, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.wake()
	})
}
