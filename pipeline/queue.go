package pipeline

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// flushAfter is how long chunks wait for their batch to be full while somebody
// is there to embed them: long enough that a corpus which is read at any speed
// is sent in full batches, and short enough for who writes into a pipe.
const flushAfter = 2 * time.Second

// queue makes batches of chunks and holds them until somebody takes them. A
// batch that is full can be taken at once. While all are busy, full batches
// gather up to the window, and leave it with texts of like length together,
// the longest first: then what is refused for its length is refused early,
// and the last batch of a run is a quick one. What is gathered leaves as it is
// when somebody has been idle for a while.
type queue struct {
	limits Limits
	bounds Bounds

	mutex   sync.Mutex
	changed sync.Cond
	ready   []Batch
	pool    []piece
	free    [][]Chunk // of batches that are done, to be filled again
	sorted  []piece   // memory to sort the pool into
	order   []rank    // and to find the order with
	full    int       // batches in pool, in the order in which the chunks came
	last    measure   // the one that is not full
	since   time.Time // when the first chunk of the pool came
	idle    int       // who waits for a batch
	ended   bool      // no chunk comes any more
	stopped bool      // and what is here is not wanted
}

// piece is a chunk and its tokens.
type piece struct {
	chunk  Chunk
	tokens int
}

// rank is what pieces are sorted by: their tokens, and where they stand in the
// pool.
type rank struct{ tokens, at int }

// measure is what a batch holds, or what it may hold at most.
type measure struct {
	texts, tokens, bytes int
	held                 int // what the documents of the chunks take, shared out among these
}

func newQueue(l Limits, bounds Bounds) *queue {
	q := &queue{limits: l, bounds: bounds}
	q.changed.L = &q.mutex
	return q
}

// most returns what a batch may hold now.
func (q *queue) most() measure {
	m := measure{q.limits.Texts, q.limits.Tokens, q.limits.Bytes, heavyBytes}
	if q.bounds != nil {
		m.texts, m.tokens, m.bytes = q.bounds(m.texts, m.tokens, m.bytes)
	}
	return m
}

// with returns the measure with one more chunk.
func (m measure) with(p *piece) measure {
	return measure{m.texts + 1, m.tokens + p.tokens, m.bytes + p.chunk.bytes(), m.held + p.chunk.held()}
}

// within tells whether a batch may hold so much. A chunk that exceeds a limit
// alone makes a batch of its own: splitting or refusing it is not the business
// of the queue.
func (m measure) within(most measure) bool {
	return m.texts <= 1 || m.texts <= most.texts &&
		(most.tokens <= 0 || m.tokens <= most.tokens) && (most.bytes <= 0 || m.bytes <= most.bytes)
}

// fills tells whether nothing more can be added.
func (m measure) fills(most measure) bool {
	return m.texts >= most.texts || m.held >= most.held ||
		most.tokens > 0 && m.tokens >= most.tokens || most.bytes > 0 && m.bytes >= most.bytes
}

// add queues a chunk. It waits while the window is full. Once the queue was
// stopped it returns [ErrStopped].
func (q *queue) add(ctx context.Context, chunk Chunk, tokens int) error {
	most := q.most()
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for len(q.ready)+q.full >= max(q.limits.Window, 1) && ctx.Err() == nil && !q.stopped {
		q.changed.Wait()
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case q.stopped:
		return ErrStopped
	}
	p := piece{chunk, tokens}
	if len(q.pool) == 0 {
		q.since = time.Now()
	}
	q.pool = append(q.pool, p)
	next := q.last.with(&p)
	news := len(q.pool) == 1
	if !next.within(most) {
		q.full++
		next, news = measure{}.with(&p), true
	}
	if next.fills(most) {
		q.full++
		next, news = measure{}, true
	}
	q.last = next
	if news && q.idle > 0 {
		q.changed.Broadcast()
	}
	return nil
}

// end tells that no chunk comes any more.
func (q *queue) end() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.ended = true
	q.changed.Broadcast()
}

