package embedders_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
)

// slow takes a time for each call, and returns one vector a text.
func slow(d time.Duration) embedder {
	return func(ctx context.Context, texts []string) (pipeline.Vectors, error) {
		select {
		case <-time.After(d):
		case <-ctx.Done():
			return pipeline.Vectors{}, ctx.Err()
		}
		v := pipeline.Vectors{Dim: 1, Data: make([]float32, len(texts))}
		for i := range v.Data {
			v.Data[i] = 1
		}
		return v, nil
	}
}

func TestLimitLetsSoManyCallsThrough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var counters pipeline.Counters
		limit := embedders.NewLimit(slow(time.Second), 3, &counters)
		start := time.Now()
		var wg sync.WaitGroup
		for range 9 {
			wg.Go(func() {
				if _, err := limit.Embed(t.Context(), []string{"a"}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if n := counters.InFlight.Load(); n != 3 {
			t.Errorf("%d calls in flight, want 3", n)
		}
		wg.Wait()
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("9 calls of a second took %s, want 3s", took)
		}
		if counters.Requests.Load() != 9 || counters.InFlight.Load() != 0 {
			t.Errorf("%d requests, %d in flight", counters.Requests.Load(), counters.InFlight.Load())
		}
	})
}

func TestAPauseHoldsAllCallsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var counters pipeline.Counters
		limit := embedders.NewLimit(slow(time.Second), 2, &counters)
		start := time.Now()
		limit.Pause(10 * time.Second)
		limit.Pause(3 * time.Second) // shortens nothing
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if _, err := limit.Embed(t.Context(), []string{"a"}); err != nil {
					t.Error(err)
				}
			})
		}
		time.AfterFunc(5*time.Second, func() { limit.Pause(20 * time.Second) }) // lengthens it
		wg.Wait()
		if took := time.Since(start); took != 26*time.Second {
			t.Errorf("took %s, want 26s", took)
		}
	})
}

func TestAPausedOrWaitingCallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limit := embedders.NewLimit(slow(time.Hour), 1, &pipeline.Counters{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		limit.Pause(time.Hour)
		var wg sync.WaitGroup
		for range 3 { // one is paused, two wait for its place
			wg.Go(func() {
				if _, err := limit.Embed(ctx, []string{"a"}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("err = %v, want the context's", err)
				}
			})
		}
		start := time.Now()
		wg.Wait()
		if took := time.Since(start); took != time.Minute {
			t.Errorf("took %s, want a minute", took)
		}
	})
}
