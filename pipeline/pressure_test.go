package pipeline_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
)

func TestRunHoldsBackTheReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		source, embedder := numbered(1000), &hanging{}
		done := make(chan error)
		go func() {
			_, err := single{
				Source: source, Embedder: embedder, Index: &memory{}, Space: space(),
				Limits: limits{Texts: 2, InFlight: 4, Writers: 3},
			}.Run(ctx, never())
			done <- err
		}()
		synctest.Wait()
		// Four batches are embedded, one waits to be, and the document that
		// no longer fitted into it is in hand.
		if embedder.running != 4 || source.yielded != 2*5+1 {
			t.Errorf("%d calls, %d documents read, want 4, 11", embedder.running, source.yielded)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestAFullWindowHoldsBackTheReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		source, embedder := numbered(1000), &hanging{}
		done := make(chan error)
		go func() {
			_, err := single{
				Source: source, Embedder: embedder, Index: &memory{}, Space: space(),
				Limits: limits{Texts: 2, Window: 3, InFlight: 4, Writers: 3},
			}.Run(ctx, never())
			done <- err
		}()
		synctest.Wait()
		// Four batches are embedded, three wait to be, and one document is in
		// hand.
		if embedder.running != 4 || source.yielded != 2*(4+3)+1 {
			t.Errorf("%d calls, %d documents read, want 4, 15", embedder.running, source.yielded)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestASlowSourceIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		source, index := &stalled{*numbered(3)}, &memory{}
		report, err := single{
			Source: source, Embedder: &encoder{}, Index: index, Space: space(),
			Limits: limits{Texts: 32, Window: 16, InFlight: 4, Writers: 1},
		}.Run(ctx, never())
		if !errors.Is(err, context.DeadlineExceeded) || report.Written != 3 {
			t.Errorf("%d written while the source is silent, want 3; %v", report.Written, err)
		}
	})
}

func TestASlowIndexHoldsBackTheReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		source := numbered(1000)
		index := &memory{delay: func([]pipeline.Point) time.Duration { return time.Hour }}
		_, err := single{
			Source: source, Embedder: &encoder{}, Index: index, Space: space(),
			Limits: limits{Texts: 2, InFlight: 4, Writers: 3},
		}.Run(ctx, never())
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		// Three batches are written, four wait to be, one waits to be
		// embedded, and one document is in hand.
		if source.yielded != 2*(3+4+1)+1 || index.most != 3 {
			t.Errorf("%d documents read, %d writes at once, want 17, 3", source.yielded, index.most)
		}
	})
}

func TestRunUsesAllItsCallsAndNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		embedder := &encoder{delay: func([]string) time.Duration { return time.Second }}
		start := time.Now()
		_, err := single{
			Source: numbered(40), Embedder: embedder, Index: &memory{}, Space: space(),
			Limits: limits{Texts: 2, InFlight: 5, Writers: 1},
		}.Run(t.Context(), never())
		if err != nil {
			t.Fatal(err)
		}
		// 20 batches, five at a time, a second each.
		if got := time.Since(start); got != 4*time.Second || embedder.most != 5 {
			t.Errorf("took %v with %d calls at once, want 4s, 5", got, embedder.most)
		}
	})
}

func TestWritersGatherWhatIsReady(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		index := &memory{delay: func([]pipeline.Point) time.Duration { return time.Second }}
		_, err := single{
			Source: numbered(100), Embedder: &encoder{}, Index: index, Space: space(),
			Limits: limits{Texts: 2, InFlight: 4, Writers: 1, Points: 7},
		}.Run(t.Context(), never())
		if err != nil {
			t.Fatal(err)
		}
		if biggest := slices.Max(index.writes); biggest != 8 {
			t.Errorf("writes of %v points, want up to 8: four batches pass 7", index.writes)
		}
		if total := len(index.points); total != 100 {
			t.Errorf("%d points, want 100", total)
		}
	})
}

func TestWritersWaitForNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		index := &memory{}
		start := time.Now()
		_, err := single{
			Source: numbered(6), Embedder: &encoder{delay: func([]string) time.Duration { return time.Second }}, Index: index, Space: space(),
			Limits: limits{Texts: 2, InFlight: 1, Writers: 1, Points: 1000},
		}.Run(t.Context(), never())
		if err != nil {
			t.Fatal(err)
		}
		for i, at := range index.at {
			if got, want := at.Sub(start), time.Duration(i+1)*time.Second; got != want {
				t.Errorf("batch %d is written at %v, want %v", i, got, want)
			}
		}
		if want := []int{2, 2, 2}; !slices.Equal(index.writes, want) {
			t.Errorf("writes of %v points, want %v", index.writes, want)
		}
	})
}
