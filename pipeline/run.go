package pipeline

import (
	"context"
	"errors"
	"slices"
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
	Source Source
	Index  Index
	// Lanes make the vectors, one each. A document that has something for
	// one of them at least is complete when the index has all its points.
	Lanes  []Lane
	Writes WriteLimits

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
	if err := errors.Join(validateLanes(p.Lanes), p.Writes.validate()); err != nil {
		return Report{}, err
	}
	if p.Counters == nil {
		p.Counters = new(Counters)
	}
	p.Lanes = slices.Clone(p.Lanes)
	for i := range p.Lanes {
		if p.Lanes[i].CountTokens == nil {
			p.Lanes[i].CountTokens = EstimateTokens
		}
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
	seen   *seen   // used by the reader alone
	chunks []Chunk // the reader's list of the chunks of a document
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
	points := make(chan embedded, r.Writes.Waiting)

	group, ctx := errgroup.WithContext(ctx)
	queues := make([]*queue, len(r.Lanes))
	var embedders sync.WaitGroup
	for i := range r.Lanes {
		lane := &r.Lanes[i]
		batches := newQueue(lane.Limits, lane.Bounds)
		queues[i] = batches
		embedders.Add(lane.Limits.InFlight)
		for range lane.Limits.InFlight {
			group.Go(func() error {
				defer embedders.Done()
				return r.embed(ctx, lane, batches, points)
			})
		}
	}
	all := func(do func(*queue)) func() {
		return func() {
			for _, batches := range queues {
				do(batches)
			}
		}
	}
	defer context.AfterFunc(ctx, all((*queue).wakeAll))()
	group.Go(func() error {
		defer all((*queue).end)()
		var err error
		ended, err = r.read(ctx, stop, queues)
		return err
	})
	group.Go(func() error {
		embedders.Wait()
		close(points)
		return nil
	})
	for range r.Writes.Writers {
		group.Go(func() error { return r.write(ctx, points) })
	}
	err = group.Wait()
	return ended, err
}
