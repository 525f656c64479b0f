package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// ErrStopped is returned by [Pipeline.Run] when it was asked to stop and did
// so in good order: whatever had been read is in the index or rejected.
var ErrStopped = errors.New("stopped before the end of the corpus")

// Pipeline is one run as a value: its parts and its limits. All fields but
// those said to be optional are required.
type Pipeline struct {
	Source   Source
	Embedder Embedder
	Index    Index
	// Space is that of the embedder's vectors; the index was prepared for it.
	Space  Space
	Limits Limits

	// Split cuts a text into the chunks that are embedded, none of them
	// empty. Optional: without it every document is one chunk.
	Split func(text string) []string
	// CountTokens counts what batches are measured by. Optional: without it
	// tokens are estimated.
	CountTokens TokenCounter
	// KeepText stores the text of each chunk in its point.
	KeepText bool
	// Reject takes the documents that will never succeed, one call at a
	// time. An error of it ends the run. Optional.
	Reject func(Rejection) error
	// Counters are counted up while the run goes on. Optional.
	Counters *Counters
}

// Run reads the source to its end and brings every document into the index
// or to Reject. Once stop is done it reads no more, finishes what it holds
// and returns [ErrStopped]; when ctx is done it abandons that too. A source
// that fails is treated like a stop: what had been read is finished, and its
// error returned. The report is true in every case: what it counts as
// written is in the index.
func (p Pipeline) Run(ctx, stop context.Context) (Report, error) {
	if err := p.Limits.validate(); err != nil {
		return Report{}, err
	}
	if p.Counters == nil {
		p.Counters = new(Counters)
	}
	if p.CountTokens == nil {
		p.CountTokens = EstimateTokens
	}
	r := run{Pipeline: p, ledger: ledger{counters: p.Counters, reject: p.Reject}, seen: newSeen()}

	start := time.Now()
	err := r.stages(ctx, stop)
	report := p.Counters.Snapshot()
	report.Elapsed = time.Since(start)
	if ctx.Err() != nil {
		return report, context.Cause(ctx)
	}
	if err == nil {
		err = report.balanced()
	}
	return report, err
}

// run is the state of one [Pipeline.Run].
type run struct {
	Pipeline

	ledger ledger
	seen   *seen // used by the reader alone
}

// embedded is a batch that has its vectors: one point a chunk, and beside
// each point the document it belongs to.
type embedded struct {
	points []Point
	docs   []*tracked
}

