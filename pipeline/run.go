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

	// Refresh makes the run one over what the index holds. Optional: without
	// it everything is embedded and written.
	Refresh *Refresh

	// Archive keeps what is remembered of the documents that were met, where
	// those are many. It holds nothing yet; the run does not close it. Optional:
	// without it all of that stays in memory.
	Archive Archive
	// KeepText stores the text of each chunk in its point.
	KeepText bool
	// Reject takes the documents that will never succeed, one call at a
	// time. An error of it ends the run. Optional.
	Reject func(Rejection) error
	// MaxRejects stops a run that rejects more, as stop does. Its error is of
	// class Fatal and wraps a [*TooManyRejectsError]. Optional.
	MaxRejects *RejectLimit
	// Counters are counted up while the run goes on. Optional.
	Counters *Counters
}

// Run reads the source to its end and brings every document into the index
// or to Reject. Once stop is done it reads and sends no more, waits for nothing
// but the answers that are under way, writes what has its vectors and returns
// [ErrStopped], unless nothing is left to do; see [WithStop]. When ctx is done
// it abandons that too.
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
	stop, halt := context.WithCancel(stop)
	defer halt()
	r := run{
		Pipeline: p, ledger: ledger{counters: p.Counters, reject: p.Reject, limit: p.MaxRejects, stop: halt},
		seen: newSeen(p.Archive), room: newRoom(roomBytes), gauges: make([]gauge, len(p.Lanes)),
	}
	for i := range r.gauges {
		r.gauges[i].count = p.Lanes[i].CountTokens
	}

	start := time.Now()
	ctx = WithStop(ctx, stop)
	ended, err := r.stages(ctx, stop)
	if err == nil && ctx.Err() == nil {
		err = r.ledger.tooMany(ended == nil && !IsStopping(ctx) && r.finished())
	}
	if err == nil && ended == nil && ctx.Err() == nil && r.sweeps() && r.finished() {
		ended, err = r.sweepUntilStop(ctx)
	}
	report := p.Counters.Snapshot()
	report.Elapsed = time.Since(start)
	switch {
	case ctx.Err() != nil:
		return report, context.Cause(ctx)
	case err != nil:
		return report, err
	}
	if errors.Is(ended, ErrStopped) || IsStopping(ctx) && report.Unfinished() > 0 {
		return report, ErrStopped // what was read and not sent is unfinished
	}
	return report, errors.Join(report.balanced(), ended)
}

// finished reports whether every document that was read is settled.
func (r *run) finished() bool {
	report := r.Counters.Snapshot()
	return report.Unfinished() == 0
}

// sweepUntilStop sweeps, which a later run does as well.
func (r *run) sweepUntilStop(ctx context.Context) (ended, err error) {
	if IsStopping(ctx) {
		return ErrStopped, nil
	}
	sweeping, cancel := UntilStop(ctx)
	defer cancel()
	if err = r.sweep(sweeping); leftBy(ctx, err) {
		return ErrStopped, nil
	}
	return nil, err
}

// run is the state of one [Pipeline.Run].
type run struct {
	Pipeline

	ledger ledger
	seen   *seen // used by the reader alone
	room   *room
	chunks []Chunk // the reader's list of the chunks of a document

	gauges  []gauge   // of the tokens of each lane
	written sync.Pool // of *embedded: empty ones with room, to be filled again

	nameless int64 // records that were rejected before their id was known
	dry      bool  // nothing is embedded or written
	plan     *planner
}

// embedded is a batch that has its vectors: one point a chunk, and beside
// each point the document it belongs to.
type embedded struct {
	points []Point
	docs   []*tracked
}

// spare returns an empty batch, with room for points where there was one before.
func (r *run) spare() embedded {
	if e, ok := r.written.Get().(*embedded); ok {
		return *e
	}
	return embedded{}
}

// stages starts the stages and waits for them: the reader, those who ask what
// is done, the embedders of each lane, and the writers. A stage is told that
// nothing comes any more once all who pass something to it are done, so that
// it ends when it has done everything. All but the writers share one context:
// the first that fails wakes even a reader that waits for its source. The
// writers still write what has its vectors by then, which was paid for. It
// returns apart why reading ended early, when everything that had been read was
// finished all the same.
func (r *run) stages(whole, stop context.Context) (ended, err error) {
	points := make(chan embedded, r.Writes.Waiting)

	group, ctx := errgroup.WithContext(whole)
	var embedders sync.WaitGroup
	queues := r.startEmbedders(ctx, group, &embedders, points)
	asked, askers := newGroups(1), 0
	if r.Refresh != nil {
		asked, askers = newGroups(r.Refresh.group()), r.Refresh.askers()
	}
	defer context.AfterFunc(ctx, func() {
		asked.wakeAll()
		for _, batches := range queues {
			batches.wakeAll()
		}
	})()
	stopAll := func() {
		asked.stop()
		for _, batches := range queues {
			batches.stop()
		}
	}
	defer context.AfterFunc(stop, stopAll)()
	var asking sync.WaitGroup
	asking.Add(askers)
	for range askers {
		group.Go(func() error {
			defer asking.Done()
			return r.ask(ctx, asked, queues, points)
		})
	}
	group.Go(func() error {
		defer func() {
			if stop.Err() != nil {
				stopAll() // before the end, at which they would give out what they hold
			}
			asked.end()
			asking.Wait()
			for _, batches := range queues {
				batches.end()
			}
		}()
		var err error
		ended, err = r.read(ctx, stop, asked, queues)
		return err
	})
	group.Go(func() error {
		embedders.Wait()
		asking.Wait() // who asks may have copied vectors
		close(points)
		return nil
	})
	writers, writing := errgroup.WithContext(whole)
	for range r.Writes.Writers {
		writers.Go(func() error { return r.write(writing, points) })
	}
	group.Go(writers.Wait)
	err = group.Wait()
	return ended, err
}

// startEmbedders starts the embedders of each lane, and returns the queues
// that they take from.
func (r *run) startEmbedders(ctx context.Context, group *errgroup.Group, running *sync.WaitGroup, out chan<- embedded) []*queue {
	queues := make([]*queue, len(r.Lanes))
	for i := range r.Lanes {
		lane := &r.Lanes[i]
		queues[i] = newQueue(lane.Limits, lane.Bounds)
		if r.dry {
			continue
		}
		running.Add(lane.Limits.InFlight)
		for range lane.Limits.InFlight {
			group.Go(func() error {
				defer running.Done()
				return r.embed(ctx, lane, queues[i], out)
			})
		}
	}
	return queues
}

// sweeps tells whether the run looks for points that are to go.
func (r *run) sweeps() bool { return r.Refresh != nil && r.Refresh.Index != nil }
