package rest

import "sync"

// buffers keeps memory for the bodies of requests, or of answers, which are
// all of about one size during a run.
type buffers struct{ pool sync.Pool }

// keptMost bounds what is kept: longer bodies are too rare to hold memory for.
const keptMost = 4 << 20

// get returns an empty slice with room for size bytes.
func (b *buffers) get(size int) []byte {
	// What is too small is left to the collector, so that all grow to the
	// size that is needed.
	if kept, ok := b.pool.Get().(*[]byte); ok && cap(*kept) >= size {
		return (*kept)[:0]
	}
	return make([]byte, 0, size+size/8) // the next may be a little longer
}

// put takes memory back that nobody uses any more.
func (b *buffers) put(body []byte) {
	if n := cap(body); n > 0 && n <= keptMost {
		b.pool.Put(&body)
	}
}
