package embedders_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
)

func TestSplitLearnsHowManyTextsAreTaken(t *testing.T) {
	t.Parallel()
	inner := &picky{maxTexts: 10}
	split := embedders.NewSplit(inner, embedders.SplitOptions{})
	texts := embeddertest.Texts(32)
	v, err := split.Embed(t.Context(), texts)
	checkRows(t, texts, v, err)
	if want := []int{32, 16, 8, 8, 8, 8}; !slices.Equal(inner.calls, want) {
		t.Errorf("calls of %v texts, want %v", inner.calls, want)
	}
	inner.calls = nil
	v, err = split.Embed(t.Context(), texts[:20])
	checkRows(t, texts[:20], v, err)
	if want := []int{8, 8, 4}; !slices.Equal(inner.calls, want) {
		t.Errorf("calls of %v texts, want %v", inner.calls, want)
	}
}

func TestSplitLearnsNothingFromOneHugeText(t *testing.T) {
	t.Parallel()
	inner := &picky{maxBytes: 5000}
	split := embedders.NewSplit(inner, embedders.SplitOptions{})
	texts := embeddertest.Texts(16)
	texts[5] = strings.Repeat("huge ", 2000)
	v, err := split.Embed(t.Context(), texts)
	checkRows(t, texts, v, err, 5)
	if p, ok := errors.AsType[*pipeline.PartialError](err); !ok || !strings.Contains(p.Failed[5].Error(), "too large even alone") {
		t.Errorf("err = %v", err)
	}
	inner.calls = nil
	texts = embeddertest.Texts(16)
	v, err = split.Embed(t.Context(), texts)
	checkRows(t, texts, v, err)
	if want := []int{16}; !slices.Equal(inner.calls, want) {
		t.Errorf("calls of %v texts, want %v", inner.calls, want)
	}
}

func TestSplitFindsTheTextsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, failed := range [][]int{{0}, {15}, {3, 4}, {0, 7, 8, 15}} {
		texts := embeddertest.Texts(16)
		for _, i := range failed {
			texts[i] = fmt.Sprint("poison ", i)
		}
		inner := &picky{}
		v, err := embedders.NewSplit(inner, embedders.SplitOptions{}).Embed(t.Context(), texts)
		checkRows(t, texts, v, err, failed...)
		// Halves, and one more for each text, and one for the server.
		if most := 2*len(failed)*4 + 1 + len(failed) + 1; len(inner.calls) > most {
			t.Errorf("%d calls for %d of 16, want at most %d", len(inner.calls), len(failed), most)
		}
	}
}

func TestSplitTriesRowsThatFailedAgainAlone(t *testing.T) {
	t.Parallel()
	inner := &picky{}
	texts := embeddertest.Texts(6)
	texts[1], texts[4] = "well when alone", "never"
	v, err := embedders.NewSplit(inner, embedders.SplitOptions{}).Embed(t.Context(), texts)
	checkRows(t, texts, v, err, 4)
	if want := []int{6, 1, 1}; !slices.Equal(inner.calls, want) {
		t.Errorf("calls of %v texts, want %v", inner.calls, want)
	}
}

func TestSplitPassesOtherErrorsOn(t *testing.T) {
	t.Parallel()
	for _, class := range []pipeline.Class{pipeline.Fatal, pipeline.Transient, pipeline.Denied, pipeline.NotServed} {
		want := failure(class, "x")
		v, err := embedders.NewSplit(fixed(pipeline.Vectors{}, want), embedders.SplitOptions{}).Embed(t.Context(), []string{"a", "b"})
		if err != want || v.Len() != 0 { //nolint:errorlint // The same error is wanted.
			t.Errorf("%v, want %v", err, want)
		}
	}
}

func TestSplitStopsWhenTheContextIsDone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := embedders.NewSplit(embedder(func(context.Context, []string) (pipeline.Vectors, error) {
		calls++
		cancel()
		return pipeline.Vectors{}, failure(pipeline.Oversize, "x")
	}), embedders.SplitOptions{}).Embed(ctx, embeddertest.Texts(8))
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestSplitRefusesAWrongNumberOfVectors(t *testing.T) {
	t.Parallel()
	inner := fixed(pipeline.Vectors{Dim: 1, Data: []float32{1, 2}},
		&pipeline.PartialError{Failed: map[int]error{1: failure(pipeline.Rejected, "x")}})
	if _, err := embedders.NewSplit(inner, embedders.SplitOptions{}).Embed(t.Context(), []string{"a", "b"}); pipeline.Classify(err) != pipeline.Fatal {
		t.Errorf("err = %v, want it fatal", err)
	}
}

// TestSplitLosesNothing: whatever is refused, each text has its own vector or
// its reason.
func TestSplitLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		inner := &picky{maxTexts: rapid.IntRange(1, 20).Draw(r, "maxTexts"), maxBytes: 400}
		split := embedders.NewSplit(inner, embedders.SplitOptions{})
		for range rapid.IntRange(1, 3).Draw(r, "calls") {
			kinds := rapid.SliceOfN(rapid.SampledFrom([]string{"plain", "plain", "plain", "poison", "alone", "never", "huge"}), 1, 40).Draw(r, "kinds")
			texts := make([]string, len(kinds))
			var failed []int
			for i, kind := range kinds {
				texts[i] = fmt.Sprint(kind, " ", i)
				switch kind {
				case "huge":
					texts[i] = strings.Repeat("huge ", 100)
					failed = append(failed, i)
				case "poison", "never":
					failed = append(failed, i)
				}
			}
			v, err := split.Embed(t.Context(), texts)
			checkRows(t, texts, v, err, failed...)
			if t.Failed() {
				r.FailNow()
			}
		}
	})
}
