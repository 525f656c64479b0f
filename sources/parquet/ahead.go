package parquet

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// aheadBytes is what pages that are read ahead may take together, in
	// bytes, whatever the number of columns.
	aheadBytes = 8 << 20
	// aheadLeast is how large a page has to be for it to be worth while.
	aheadLeast = 32 << 10
	// aheadFirst is what the first page of a column chunk is taken for: what
	// writers make by default.
	aheadFirst = 1 << 20
	// aheadShare is what part of the time between two pages of a column has to
	// go into reading them, at least, for it to be worth while. Less is gained
	// otherwise than it costs to have another processor's memory read.
	aheadShare = 8
	// aheadReaders bounds the goroutines that read pages of a file. The one
	// that makes records of them keeps up with no more.
	aheadReaders = 4
)

// errLarge is why a page is not read ahead after all.
var errLarge = errors.New("the page is larger than was thought")

// ahead reads pages of a file on other goroutines before they are asked for,
// the next one of a column at most.
type ahead struct {
	readers int   // 0: none
	least   int64 // bytes of a page that is worth it
	share   int64 // as aheadShare; 0: it is always worth it
	closed  atomic.Bool
	queue   chan *task
	running sync.WaitGroup
	free    atomic.Int64 // bytes
}

func newAhead(readers int, least, share int64) *ahead {
	a := &ahead{readers: readers, least: least, share: share}
	a.free.Store(aheadBytes)
	return a
}

// close waits for the goroutines, each of which ends the page it is at.
func (a *ahead) close() {
	a.closed.Store(true)
	if a.queue != nil {
		close(a.queue)
		a.running.Wait()
	}
}

// start has a page read that takes about so many bytes, and reports whether
// it will be: not if there is no room for it.
func (a *ahead) start(t *task, p *pages, buffer []byte, size int64) bool {
	if a.readers == 0 || size < a.least {
		return false
	}
	if a.free.Add(-size) < 0 {
		a.free.Add(size)
		return false
	}
	if a.queue == nil {
		a.queue = make(chan *task, aheadBytes/aheadLeast)
		for range a.readers {
			a.running.Go(a.work)
		}
	}
	if t.done == nil {
		t.done = make(chan struct{}, 1)
	}
	t.pages, t.buffer, t.size = p, buffer, size
	t.state.Store(waiting)
	select {
	case a.queue <- t:
		return true
	default: // of tasks that were taken back
		t.state.Store(taken)
		a.free.Add(size)
		return false
	}
}

// worth reports whether a column is worth being read ahead whose last page took
// so long to read, out of the time since the one before was.
func (a *ahead) worth(took, since time.Duration) bool {
	return int64(took)*a.share >= int64(since) || a.share == 0
}

func (a *ahead) work() {
	f := &fetcher{}
	defer f.codecs.close()
	for t := range a.queue {
		if !a.closed.Load() && t.state.CompareAndSwap(waiting, taken) {
			t.run(f, 2*t.size)
			t.done <- struct{}{}
		}
	}
}

// wait returns the page of a task that was started. Nobody else reads it when
// no goroutine has begun to.
func (a *ahead) wait(t *task, f *fetcher) (*page, error) {
	if t.state.CompareAndSwap(waiting, taken) {
		t.run(f, 0)
	} else {
		<-t.done
	}
	a.free.Add(t.size)
	if errors.Is(t.err, errLarge) {
		t.run(f, 0)
	}
	next := t.page
	t.page, t.buffer = nil, nil
	return next, t.err
}

// The states of a task.
const (
	taken int32 = iota
	waiting
)

// task is the next page of a column.
type task struct {
	pages  *pages
	buffer []byte
	size   int64
	state  atomic.Int32
	done   chan struct{} // holds one
	page   *page
	err    error
	took   time.Duration
}

func (t *task) run(f *fetcher, limit int64) {
	began := time.Now()
	t.page, t.err = t.pages.next(f, t.buffer, limit)
	t.took = time.Since(began)
}
