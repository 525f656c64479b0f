package pipeline

import (
	"context"
	"errors"
	"fmt"
)

// embed gives batches their vectors.
func (r *run) embed(ctx context.Context, in *queue, out chan<- embedded) error {
	for {
		batch, ok, err := in.take(ctx)
		if !ok || err != nil {
			return err
		}
		done, err := r.embedBatch(ctx, batch)
		if err != nil {
			return err
		}
		if len(done.points) == 0 {
			continue
		}
		if err := send(ctx, out, done); err != nil {
			return err
		}
	}
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
	points, err := join(batch.Chunks, failed, vectors, r.Space.Dim, r.KeepText)
	if err != nil {
		return embedded{}, err
	}
	docs := make([]*tracked, 0, len(points))
	for i := range batch.Chunks {
		doc := batch.Chunks[i].tracked
		reason, ok := failed[i]
		if !ok {
			docs = append(docs, doc)
			continue
		}
		if err := r.ledger.fail(doc, reason); err != nil {
			return embedded{}, err
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
