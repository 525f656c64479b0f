package embedders_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
)

func TestAServerThatRefusesEverythingRejectsNothing(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]func(n int) (pipeline.Vectors, error){
		"rejected": func(int) (pipeline.Vectors, error) {
			return pipeline.Vectors{}, failure(pipeline.Rejected, "status 400")
		},
		"oversize": func(int) (pipeline.Vectors, error) {
			return pipeline.Vectors{}, failure(pipeline.Oversize, "status 413")
		},
		"not finite": func(n int) (pipeline.Vectors, error) {
			failed := map[int]error{}
			for i := range n {
				failed[i] = failure(pipeline.Rejected, "not finite")
			}
			return pipeline.Vectors{}, &pipeline.PartialError{Failed: failed}
		},
	} {
		well, inner, calls := true, &picky{}, 0
		split := embedders.NewSplit(embedder(func(ctx context.Context, texts []string) (pipeline.Vectors, error) {
			if well {
				return inner.Embed(ctx, texts)
			}
			calls++
			return refusal(len(texts))
		}), embedders.SplitOptions{})
		texts := embeddertest.Texts(32)
		v, err := split.Embed(t.Context(), texts)
		checkRows(t, texts, v, err)
		well = false
		_, err = split.Embed(t.Context(), texts)
		if _, partial := errors.AsType[*pipeline.PartialError](err); partial || pipeline.Classify(err) != pipeline.Fatal || pipeline.Hint(err) == "" {
			t.Errorf("%s: err = %v, want it fatal and with a hint", name, err)
		}
		if calls > 12 {
			t.Errorf("%s: %d calls until that was known, want at most 12", name, calls)
		}
	}
}

func TestManyBadTextsInARowAreRejectedAlone(t *testing.T) {
	t.Parallel()
	inner := &picky{}
	split := embedders.NewSplit(inner, embedders.SplitOptions{})
	good := embeddertest.Texts(4)
	v, err := split.Embed(t.Context(), good)
	checkRows(t, good, v, err)
	texts := make([]string, 64)
	var all []int
	for i := range texts {
		texts[i] = fmt.Sprint("poison ", i)
		all = append(all, i)
	}
	inner.calls = nil
	v, err = split.Embed(t.Context(), texts)
	checkRows(t, texts, v, err, all...)
	// 127 calls find 64 texts, one for each makes sure of it, and few more make
	// sure of the server.
	if len(inner.calls) > 127+64+6 {
		t.Errorf("%d calls, want at most 197", len(inner.calls))
	}
}

func TestSplitLearnsFromWhatTheServerSays(t *testing.T) {
	t.Parallel()
	inner := &picky{}
	limit := func(ctx context.Context, texts []string) (pipeline.Vectors, error) {
		if len(texts) > 10 {
			inner.calls = append(inner.calls, len(texts))
			return pipeline.Vectors{}, &pipeline.Error{Class: pipeline.Oversize, Err: &embedders.LimitError{
				Limit: embedders.Known{Texts: 10}, Err: errors.New("batch size 32 > maximum allowed batch size 10"),
			}}
		}
		return inner.Embed(ctx, texts)
	}
	counters := &pipeline.Counters{}
	split := embedders.NewSplit(embedder(limit), embedders.SplitOptions{Counters: counters})
	texts := embeddertest.Texts(32)
	v, err := split.Embed(t.Context(), texts)
	checkRows(t, texts, v, err)
	if got, want := fmt.Sprint(inner.calls), "[32 10 10 10 2]"; got != want {
		t.Errorf("calls of %s texts, want %s", got, want)
	}
	if n, tokens, bytes := split.Bounds(32, 8192, 0); n != 10 || tokens != 8192 || bytes != 0 || counters.Texts.Load() != 10 {
		t.Errorf("bounds %d, %d, %d, counted %d, want 10, 8192, 0, 10", n, tokens, bytes, counters.Texts.Load())
	}
}

func TestSplitGivesUpAGuessThatIsContradicted(t *testing.T) {
	t.Parallel()
	inner := &picky{maxBytes: 1000}
	split := embedders.NewSplit(inner, embedders.SplitOptions{})
	of := func(n, size int) []string {
		texts := make([]string, n)
		for i := range texts {
			texts[i] = fmt.Sprintf("%0*d", size, i)
		}
		return texts
	}
	for _, texts := range [][]string{of(16, 100), of(8, 200)} {
		v, err := split.Embed(t.Context(), texts)
		checkRows(t, texts, v, err)
	}
	// Eight texts were believed to be the limit, until eight were refused.
	if n, _, bytes := split.Bounds(0, 0, 0); n != 0 || bytes != 800 {
		t.Errorf("bounds %d texts and %d bytes, want none and 800", n, bytes)
	}
	inner.calls = nil
	texts := of(30, 20)
	v, err := split.Embed(t.Context(), texts)
	checkRows(t, texts, v, err)
	if got, want := fmt.Sprint(inner.calls), "[30]"; got != want {
		t.Errorf("calls of %s texts, want %s", got, want)
	}
}

// A server that was sick for one call of a single text, where nobody sees that
// it refuses all of them.
func TestATextIsNotRejectedOnTheWordOfASickServer(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]error{
		"rejected": failure(pipeline.Rejected, "status 400"),
		"oversize": failure(pipeline.Oversize, "status 413"),
	} {
		inner, sick := &picky{}, false
		split := embedders.NewSplit(embedder(func(ctx context.Context, texts []string) (pipeline.Vectors, error) {
			if sick {
				sick = false
				return pipeline.Vectors{}, refusal
			}
			return inner.Embed(ctx, texts)
		}), embedders.SplitOptions{})
		for range 3 {
			texts := embeddertest.Texts(1)
			v, err := split.Embed(t.Context(), texts)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			checkRows(t, texts, v, err)
			sick = true
		}
	}
}
