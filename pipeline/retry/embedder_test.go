package retry_test

import (
	"context"
	"errors"
	"hash/crc32"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/retry"
)

func TestEmbedderKeepsTheContractOverAnUnsteadyOne(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(*testing.T) pipeline.Embedder {
		var calls atomic.Int64
		p := retry.Default()
		p.Attempts, p.Base = 0, 1
		return retry.NewEmbedder(embedder(func(texts []string) (pipeline.Vectors, error) {
			if calls.Add(1)%2 == 1 {
				return pipeline.Vectors{}, failure(pipeline.Transient, 0)
			}
			v := pipeline.Vectors{Dim: 2}
			for _, text := range texts {
				angle := float64(crc32.ChecksumIEEE([]byte(text)))
				v.Data = append(v.Data, float32(math.Sin(angle)), float32(math.Cos(angle)))
			}
			return v, nil
		}), p, nil)
	})
}

// embedder is a function that is an embedder.
type embedder func(texts []string) (pipeline.Vectors, error)

func (e embedder) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	if ctx.Err() != nil {
		return pipeline.Vectors{}, ctx.Err()
	}
	return e(texts)
}

func TestVectorsComeWithAPartialError(t *testing.T) {
	t.Parallel()
	e := retry.NewEmbedder(embedder(func([]string) (pipeline.Vectors, error) {
		return pipeline.Vectors{Dim: 1, Data: []float32{1}},
			&pipeline.PartialError{Failed: map[int]error{1: failure(pipeline.Rejected, 0)}}
	}), policy(0), nil)
	v, err := e.Embed(t.Context(), []string{"a", "b"})
	if _, ok := errors.AsType[*pipeline.PartialError](err); !ok || v.Len() != 1 {
		t.Errorf("%d vectors, %v", v.Len(), err)
	}
}

func TestNoVectorsComeWithAnotherError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		e := retry.NewEmbedder(embedder(func([]string) (pipeline.Vectors, error) {
			calls++
			return pipeline.Vectors{Dim: 1, Data: []float32{1}}, failure(pipeline.Transient, 0)
		}), policy(0), nil)
		v, err := e.Embed(t.Context(), []string{"a"})
		if v.Len() != 0 || calls != 5 || pipeline.Classify(err) != pipeline.Transient {
			t.Errorf("%d vectors after %d calls, %v", v.Len(), calls, err)
		}
	})
}
