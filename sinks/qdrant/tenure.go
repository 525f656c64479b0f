package qdrant

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc/status"

	"github.com/vecload/vecload/pipeline"
)

// tenure is the time in which an index may be written to: while its lease is
// known to be held, and always where it has none. When the lease could not be
// renewed in time, those who write wait until it is held again, and what was
// under way is cut off. Its zero value is that of an index without a lease.
type tenure struct {
	mu      sync.Mutex
	until   time.Time     // the end, unless it is put off; zero for no end
	alarm   *time.Timer   // that ends it then, whatever those do who keep the lease; nil for no end
	begins  chan struct{} // closed when the next tenure begins; nil within one
	entered map[*int]context.CancelFunc
}

// hold begins a tenure, or puts its end off.
func (t *tenure) hold(until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.until = until
	if t.alarm != nil {
		t.alarm.Stop()
		t.alarm = nil
	}
	if !until.IsZero() {
		t.alarm = time.AfterFunc(time.Until(until), t.expire)
	}
	if t.begins != nil {
		close(t.begins)
		t.begins = nil
	}
}

// expire ends a tenure whose end was not put off.
func (t *tenure) expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.until.IsZero() && !time.Now().Before(t.until) {
		t.cut()
	}
}

// end ends a tenure, and cuts off what is under way.
func (t *tenure) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cut()
}

// cut is end for those who have the lock.
func (t *tenure) cut() {
	if t.begins == nil {
		t.begins = make(chan struct{})
	}
	for _, cut := range t.entered {
		cut()
	}
}

// during makes a call within a tenure, which it waits for.
func (t *tenure) during(ctx context.Context, call func(context.Context) error) error {
	ctx, cut := context.WithCancel(ctx)
	defer cut()
	leave, err := t.enter(ctx, cut)
	if err != nil {
		return err
	}
	defer leave()
	return call(ctx)
}

func (t *tenure) enter(ctx context.Context, cut context.CancelFunc) (leave func(), err error) {
	for {
		t.mu.Lock()
		if t.begins == nil && !t.until.IsZero() && !time.Now().Before(t.until) {
			t.begins = make(chan struct{}) // this process stood still
		}
		begins := t.begins
		if begins == nil {
			if t.entered == nil {
				t.entered = map[*int]context.CancelFunc{}
			}
			place := new(int)
			t.entered[place] = cut
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				defer t.mu.Unlock()
				delete(t.entered, place)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-begins:
		case <-pipeline.Stopping(ctx):
			return nil, pipeline.ErrStopped
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		}
	}
}
