package pipeline

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Plan says what a run would do.
type Plan struct {
	Read      int64 // documents
	New       int64 // of which the index holds nothing
	Changed   int64 // with texts or images that differ
	Updated   int64 // that differ beside their vectors only
	Unchanged int64
	Rejected  int64 // by the source: more may follow when they are embedded
	// TooMany tells when MaxRejects would stop the run; nil when these rejects
	// do not.
	TooMany *RejectsSeen

	Lanes []LanePlan // in the order of the pipeline's lanes

	// Copied is the number of points whose vectors another index has.
	Copied int64

	// Tails is the number of points that changed documents leave behind, and
	// Missing that of documents which are not in the corpus, where those are
	// deleted; Points is how many the index holds, where that was looked at.
	Tails, Missing, Points int64
	// KeptMissing is [Counters.KeptMissing].
	KeptMissing bool

	Elapsed time.Duration
}

// LanePlan says what a run would embed for one vector.
type LanePlan struct {
	Vector string
	Chunks int64
	Tokens int64 // by the lane's counter
	Bytes  int64

	Whole int64 // chunks of the corpus: the points that the index holds afterwards, rejects aside

	// Todo and Done are a sample of the chunks that would be embedded, and of
	// those whose points are as they should be; the same corpus gives the
	// same sample.
	Todo, Done []Chunk
}

// Plan reads the corpus and asks the index as [Pipeline.Run] does, and neither
// embeds nor writes anything: Embedder and Writes are not used. Rejections
// are not passed on. sample is how many chunks of each kind are kept for each
// lane. A plan that was stopped is returned as far as it came,
// with the error.
func (p Pipeline) Plan(ctx, stop context.Context, sample int) (Plan, error) {
	p.Counters, p.Reject, p.Writes = new(Counters), nil, WriteLimits{Writers: 1}
	if p.Refresh == nil {
		p.Refresh = &Refresh{}
	}
	if err := validateLanes(p.Lanes); err != nil {
		return Plan{}, err
	}
	p.Lanes = slices.Clone(p.Lanes)
	r := run{
		Pipeline: p, ledger: ledger{counters: p.Counters, limit: p.MaxRejects}, seen: newSeen(p.Archive), room: newRoom(roomBytes),
		dry: true, plan: newPlanner(p.Lanes, sample),
	}
	for i := range r.Lanes {
		if r.Lanes[i].CountTokens == nil {
			r.Lanes[i].CountTokens = EstimateTokens
		}
	}

	start := time.Now()
	ctx = WithStop(ctx, stop)
	ended, err := r.stages(ctx, stop)
	if ended == nil && IsStopping(ctx) {
		ended = ErrStopped // what was asked for may not have been counted
	}
	if err == nil && ended == nil && ctx.Err() == nil && r.sweeps() {
		ended, err = r.sweepUntilStop(ctx)
	}
	if err == nil && ended == nil {
		_ = r.ledger.tooMany(true) // noted in over
	}
	plan := r.plan.made()
	plan.TooMany = r.ledger.over
	plan.Read, plan.Rejected = p.Counters.Read.Load(), p.Counters.Rejected.Load()
	plan.Unchanged += p.Counters.Unchanged.Load() // documents that come twice
	plan.KeptMissing, plan.Elapsed = p.Counters.KeptMissing.Load(), time.Since(start)
	if ctx.Err() != nil {
		return plan, context.Cause(ctx)
	}
	return plan, errors.Join(err, ended)
}

// planner adds up a plan.
type planner struct {
	sample int

	mutex sync.Mutex
	plan  Plan
}

func newPlanner(lanes []Lane, sample int) *planner {
	p := &planner{sample: sample, plan: Plan{Lanes: make([]LanePlan, len(lanes))}}
	for i := range lanes {
		p.plan.Lanes[i].Vector = lanes[i].Vector
	}
	return p
}

// add takes in a group, what there is to embed of it, and what to update.
func (p *planner) add(g group, todo, updates []Chunk, lanes []Lane) {
	counted := make([]LanePlan, len(lanes))
	for i := range todo {
		c := &todo[i]
		counted[c.lane].Chunks++
		counted[c.lane].Bytes += int64(c.bytes())
		if !c.Image {
			counted[c.lane].Tokens += int64(lanes[c.lane].CountTokens(c.Text))
		}
	}
	left := map[place]bool{}
	for _, some := range [][]Chunk{todo, updates} {
		for i := range some {
			left[placeOf(&some[i])] = true
		}
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for i := range g.chunks {
		c := &g.chunks[i]
		p.plan.Lanes[c.lane].Whole++
		if !left[placeOf(c)] {
			p.plan.Lanes[c.lane].Done = p.keep(p.plan.Lanes[c.lane].Done, c)
		}
	}
	for i := range todo {
		p.plan.Lanes[todo[i].lane].Todo = p.keep(p.plan.Lanes[todo[i].lane].Todo, &todo[i])
	}
	for i := range counted {
		p.plan.Lanes[i].Chunks += counted[i].Chunks
		p.plan.Lanes[i].Tokens += counted[i].Tokens
		p.plan.Lanes[i].Bytes += counted[i].Bytes
	}
	for _, doc := range g.docs {
		switch doc.kind {
		case isNew:
			p.plan.New++
		case isChanged:
			p.plan.Changed++
		case isUpdated:
			p.plan.Updated++
		case isUnchanged:
			p.plan.Unchanged++
		}
		for _, t := range doc.tails {
			p.plan.Tails += int64(t.to - t.from)
		}
	}
}

// place is where a chunk stands in its corpus.
type place struct {
	doc         *tracked
	lane, chunk int
}

func placeOf(c *Chunk) place { return place{c.tracked, c.lane, c.Index} }

// keep adds a chunk to a sample: those of the smallest digests, which are as
// good as drawn by lot, and the same each time.
func (p *planner) keep(sample []Chunk, c *Chunk) []Chunk {
	if p.sample == 0 {
		return sample
	}
	at, _ := slices.BinarySearchFunc(sample, c.made.Input, func(a Chunk, b Digest) int { return bytes.Compare(a.made.Input[:], b[:]) })
	switch {
	case at == p.sample:
		return sample
	case len(sample) == p.sample:
		sample = sample[:len(sample)-1]
	}
	return slices.Insert(sample, at, *c)
}

// swept takes in how many points the index holds, and which of them would go.
func (p *planner) swept(s sweeper) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.plan.Points, p.plan.Missing = s.points, s.goneCount
	for _, ids := range s.tails {
		p.plan.Tails += int64(len(ids))
	}
}

// copies takes in how many vectors would be copied.
func (p *planner) copies(n int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.plan.Copied += int64(n)
}

func (p *planner) made() Plan {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.plan
}
