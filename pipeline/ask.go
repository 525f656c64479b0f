package pipeline

import (
	"context"
	"errors"
	"slices"
)

// ask finds out which of the documents of a group are done, and passes on what
// is left to do of the others: the points that differ beside their vectors
// are updated here, the chunks that have to be embedded go to the queues of
// their lanes, and vectors that another index holds go to be written.
func (r *run) ask(ctx context.Context, in *groups, queues []*queue, out chan<- embedded) error {
	for {
		g, ok, err := in.take(ctx)
		if !ok || err != nil {
			return err
		}
		switch err := r.askGroup(ctx, g, queues, out); {
		case errors.Is(err, ErrStopped), leftBy(ctx, err):
			return nil // what was asked for stays unfinished
		case err != nil:
			return err
		}
		in.recycle(g)
	}
}

// updatesAtOnce is how many points one call changes beside their vectors.
const updatesAtOnce = 256

func (r *run) askGroup(ctx context.Context, g group, queues []*queue, out chan<- embedded) error {
	asking, cancel := UntilStop(ctx)
	defer cancel()
	if err := r.digest(asking, g.chunks); err != nil {
		return err
	}
	stored, err := r.askIndex(asking, g)
	if err != nil {
		return err
	}
	todo, updates, newer := r.judge(g, stored)
	for _, doc := range newer {
		reason := Reject(doc.Origin, ErrNewer)
		reason.Hint = "if that is the right one, nothing is to be done; if not, run the corpus again"
		if err := r.ledger.fail(doc, reason); err != nil {
			return err
		}
	}
	if r.dry {
		if todo, err = r.copy(ctx, todo, nil); err != nil {
			return err
		}
		r.plan.add(g, todo, updates, r.Lanes)
		for _, doc := range g.docs {
			doc.settle()
		}
		return nil
	}
	done := make([]*tracked, 0, len(g.docs))
	for _, doc := range g.docs {
		if doc.left.Load() == 0 && !doc.rejected.Load() {
			done = append(done, doc)
		}
	}
	if err := r.finish(ctx, done); err != nil {
		return err
	}
	if err := r.update(ctx, updates); err != nil {
		return err
	}
	if todo, err = r.copy(ctx, todo, out); err != nil {
		return err
	}
	for i := range todo {
		if err := r.enqueueChunk(ctx, queues, &todo[i]); err != nil {
			return err
		}
	}
	return nil
}

// digest says of each chunk what it is made of. An image that cannot be read
// has no digest that is stored anywhere: its document is rejected when the
// vector is made.
func (r *run) digest(ctx context.Context, chunks []Chunk) error {
	var d digester
	for i := range chunks {
		c := &chunks[i]
		c.made.Rest = d.rest(c, r.KeepText)
		input, err := r.Lanes[c.lane].digest(ctx, &d, c)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil && Classify(err) != Rejected {
			return err
		}
		c.made.Input = input
	}
	return nil
}

// askIndex asks for the points of the chunks, one call for each vector, and
// notes which documents are known, and their tails. Where nothing is stored
// the list is nil.
func (r *run) askIndex(ctx context.Context, g group) ([]Stored, error) {
	if r.Refresh.Index == nil {
		return nil, nil
	}
	found := make([]Stored, len(g.chunks))
	for lane := range r.Lanes {
		q := r.question(g, lane)
		if len(q.ids) == 0 {
			continue
		}
		stored, err := r.Refresh.Index.Stored(ctx, r.Lanes[lane].Vector, q.ids)
		if err != nil {
			return nil, err
		}
		for i, s := range stored {
			if !s.Found {
				continue
			}
			doc, n := q.docs[i], q.counts[i]
			doc.known = true
			if place := q.places[i]; place >= 0 {
				found[place] = s
			}
			if s.Chunks > n {
				doc.leave(r.Lanes[lane].Vector, n, s.Chunks)
			}
		}
	}
	return found, nil
}

// question is what is asked about one vector.
type question struct {
	ids    []PointID
	docs   []*tracked // of each id
	places []int      // in the group, of each id's chunk; -1 where the document has none
	counts []int      // chunks of each id's document in this vector
}

// question lists the ids of the chunks of a lane and, of documents that have
// nothing for it (any more), those of what would be their first.
func (r *run) question(g group, lane int) question {
	most := len(g.docs) + len(g.chunks)
	if len(r.Lanes) == 1 {
		most = len(g.chunks) // every document has something for one lane
	}
	q := question{
		ids: make([]PointID, 0, most), docs: make([]*tracked, 0, most), places: make([]int, 0, most), counts: make([]int, 0, most),
	}
	name := r.Lanes[lane].Vector
	add := func(doc *tracked, chunk, place, count int) {
		q.ids = append(q.ids, NewPointID(name, doc.ID, chunk))
		q.docs, q.places, q.counts = append(q.docs, doc), append(q.places, place), append(q.counts, count)
	}
	place := 0
	for _, doc := range g.docs {
		count := 0
		for ; place < len(g.chunks) && g.chunks[place].tracked == doc; place++ {
			if c := &g.chunks[place]; c.lane == lane {
				count = c.Count
				add(doc, c.Index, place, c.Count)
			}
		}
		if count == 0 {
			add(doc, 0, -1, 0)
		}
	}
	return q
}