// stages starts the three stages and waits for them. The sender of a channel
// closes it, so that the stage behind it ends when it has done everything.
func (r *run) stages(ctx, stop context.Context) error {
	batches := make(chan Batch)
	points := make(chan embedded)
	var ended error // why reading ended early, once the reader is done

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(batches)
		var err error
		ended, err = r.read(ctx, stop, batches)
		return err
	})
	group.Go(func() error {
		defer close(points)
		embedders, ctx := errgroup.WithContext(ctx)
		for range r.Limits.InFlight {
			embedders.Go(func() error { return r.embed(ctx, batches, points) })
		}
		return embedders.Wait()
	})
	for range r.Limits.Writers {
		group.Go(func() error { return r.write(ctx, points) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ended
}

// read sends the chunks of all documents in batches. It returns apart why
// the source ended early, which leaves the other stages to finish, and what
// makes the run fail at once.
func (r *run) read(ctx, stop context.Context, out chan<- Batch) (ended, err error) {
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(stop, cancel)()

	pending := batcher{limits: r.Limits}
	send := func(batch Batch, ok bool) error {
		if !ok {
			return nil
		}
		select {
		case out <- batch:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for doc, err := range r.Source.Documents(reading) {
		if err != nil && Classify(err) != Rejected {
			ended = err
			break
		}
		r.Counters.Read.Add(1)
		chunks, err := r.accept(doc, err)
		if err != nil {
			return nil, err
		}
		for _, chunk := range chunks {
			if err := send(pending.add(chunk, r.CountTokens(chunk.Text))); err != nil {
				return nil, err
			}
		}
		if reading.Err() != nil {
			break
		}
	}
	if stop.Err() != nil {
		ended = ErrStopped
	}
	return ended, send(pending.rest())
}

// accept makes the chunks of a document, or none when it is settled at once:
// rejected by its source, or the same as an earlier one.
func (r *run) accept(doc Document, err error) ([]Chunk, error) {
	if err != nil {
		return nil, r.ledger.refuse(Rejection{Document: doc, Err: err})
	}
	switch r.seen.add(&doc) {
	case same:
		r.Counters.Unchanged.Add(1)
		return nil, nil
	case different:
		return nil, r.ledger.refuse(Rejection{Document: doc, Err: &Error{
			Op:    doc.Origin.String(),
			Class: Rejected,
			Hint:  "ids have to be unique in a corpus; choose another id field",
			Err:   fmt.Errorf("an earlier document has the id %.100q and other content", doc.ID),
		}})
	case first:
	}
	texts := []string{doc.Text}
	if r.Split != nil {
		texts = r.Split(doc.Text)
	}
	if len(texts) == 0 || texts[0] == "" {
		return nil, r.ledger.refuse(Rejection{Document: doc, Err: Reject(doc.Origin, errors.New("the text is empty"))})
	}
	state := &tracked{Document: doc}
	state.left.Store(int32(len(texts)))
	chunks := make([]Chunk, len(texts))
	for i, text := range texts {
		chunks[i] = Chunk{Doc: &state.Document, Index: i, Count: len(texts), Text: text, tracked: state}
	}
	return chunks, nil
}

// embed gives batches their vectors.
func (r *run) embed(ctx context.Context, in <-chan Batch, out chan<- embedded) error {
	for batch := range in {
		done, err := r.embedBatch(ctx, batch)
		if err != nil {
			return err
		}
		if len(done.points) == 0 {
			continue
		}
		select {
		case out <- done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func (r *run) embedBatch(ctx context.Context, batch Batch) (embedded, error) {
	texts := make([]string, len(batch.Chunks))
	for i := range batch.Chunks {
		texts[i] = batch.Chunks[i].Text
	}
	r.Counters.Chunks.Add(int64(len(texts)))
	r.Counters.Tokens.Add(int64(batch.Tokens))
	vectors, err := r.Embedder.Embed(ctx, texts)
	if ctx.Err() != nil {
		return embedded{}, context.Cause(ctx)
	}
	failed, err := refused(len(texts), err)
	if err != nil {
		return embedded{}, err
	}
	for place, reason := range failed {
		if err := r.ledger.fail(batch.Chunks[place].tracked, reason); err != nil {
			return embedded{}, err
		}
	}
	points, err := join(batch.Chunks, failed, vectors, r.Space.Dim, r.KeepText)
	if err != nil {
		return embedded{}, err
	}
	docs := make([]*tracked, 0, len(points))
	for i := range batch.Chunks {
		if _, ok := failed[i]; !ok {
			docs = append(docs, batch.Chunks[i].tracked)
		}
	}
	return embedded{points: points, docs: docs}, nil
}

// refused returns which of n inputs an embedder refused for good, or the
// error itself when it is no refusal of single inputs.
func refused(n int, err error) (map[int]error, error) {
	if err == nil {
		return nil, nil
	}
	if partial, ok := errors.AsType[*PartialError](err); ok {
		for place := range partial.Failed {
			if place < 0 || place >= n {
				return nil, fmt.Errorf("an embedder refused input %d of %d", place, n)
			}
		}
		return partial.Failed, nil
	}
	if n == 1 && Classify(err) == Rejected {
		return map[int]error{0: err}, nil
	}
	return nil, err
}

// write brings embedded batches into the index. It gathers what is ready, so
// that an index which pays for each call is not called for each batch, and
// never waits for more.
func (r *run) write(ctx context.Context, in <-chan embedded) error {
	for next := range in {
		points, docs := next.points, next.docs
		for open := true; open && len(points) < r.Limits.Points; {
			select {
			case more, ok := <-in:
				if open = ok; ok {
					points, docs = append(points, more.points...), append(docs, more.docs...)
				}
			default:
				open = false
			}
		}
		if err := r.Index.Write(ctx, points); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		}
		r.Counters.Points.Add(int64(len(points)))
		for _, doc := range docs {
			r.ledger.written(doc, 1)
		}
	}
	return nil
}
