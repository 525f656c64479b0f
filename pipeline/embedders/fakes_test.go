package embedders_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// picky embeds in memory, and refuses calls with too many texts, too many
// bytes, or a text that holds the word "poison" or "alone".
type picky struct {
	maxTexts, maxBytes int

	mu    sync.Mutex
	calls []int // texts in each
}

func (p *picky) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	if ctx.Err() != nil {
		return pipeline.Vectors{}, ctx.Err()
	}
	p.mu.Lock()
	p.calls = append(p.calls, len(texts))
	p.mu.Unlock()
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	if p.maxTexts > 0 && len(texts) > p.maxTexts || p.maxBytes > 0 && size > p.maxBytes {
		return pipeline.Vectors{}, failure(pipeline.Oversize, "too large")
	}
	v := pipeline.Vectors{Dim: 4}
	vector := stubserver.Hash(4)
	failed := map[int]error{}
	for i, text := range texts {
		switch {
		case strings.Contains(text, "poison"):
			return pipeline.Vectors{}, failure(pipeline.Rejected, "no such text")
		case strings.Contains(text, "alone") && len(texts) > 1, strings.Contains(text, "never"):
			failed[i] = failure(pipeline.Rejected, "not finite")
		default:
			v.Data = append(v.Data, vector(text)...)
		}
	}
	if len(failed) > 0 {
		return v, &pipeline.PartialError{Failed: failed}
	}
	return v, nil
}

func failure(class pipeline.Class, text string) error {
	return &pipeline.Error{Op: "POST http://host/x", Class: class, Err: errors.New(text)}
}

// embedder is a function that is an embedder.
type embedder func(ctx context.Context, texts []string) (pipeline.Vectors, error)

func (e embedder) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	return e(ctx, texts)
}

func fixed(v pipeline.Vectors, err error) embedder {
	return func(context.Context, []string) (pipeline.Vectors, error) { return v, err }
}

// checkRows compares what came with the vectors of the texts that are left.
func checkRows(t *testing.T, texts []string, v pipeline.Vectors, err error, failed ...int) {
	t.Helper()
	p, partial := errors.AsType[*pipeline.PartialError](err)
	if partial != (len(failed) > 0) || err != nil && !partial {
		t.Fatalf("err = %v, want %d texts to fail", err, len(failed))
	}
	isFailed := map[int]bool{}
	for _, i := range failed {
		isFailed[i] = true
		if pipeline.Classify(p.Failed[i]) != pipeline.Rejected {
			t.Errorf("text %d: %v, want it rejected", i, p.Failed[i])
		}
	}
	if partial && len(p.Failed) != len(failed) {
		t.Errorf("failed: %v, want %v", p.Failed, failed)
	}
	if v.Len() != len(texts)-len(failed) {
		t.Fatalf("%d vectors for %d texts of which %d fail", v.Len(), len(texts), len(failed))
	}
	row := 0
	for i, text := range texts {
		if isFailed[i] {
			continue
		}
		if got, want := fmt.Sprint(v.At(row)), fmt.Sprint(stubserver.Hash(4)(text)); got != want {
			t.Errorf("vector %d is %s, want that of text %d, %s", row, got, i, want)
		}
		row++
	}
}

// load are options for n requests at once.
func load(n int) embedders.LoadOptions {
	return embedders.LoadOptions{InFlight: n, Counters: &pipeline.Counters{}}
}

func TestWrappersKeepTheContract(t *testing.T) {
	t.Parallel()
	wrappers := map[string]func(pipeline.Embedder) pipeline.Embedder{
		"Load":  func(e pipeline.Embedder) pipeline.Embedder { return embedders.NewLoad(e, load(2)) },
		"Split": func(e pipeline.Embedder) pipeline.Embedder { return embedders.NewSplit(e, embedders.SplitOptions{}) },
		"Check": func(e pipeline.Embedder) pipeline.Embedder { return embedders.NewCheck(e) },
		"Shape": func(e pipeline.Embedder) pipeline.Embedder {
			return embedders.NewShape(e, embedders.Shape{Prefix: "passage: ", Cut: 3, Normalize: true})
		},
		"all": func(e pipeline.Embedder) pipeline.Embedder {
			return embedders.NewShape(embedders.NewSplit(embedders.NewCheck(embedders.NewLoad(e, load(2))), embedders.SplitOptions{}), embedders.Shape{Normalize: true})
		},
	}
	for name, wrap := range wrappers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			embeddertest.Run(t, func(*testing.T) pipeline.Embedder {
				inner := &picky{}
				if name == "Split" || name == "all" {
					inner.maxTexts = 7
				}
				return wrap(inner)
			})
		})
	}
}