// ErrNewer is what the rejection of a document wraps that would replace points
// of another version of it.
var ErrNewer = errors.New("the index holds another version of the document, which was written later")

// judge decides what is left to do of each document: chunks to embed, and
// points to change beside their vectors. Of newer documents nothing is to be
// done: the index holds points that they may not replace.
func (r *run) judge(g group, stored []Stored) (todo, updates []Chunk, newer []*tracked) {
	place := 0
	for _, doc := range g.docs {
		embeds, changes := len(todo), len(updates)
		for ; place < len(g.chunks) && g.chunks[place].tracked == doc; place++ {
			c := &g.chunks[place]
			var s Stored
			if stored != nil {
				s = stored[place]
			}
			if s.Found && s.Made != c.made {
				doc.held = append(doc.held, Held{Vector: r.Lanes[c.lane].Vector, Chunk: c.Index, Made: s.Made})
			}
			switch {
			case !s.Found || s.Made.Input != c.made.Input:
				todo = append(todo, *c)
			case s.Made.Rest != c.made.Rest:
				updates = append(updates, *c)
			}
		}
		if may := r.Refresh.MayReplace; may != nil && len(doc.held) > 0 && !may(&doc.Document, doc.held) {
			todo, updates, newer = todo[:embeds], updates[:changes], append(newer, doc)
		}
		embeds, changes = len(todo)-embeds, len(updates)-changes
		switch {
		case !doc.known:
			doc.kind = isNew
		case embeds > 0 || len(doc.tails) > 0:
			doc.kind = isChanged
		case changes > 0:
			doc.kind = isUpdated
		default:
			doc.kind = isUnchanged
		}
		doc.left.Store(int32(embeds + changes))
		doc.unmade.Store(int32(embeds))
	}
	return todo, updates, newer
}

// update changes points beside their vectors.
func (r *run) update(ctx context.Context, chunks []Chunk) error {
	for some := range slices.Chunk(chunks, updatesAtOnce) {
		points, docs := make([]Point, len(some)), make([]*tracked, len(some))
		for i := range some {
			points[i], docs[i] = r.point(&some[i]), some[i].tracked
		}
		if err := r.Refresh.Index.Update(ctx, points); err != nil {
			return err
		}
		if err := r.stored(ctx, docs); err != nil {
			return err
		}
	}
	return nil
}

// copy takes the vectors of chunks whose input another index has embedded
// from there, and returns the chunks that are left to embed.
func (r *run) copy(ctx context.Context, chunks []Chunk, out chan<- embedded) (rest []Chunk, err error) {
	if r.Refresh.Previous == nil || len(chunks) == 0 {
		return chunks, nil
	}
	for lane := range r.Lanes {
		var of []Chunk
		for i := range chunks {
			if chunks[i].lane == lane {
				of = append(of, chunks[i])
			}
		}
		left, err := r.copyLane(ctx, &r.Lanes[lane], of, out)
		if err != nil {
			return nil, err
		}
		rest = append(rest, left...)
	}
	return rest, nil
}

func (r *run) copyLane(ctx context.Context, lane *Lane, chunks []Chunk, out chan<- embedded) (rest []Chunk, err error) {
	if len(chunks) == 0 {
		return nil, nil
	}
	ids := make([]PointID, len(chunks))
	for i := range chunks {
		ids[i] = NewPointID(lane.Vector, chunks[i].Doc.ID, chunks[i].Index)
	}
	asking, cancel := UntilStop(ctx)
	defer cancel()
	stored, err := r.Refresh.Previous.Stored(asking, lane.Vector, ids)
	if err != nil {
		return nil, err
	}
	var same []Chunk
	var sameIDs []PointID
	for i := range chunks {
		if stored[i].Found && stored[i].Made.Input == chunks[i].made.Input {
			same, sameIDs = append(same, chunks[i]), append(sameIDs, ids[i])
		} else {
			rest = append(rest, chunks[i])
		}
	}
	if r.dry {
		r.plan.copies(len(same))
		return rest, nil
	}
	if len(same) == 0 {
		return rest, nil
	}
	vectors, err := r.Refresh.Previous.Vectors(asking, lane.Vector, sameIDs)
	if err != nil {
		return nil, err
	}
	var batch embedded
	for i := range same {
		if len(vectors[i]) != lane.Space.Dim || checkVector(vectors[i]) != nil {
			rest = append(rest, same[i]) // it went away, or is none: made anew
			continue
		}
		p := r.point(&same[i])
		p.Vector, p.Sparse = vectors[i], lane.sparse(&same[i])
		batch.points, batch.docs = append(batch.points, p), append(batch.docs, same[i].tracked)
		same[i].tracked.made()
	}
	if len(batch.points) == 0 {
		return rest, nil
	}
	r.Counters.Copied.Add(int64(len(batch.points)))
	return rest, send(ctx, out, batch)
}