// stop lets nothing more in or out: what waits here was not paid for, and
// embedding it could take longer than whoever stops a run wants to wait.
func (q *queue) stop() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.stopped, q.ready, q.pool, q.sorted, q.full = true, nil, nil, nil, 0
	q.changed.Broadcast()
}

// wakeAll lets everybody who waits look at the context.
func (q *queue) wakeAll() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.changed.Broadcast()
}

// take waits for a batch. It returns false once there will be none.
func (q *queue) take(ctx context.Context) (Batch, bool, error) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for {
		if ctx.Err() != nil {
			return Batch{}, false, context.Cause(ctx)
		}
		if q.stopped {
			return Batch{}, false, nil
		}
		if len(q.ready) == 0 && q.due() {
			q.cut()
		}
		if len(q.ready) > 0 {
			batch := q.ready[0]
			q.ready[0] = Batch{}
			q.ready = q.ready[1:]
			q.changed.Broadcast()
			return batch, true, nil
		}
		if q.ended {
			return Batch{}, false, nil
		}
		q.wait()
	}
}

// due tells whether the pool holds a batch that should leave.
func (q *queue) due() bool {
	return q.full > 0 || len(q.pool) > 0 && (q.ended || time.Since(q.since) >= flushAfter)
}

// wait waits for a change, or until what is in the pool has waited enough.
func (q *queue) wait() {
	if len(q.pool) > 0 {
		defer time.AfterFunc(time.Until(q.since.Add(flushAfter)), q.wakeAll).Stop()
	}
	q.idle++
	q.changed.Wait()
	q.idle--
}

// cut makes batches of the pool. The last one stays, unless it is full or has
// waited enough.
func (q *queue) cut() {
	all := q.full == 0 || q.ended
	if q.limits.Window > 1 {
		q.sort()
	}
	most := q.most()
	start, last := 0, measure{}
	for i := range q.pool {
		next := last.with(&q.pool[i])
		if !next.within(most) {
			q.ready = append(q.ready, q.batchOf(q.pool[start:i], last.tokens))
			start, next = i, measure{}.with(&q.pool[i])
		}
		last = next
	}
	if last.texts > 0 && (all || last.fills(most)) {
		q.ready = append(q.ready, q.batchOf(q.pool[start:], last.tokens))
		start, last = len(q.pool), measure{}
	}
	rest := copy(q.pool, q.pool[start:])
	clear(q.pool[rest:]) // what left is not kept
	q.pool, q.full, q.last, q.since = q.pool[:rest], 0, last, time.Now()
	// Batches may be larger than when the chunks came, and so fewer: then
	// there is room for who waits to add.
	q.changed.Broadcast()
}

// sort puts the longest first, and those of one length in the order in which
// they came. It moves each piece once: they are large, and compared often.
func (q *queue) sort() {
	q.order = q.order[:0]
	for i := range q.pool {
		q.order = append(q.order, rank{q.pool[i].tokens, i})
	}
	slices.SortFunc(q.order, func(a, b rank) int { return cmp.Or(b.tokens-a.tokens, a.at-b.at) })
	q.sorted = q.sorted[:0]
	for _, p := range q.order {
		q.sorted = append(q.sorted, q.pool[p.at])
	}
	clear(q.pool)
	q.pool, q.sorted = q.sorted, q.pool[:0]
}

func (q *queue) batchOf(pieces []piece, tokens int) Batch {
	b := Batch{Tokens: tokens}
	if n := len(q.free); n > 0 {
		b.Chunks, q.free = q.free[n-1], q.free[:n-1]
	}
	b.Chunks = slices.Grow(b.Chunks, len(pieces))
	for i := range pieces {
		b.Chunks = append(b.Chunks, pieces[i].chunk)
	}
	return b
}

// recycle takes back the memory of a batch, of which nobody keeps anything.
func (q *queue) recycle(chunks []Chunk) {
	clear(chunks)
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.free = append(q.free, chunks[:0])
}
