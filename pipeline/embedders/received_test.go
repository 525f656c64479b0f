package embedders_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
)

// slowReader answers after a while, and then takes as long to make vectors of
// the answer.
type slowReader struct {
	answer, read time.Duration
	most         atomic.Int64 // requests at once
	now          atomic.Int64
}

func (s *slowReader) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	now := s.now.Add(1)
	for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
	}
	wait(s.answer)
	s.now.Add(-1)
	embedders.Received(ctx)
	embedders.Received(ctx) // which gives back nothing more
	wait(s.read)
	return pipeline.Vectors{Dim: 1, Data: make([]float32, len(texts))}, nil
}

// wait waits in virtual time.
func wait(d time.Duration) { <-time.After(d) }

func TestTheNextRequestGoesOutWhileAnAnswerIsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowReader{answer: time.Second, read: time.Second}
		counters := &pipeline.Counters{}
		l := embedders.NewLoad(s, embedders.LoadOptions{InFlight: 1, Counters: counters})
		start := time.Now()
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if _, err := l.Embed(t.Context(), []string{"a"}); err != nil {
					t.Error(err)
				}
			})
		}
		wait(10500 * time.Millisecond) // all is received, and the last answer is read
		if n := counters.InFlight.Load(); n != 0 {
			t.Errorf("%d requests are in flight, want none", n)
		}
		all.Wait()
		if took := time.Since(start); took != 11*time.Second || s.most.Load() != 1 {
			t.Errorf("ten calls took %s with up to %d requests at once, want 11 s and one", took, s.most.Load())
		}
	})
}

func TestAServerThatAnsweredIsAskedForMore(t *testing.T) {
	t.Parallel()
	for _, countsTexts := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := &slowReader{answer: time.Second}
			l := embedders.NewLoad(s, embedders.LoadOptions{InFlight: 16, CountsTexts: countsTexts, Counters: &pipeline.Counters{}})
			if _, err := l.Embed(t.Context(), []string{"a"}); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			var all sync.WaitGroup
			for range 8 + 16 {
				all.Go(func() {
					if _, err := l.Embed(t.Context(), []string{"a", "b", "c"}); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if took := time.Since(start); took != 2*time.Second || s.most.Load() != 16 {
				t.Errorf("texts %v: 24 calls took %s with up to %d requests at once, want two rounds, of 8 and of 16", countsTexts, took, s.most.Load())
			}
		})
	}
}

func TestEndpointsShareWhatIsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, places := &slowReader{answer: time.Second}, embedders.NewPlaces(2)
		options := embedders.LoadOptions{InFlight: 2, Shared: places, Counters: &pipeline.Counters{}}
		one, two := embedders.NewLoad(s, options), embedders.NewLoad(s, options)
		var all sync.WaitGroup
		for i := range 10 {
			l := []*embedders.Load{one, two}[i%2]
			all.Go(func() {
				if _, err := l.Embed(t.Context(), []string{"a"}); err != nil {
					t.Error(err)
				}
			})
		}
		wait(100 * time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := one.Embed(ctx, []string{"a"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a call without a place: %v, want its context's error", err)
		}
		stop, halt := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, halt)
		if _, err := two.Embed(pipeline.WithStop(t.Context(), stop), []string{"a"}); !errors.Is(err, pipeline.ErrStopped) {
			t.Errorf("a call without a place in a run that stops: %v", err)
		}
		start := time.Now()
		all.Wait()
		if took := time.Since(start); s.most.Load() != 2 || took > 5*time.Second {
			t.Errorf("%d requests at once, and the rest took %s, want 2 and less than 5 s", s.most.Load(), took)
		}
		if _, err := one.Embed(t.Context(), []string{"a"}); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}
