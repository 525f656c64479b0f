package pipeline

import "errors"

// Limits bound a run: what one request carries, and how much is under way.
// Memory is bounded by (InFlight + Writers + 1) batches, Points points for
// each writer, and what the index buffers, whatever the size of the corpus.
type Limits struct {
	Texts  int // chunks in one batch; at least 1
	Tokens int // tokens in one batch, by the run's counter; 0 sets no limit
	Bytes  int // bytes of text in one batch; 0 sets no limit

	InFlight int // batches that are embedded at the same time; at least 1
	Writers  int // writes to the index at the same time; at least 1
	Points   int // points that one write gathers from finished batches; 0 writes each batch as it comes
}

func (l Limits) validate() error {
	switch {
	case l.Texts < 1:
		return errors.New("limits: at least 1 text a batch")
	case l.InFlight < 1:
		return errors.New("limits: at least 1 batch in flight")
	case l.Writers < 1:
		return errors.New("limits: at least 1 writer")
	}
	return nil
}

// batcher gathers chunks until one more would exceed a limit. A chunk that
// exceeds a limit alone makes a batch of its own: splitting or refusing it
// is not the batcher's business. It has no goroutine and no clock.
type batcher struct {
	limits  Limits
	pending Batch
	bytes   int
}

// add takes a chunk of the given number of tokens. It returns the batch that
// was full before the chunk came, if any.
func (b *batcher) add(chunk Chunk, tokens int) (Batch, bool) {
	full, ok := Batch{}, false
	if len(b.pending.Chunks) > 0 && !b.fits(chunk, tokens) {
		full, ok = b.rest()
	}
	if b.pending.Chunks == nil {
		b.pending.Chunks = make([]Chunk, 0, min(b.limits.Texts, 1024))
	}
	b.pending.Chunks = append(b.pending.Chunks, chunk)
	b.pending.Tokens += tokens
	b.bytes += len(chunk.Text)
	return full, ok
}

func (b *batcher) fits(chunk Chunk, tokens int) bool {
	return len(b.pending.Chunks) < b.limits.Texts &&
		(b.limits.Tokens <= 0 || b.pending.Tokens+tokens <= b.limits.Tokens) &&
		(b.limits.Bytes <= 0 || b.bytes+len(chunk.Text) <= b.limits.Bytes)
}

// rest returns what has been gathered, if anything, and starts afresh.
func (b *batcher) rest() (Batch, bool) {
	batch := b.pending
	b.pending, b.bytes = Batch{}, 0
	return batch, len(batch.Chunks) > 0
}
