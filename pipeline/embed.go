package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"
)

// imagesAtOnce is how many images of a batch are made ready at once: reading
// them from files or addresses is waiting, and who decodes them bounds what
// that takes.
const imagesAtOnce = 8

// embed gives the batches of a lane their vectors.
func (r *run) embed(ctx context.Context, lane *Lane, in *queue, out chan<- embedded) error {
	for {
		batch, ok, err := in.take(ctx)
		if !ok || err != nil {
			return err
		}
		done, err := r.embedBatch(ctx, lane, batch)
		switch {
		case leftBy(ctx, err):
			continue // its documents stay unfinished
		case err != nil:
			return err
		}
		in.recycle(batch.Chunks)
		if len(done.points) == 0 {
			continue
		}
		if err := send(ctx, out, done); err != nil {
			return err
		}
	}
}

func (r *run) embedBatch(ctx context.Context, lane *Lane, batch Batch) (embedded, error) {
	inputs, chunks, err := r.prepare(ctx, lane, batch.Chunks)
	if err != nil || len(inputs) == 0 {
		return embedded{}, err
	}
	r.Counters.Chunks.Add(int64(len(inputs)))
	r.Counters.Tokens.Add(int64(batch.Tokens))
	vectors, err := lane.Embedder.Embed(ctx, inputs)
	if ctx.Err() != nil {
		return embedded{}, context.Cause(ctx)
	}
	failed, err := refused(len(inputs), err)
	if err != nil {
		return embedded{}, err
	}
	done := r.spare()
	if done.points, err = r.join(lane, chunks, failed, vectors, done.points); err != nil {
		return embedded{}, err
	}
	done.docs = slices.Grow(done.docs, len(done.points))
	for i := range chunks {
		doc := chunks[i].tracked
		reason, ok := failed[i]
		if !ok {
			done.docs = append(done.docs, doc)
		} else if err := r.ledger.fail(doc, reason); err != nil {
			return embedded{}, err
		}
		if ok && chunks[i].Index == 0 && chunks[i].Count > 1 {
			r.Counters.Torn.Store(true)
		}
		doc.made()
	}
	return done, nil
}

// prepare makes a batch ready to be sent, which is not worth finishing for a run
// that is to stop.
func (r *run) prepare(ctx context.Context, lane *Lane, chunks []Chunk) (inputs []string, kept []Chunk, err error) {
	preparing, cancel := UntilStop(ctx)
	defer cancel()
	if r.Refresh == nil {
		if err := r.digest(preparing, chunks); err != nil {
			return nil, nil, err
		}
	}
	inputs, kept, err = r.inputs(preparing, lane, chunks)
	if err == nil && IsStopping(ctx) {
		err = ErrStopped
	}
	return inputs, kept, err
}

// inputs returns what the embedder takes, and the chunks that it is of, in
// one order: the texts, or the images. A document whose image is refused is
// rejected, and its chunk is left out.
func (r *run) inputs(ctx context.Context, lane *Lane, chunks []Chunk) ([]string, []Chunk, error) {
	inputs := make([]string, len(chunks))
	if lane.Image == nil {
		for i := range chunks {
			inputs[i] = chunks[i].Text
		}
		return inputs, chunks, nil
	}
	refusals := make([]error, len(chunks))
	group, preparing := errgroup.WithContext(ctx)
	group.SetLimit(imagesAtOnce)
	for i := range chunks {
		group.Go(func() error {
			doc := chunks[i].Doc
			var err error
			inputs[i], err = lane.Image(preparing, doc.Image, doc.Origin)
			if err != nil && preparing.Err() == nil && Classify(err) == Rejected {
				refusals[i], err = err, nil
			}
			return err
		})
	}
	err := group.Wait()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, nil, err
	}
	kept := 0
	for i := range chunks {
		if refusals[i] != nil {
			if err := r.ledger.fail(chunks[i].tracked, refusals[i]); err != nil {
				return nil, nil, err
			}
			chunks[i].tracked.made()
			continue
		}
		inputs[kept], chunks[kept] = inputs[i], chunks[i]
		kept++
	}
	return inputs[:kept], chunks[:kept], nil
}

// refused returns which of n inputs an embedder refused for good, or the
// error itself when it is no refusal of single inputs.
func refused(n int, err error) (map[int]error, error) {
	if err == nil {
		return nil, nil
	}
	if partial, ok := errors.AsType[*PartialError](err); ok {
		for place, reason := range partial.Failed {
			if place < 0 || place >= n {
				return nil, fmt.Errorf("an embedder refused input %d of %d", place, n)
			}
			if Classify(reason) != Rejected {
				return nil, fmt.Errorf("an embedder gave up on one input for a reason that may pass: %w", reason)
			}
		}
		return partial.Failed, nil
	}
	if n == 1 && Classify(err) == Rejected {
		return map[int]error{0: err}, nil
	}
	return nil, err
}
