package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrDuplicate is what the rejection of a document wraps that is not the first
// of its id: alone it would take the place of the first.
var ErrDuplicate = errors.New("an earlier document has the id, with other content")

// read passes on all documents: to those who ask what is done of them, or
// their chunks to the queues of their lanes. It returns apart why the source
// ended early, which leaves the other stages to finish, and what makes the
// run fail at once.
func (r *run) read(ctx, stop context.Context, asked *groups, queues []*queue) (ended, err error) {
	if stop.Err() != nil {
		return ErrStopped, nil
	}
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(stop, cancel)()

	for doc, err := range r.Source.Documents(reading) {
		if err != nil && Classify(err) != Rejected {
			ended = err
			break
		}
		r.Counters.Read.Add(1)
		state, err := r.accept(ctx, doc, err)
		if err != nil {
			return nil, err
		}
		if state != nil {
			switch err := r.pass(ctx, reading, asked, queues, state); {
			case errors.Is(err, ErrStopped):
				return err, nil
			case err != nil:
				return nil, err
			}
		}
		if reading.Err() != nil || stop.Err() != nil {
			break
		}
	}
	if stop.Err() != nil {
		ended = ErrStopped
	}
	return ended, nil
}

// send waits until a stage takes v. Once ctx is done it sends no more.
func send[T any](ctx context.Context, out chan<- T, v T) error {
	select {
	case out <- v:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// pass passes on the document that was accepted last, once there is room for it.
func (r *run) pass(ctx, reading context.Context, asked *groups, queues []*queue, state *tracked) error {
	if err := state.room.take(reading, state.bytes+len(state.Image.Data)); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return ErrStopped
	}
	for i := range r.chunks {
		r.chunks[i].Doc, r.chunks[i].tracked = &state.Document, state
	}
	if r.Refresh != nil {
		return asked.add(ctx, state, r.chunks)
	}
	for i := range r.chunks {
		if err := r.enqueueChunk(ctx, queues, &r.chunks[i]); err != nil {
			return err
		}
	}
	return nil
}

// enqueueChunk queues a chunk in its lane.
func (r *run) enqueueChunk(ctx context.Context, queues []*queue, chunk *Chunk) error {
	tokens := 0
	if !chunk.Image {
		tokens = r.gauges[chunk.lane].tokens(chunk.Text)
	}
	return queues[chunk.lane].add(ctx, *chunk, tokens)
}

// accept lists the chunks of a document in r.chunks and returns where it is
// settled; nil when it is settled at once: rejected by its source, without
// anything to embed, or the same as an earlier one.
func (r *run) accept(ctx context.Context, doc Document, err error) (*tracked, error) {
	refuse := func(err error) (*tracked, error) {
		if doc.ID == "" {
			r.nameless++
		} else if err := r.seen.meet(ctx, doc.ID); err != nil { // it is in the corpus, whatever it is
			return nil, err
		}
		return nil, r.ledger.refuse(Rejection{Document: doc, Err: err})
	}
	if err != nil {
		return refuse(err)
	}
	blank := strings.TrimSpace(doc.Text) == ""
	r.chunks = r.chunks[:0]
	for i := range r.Lanes {
		from := len(r.chunks)
		if r.chunks, err = r.Lanes[i].chunks(r.chunks, &doc, blank); err != nil {
			return refuse(Reject(doc.Origin, err))
		}
		for j := from; j < len(r.chunks); j++ {
			r.chunks[j].lane = i
		}
	}
	if len(r.chunks) == 0 {
		return refuse(Reject(doc.Origin, missing(r.Lanes)))
	}
	met, err := r.seen.add(ctx, &doc)
	if err != nil {
		return nil, err
	}
	switch met {
	case same:
		r.Counters.Unchanged.Add(1)
		return nil, nil
	case different:
		return refuse(&Error{
			Op:    doc.Origin.String(),
			Class: Rejected,
			Hint:  "ids have to be unique in a corpus; choose another id field",
			Err:   fmt.Errorf("%w: %.100q", ErrDuplicate, doc.ID),
		})
	case first:
	}
	state := &tracked{Document: doc, room: r.room, bytes: doc.bytes(len(r.chunks))}
	state.image.Store(int64(len(doc.Image.Data)))
	state.share = (state.bytes + len(doc.Image.Data)) / len(r.chunks)
	state.left.Store(int32(len(r.chunks)))
	state.unmade.Store(int32(len(r.chunks)))
	return state, nil
}
