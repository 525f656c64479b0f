package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// read queues the chunks of all documents. It returns apart why the source
// ended early, which leaves the other stages to finish, and what makes the
// run fail at once.
func (r *run) read(ctx, stop context.Context, out *queue) (ended, err error) {
	if stop.Err() != nil {
		return ErrStopped, nil
	}
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(stop, func() {
		cancel()
		out.stop()
	})()

	for doc, err := range r.Source.Documents(reading) {
		if err != nil && Classify(err) != Rejected {
			ended = err
			break
		}
		r.Counters.Read.Add(1)
		state, texts, err := r.accept(doc, err)
		if err != nil {
			return nil, err
		}
		for i, text := range texts {
			chunk := Chunk{Doc: &state.Document, Index: i, Count: len(texts), Text: text, tracked: state}
			switch err := out.add(ctx, chunk, r.CountTokens(text)); {
			case errors.Is(err, ErrStopped):
				return err, nil
			case err != nil:
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

// accept returns the texts of a document's chunks and where the document is
// settled, or nothing when it is settled at once: rejected by its source, or
// the same as an earlier one. The texts are valid until the next call.
func (r *run) accept(doc Document, err error) (*tracked, []string, error) {
	if err != nil {
		return nil, nil, r.ledger.refuse(Rejection{Document: doc, Err: err})
	}
	r.whole[0] = doc.Text
	texts := r.whole[:]
	if r.Split != nil {
		texts = r.Split(doc.Text)
	}
	if strings.TrimSpace(doc.Text) == "" || len(texts) == 0 || slices.Contains(texts, "") {
		return nil, nil, r.ledger.refuse(Rejection{Document: doc, Err: Reject(doc.Origin, errors.New("the text is empty"))})
	}
	switch r.seen.add(&doc) {
	case same:
		r.Counters.Unchanged.Add(1)
		return nil, nil, nil
	case different:
		return nil, nil, r.ledger.refuse(Rejection{Document: doc, Err: &Error{
			Op:    doc.Origin.String(),
			Class: Rejected,
			Hint:  "ids have to be unique in a corpus; choose another id field",
			Err:   fmt.Errorf("an earlier document has the id %.100q and other content", doc.ID),
		}})
	case first:
	}
	state := &tracked{Document: doc}
	state.left.Store(int32(len(texts)))
	return state, texts, nil
}
