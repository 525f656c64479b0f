package parquet

import (
	"errors"
	"sync"
	"sync/atomic"
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
	closed  atomic.Bool
	queue   chan *task
	running sync.WaitGroup
	free    atomic.Int64 // bytes
}

func newAhead(readers int, least int64) *ahead {
	a := &ahead{readers: readers, least: least}
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

func (a *ahead) work() {
	f := &fetcher{}
	defer f.codecs.close()
	for t := range a.queue {
		if !a.closed.Load() && t.state.CompareAndSwap(waiting, taken) {
			t.page, t.err = t.pages.next(f, t.buffer, 2*t.size)
			t.done <- struct{}{}
		}
	}
}

// wait returns the page of a task that was started. Nobody else reads it when
// no goroutine has begun to.
func (a *ahead) wait(t *task, f *fetcher) (*page, error) {
	if t.state.CompareAndSwap(waiting, taken) {
		t.page, t.err = t.pages.next(f, t.buffer, 0)
	} else {
		<-t.done
	}
	a.free.Add(t.size)
	next, err := t.page, t.err
	if errors.Is(err, errLarge) {
		next, err = t.pages.next(f, t.buffer, 0)
	}
	t.page, t.buffer = nil, nil
	return next, err
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
}
