package pipeline

import (
	"context"
	"sync"
	"time"
)

// group holds documents whose points are asked for at once, and their chunks.
type group struct {
	docs   []*tracked
	chunks []Chunk // those of a document stand together, in the order of docs
	bytes  int     // that the documents take
}

// groupBytes bounds what a group holds, beside its last document.
const groupBytes = 8 << 20

// groups gathers documents until there are enough to ask for, or until who
// asks has been idle for a while.
type groups struct {
	most int // chunks in a group

	mutex   sync.Mutex
	changed sync.Cond
	ready   []group
	last    group
	free    []group   // empty ones with room, to be filled again
	since   time.Time // when the first document of last came
	idle    int       // who waits for a group
	ended   bool      // no document comes any more
	stopped bool      // and what is here is not wanted
}

func newGroups(most int) *groups {
	g := &groups{most: most}
	g.changed.L = &g.mutex
	return g
}

// add takes a document in. It waits while a full group waits already. Once
// stopped it returns [ErrStopped].
func (g *groups) add(ctx context.Context, doc *tracked, chunks []Chunk) error {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for len(g.ready) > 0 && ctx.Err() == nil && !g.stopped {
		g.changed.Wait()
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case g.stopped:
		return ErrStopped
	}
	if len(g.last.docs) == 0 {
		g.since = time.Now()
		if n := len(g.free); n > 0 {
			g.last, g.free = g.free[n-1], g.free[:n-1]
		}
	}
	g.last.docs, g.last.chunks = append(g.last.docs, doc), append(g.last.chunks, chunks...)
	g.last.bytes += doc.bytes + len(doc.Image.Data)
	if len(g.last.chunks) >= g.most || g.last.bytes >= groupBytes {
		g.ready, g.last = append(g.ready, g.last), group{}
	}
	if g.idle > 0 && (len(g.ready) > 0 || len(g.last.docs) == 1) {
		g.changed.Broadcast()
	}
	return nil
}

// recycle takes back a group that was taken, of which nobody keeps anything, so
// that room is made for a few groups and not for each.
func (g *groups) recycle(done group) {
	if cap(done.chunks) > 2*g.most {
		return // it held a document of very many chunks
	}
	clear(done.docs)
	clear(done.chunks)
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.free = append(g.free, group{docs: done.docs[:0], chunks: done.chunks[:0]})
}

// end tells that no document comes any more.
func (g *groups) end() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.ended = true
	g.changed.Broadcast()
}

// stop lets nothing more in or out.
func (g *groups) stop() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.stopped, g.ready, g.last = true, nil, group{}
	g.changed.Broadcast()
}

// wakeAll lets everybody who waits look at the context.
func (g *groups) wakeAll() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.changed.Broadcast()
}

// take waits for a group. It returns false once there will be none.
func (g *groups) take(ctx context.Context) (group, bool, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for {
		switch {
		case ctx.Err() != nil:
			return group{}, false, context.Cause(ctx)
		case g.stopped:
			return group{}, false, nil
		}
		if len(g.ready) == 0 && len(g.last.docs) > 0 && (g.ended || time.Since(g.since) >= flushAfter) {
			g.ready, g.last = append(g.ready, g.last), group{}
		}
		if len(g.ready) > 0 {
			next := g.ready[0]
			g.ready = g.ready[:copy(g.ready, g.ready[1:])]
			g.changed.Broadcast()
			return next, true, nil
		}
		if g.ended {
			return group{}, false, nil
		}
		g.wait()
	}
}

// wait waits for a change, or until what is here has waited enough.
func (g *groups) wait() {
	if len(g.last.docs) > 0 {
		defer time.AfterFunc(time.Until(g.since.Add(flushAfter)), g.wakeAll).Stop()
	}
	g.idle++
	g.changed.Wait()
	g.idle--
}
