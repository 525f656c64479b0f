package pipeline

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// ErrStopped is returned by [Pipeline.Run] when it was asked to stop and did
// so in good order: whatever had been sent to the embedder is in the index or
// rejected.
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
	// Bounds is asked for each batch. Optional.
	Bounds Bounds
	// KeepText stores the text of each chunk in its point.
	KeepText bool
	// Reject takes the documents that will never succeed, one call at a
	// time. An error of it ends the run. Optional.
	Reject func(Rejection) error
	// Counters are counted up while the run goes on. Optional.
	Counters *Counters
}

// Run reads the source to its end and brings every document into the index
// or to Reject. Once stop is done it reads and sends no more, finishes what is
// in flight and returns [ErrStopped]; when ctx is done it abandons that too.
// When the source fails, what had been read is finished, and its error
// returned. The report is true in every case: what it counts as
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
	ended, err := r.stages(ctx, stop)
	report := p.Counters.Snapshot()
	report.Elapsed = time.Since(start)
	switch {
	case ctx.Err() != nil:
		return report, context.Cause(ctx)
	case err != nil:
		return report, err
	}
	if errors.Is(ended, ErrStopped) {
		return report, ended // what was read and not sent is unfinished
	}
	return report, errors.Join(report.balanced(), ended)
}

// run is the state of one [Pipeline.Run].
type run struct {
	Pipeline

	ledger ledger
	seen   *seen     // used by the reader alone
	whole  [1]string // the reader's list for a document that is one chunk
}

// embedded is a batch that has its vectors: one point a chunk, and beside
// each point the document it belongs to.
type embedded struct {
	points []Point
	docs   []*tracked
}

// stages starts the three stages and waits for them. A channel is closed once
// all its senders are done, so that the stage behind it ends when it has done
// everything. All stages share one context: the first that fails wakes even a
// reader that waits for its source. It returns apart why reading ended early,
// when everything that had been read was finished all the same.
func (r *run) stages(ctx, stop context.Context) (ended, err error) {
	points := make(chan embedded)

	group, ctx := errgroup.WithContext(ctx)
	batches := newQueue(r.Limits, r.Bounds)
	defer context.AfterFunc(ctx, batches.wakeAll)()
	group.Go(func() error {
		defer batches.end()
		var err error
		ended, err = r.read(ctx, stop, batches)
		return err
	})
	var embedders sync.WaitGroup
	embedders.Add(r.Limits.InFlight)
	for range r.Limits.InFlight {
		group.Go(func() error {
			defer embedders.Done()
			return r.embed(ctx, batches, points)
		})
	}
	group.Go(func() error {
		embedders.Wait()
		close(points)
		return nil
	})
	for range r.Limits.Writers {
		group.Go(func() error { return r.write(ctx, points) })
	}
	err = group.Wait()
	return ended, err
}
