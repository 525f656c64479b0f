package embedders_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/retry"
)

// downUntil fails until a time.
func downUntil(end time.Time) func([]string) error {
	return func([]string) error {
		if time.Now().Before(end) {
			return failure(pipeline.Transient, "down")
		}
		return nil
	}
}

func TestWhatIsWellAgainIsFoundInSecondsWhileNoOtherIsLeft(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ a, b, want time.Duration }{
		{4 * time.Second, time.Hour, 5 * time.Second},
		{time.Hour, 4 * time.Second, 5 * time.Second},
		{11 * time.Second, 12 * time.Second, 15 * time.Second},
		{59 * time.Second, time.Hour, 60 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			a, b := newServer("a"), newServer("b")
			f, _ := fallback(a, b)
			wantVector(t, f, "one")
			start := time.Now()
			a.set(downUntil(start.Add(tc.a)))
			b.set(downUntil(start.Add(tc.b)))
			wantVector(t, f, "two")
			if took := time.Since(start); took != tc.want {
				t.Errorf("down for %s and %s: went on after %s, want %s", tc.a, tc.b, took, tc.want)
			}
		})
	}
}

func TestACoolDownIsForAsLongAsAnotherIsInUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newServer("a"), newServer("b")
		f, told := fallback(a, b)
		wantVector(t, f, "one")
		a.answersWith(pipeline.Transient)
		wantVector(t, f, "two")
		b.answersWith(pipeline.Transient)
		time.Sleep(3 * time.Second) //nolint:forbidigo // Time is virtual.
		start := time.Now()
		time.AfterFunc(9*time.Second, func() { a.set(nil) })
		wantVector(t, f, "three")
		if took := time.Since(start); took != 12*time.Second {
			t.Errorf("waited %s, want the next try after the server is well", took)
		}
		told.want(t, "a left", "b taken", "b left", "a awaited 2s", "a again")
	})
}

func TestEndpointsThatAreDownAreNotHammered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newServer("a"), newServer("b")
		f, told := fallback(a, b)
		wantVector(t, f, "one")
		a.answersWith(pipeline.Transient)
		b.answersWith(pipeline.Transient)
		before, _ := a.counts()
		start := time.Now()
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if _, err := f.Embed(t.Context(), []string{"text"}); pipeline.Classify(err) != pipeline.Transient {
					t.Errorf("err = %v", err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took != time.Minute {
			t.Errorf("gave up after %s, want the minute of patience", took)
		}
		ofA, _ := a.counts()
		if ofB, _ := b.counts(); ofA-before != 1+12 || ofB != 1+12 {
			t.Errorf("asked %d and %d times, want 12 times a minute beside the call and the probe that failed first", ofA-before, ofB)
		}
		told.want(t, "a left", "b left", "a awaited 5s", "a left", "b left")
	})
}

func TestNobodyIsAskedBeforeTheTimeThatItAskedFor(t *testing.T) {
	t.Parallel()
	for _, class := range []pipeline.Class{pipeline.Throttled, pipeline.Warming, pipeline.Transient} {
		synctest.Test(t, func(t *testing.T) {
			a, b := newServer("a"), newServer("b")
			f, _ := fallback(a, b)
			wantVector(t, f, "one")
			start := time.Now()
			var at []time.Duration
			a.set(func([]string) error {
				at = append(at, time.Since(start))
				if len(at) > 2 {
					return nil
				}
				return &pipeline.Error{Class: class, After: 17 * time.Second, Err: errors.New("later")}
			})
			b.answersWith(pipeline.Denied)
			wantVector(t, f, "two")
			// The call that failed, two tries, and the call again.
			if got, want := fmt.Sprint(at), "[0s 17s 34s 34s]"; got != want {
				t.Errorf("%s: asked at %s, want %s", class, got, want)
			}
			if asked, _ := b.counts(); asked != 1 {
				t.Errorf("%s: who has no rights was asked %d times, want once", class, asked)
			}
		})
	}
}

func TestAModelThatLoadsIsWaitedForLonger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newServer("a"), newServer("b")
		f, _ := fallback(a, b)
		wantVector(t, f, "one")
		a.answersWith(pipeline.Transient)
		b.answersWith(pipeline.Warming)
		start := time.Now()
		time.AfterFunc(4*time.Minute, func() { b.set(nil) })
		wantVector(t, f, "two")
		if took := time.Since(start); took < 4*time.Minute || took > 4*time.Minute+5*time.Second {
			t.Errorf("went on after %s, want when the model was loaded", took)
		}
	})
}

func TestAnEndpointThatDoesNotAnswerHoldsUpTheOthersForOneTrial(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newServer("a"), newServer("b")
		f, _ := fallback(a, b)
		wantVector(t, f, "one")
		a.answersWith(pipeline.Transient)
		wantVector(t, f, "two")
		a.mu.Lock()
		a.took = time.Hour
		a.mu.Unlock()
		start := time.Now()
		b.set(downUntil(start.Add(time.Second)))
		wantVector(t, f, "three")
		if took := time.Since(start); took != 15*time.Second {
			t.Errorf("went on after %s, want 5 s until the first is tried, and its 10 s", took)
		}
	})
}

func TestATrialThatIsAskedForPassesTheCircuitAndIsNotTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := &machine{fail: downUntil(start.Add(time.Second))}
		opened := 0
		l := embedders.NewLoad(s, embedders.LoadOptions{InFlight: 4, Counters: &pipeline.Counters{}, Opened: func(time.Duration, error) { opened++ }})
		call := func(ctx context.Context) error { _, err := l.Embed(ctx, []string{"a"}); return err }
		for range 5 {
			_ = call(t.Context())
		}
		if err := call(retry.Once(t.Context())); err == nil || embedders.IsOpen(err) || s.calls != 6 || opened != 1 {
			t.Errorf("the trial: %v, %d calls, told %d times, want a sixth call that is not told", err, s.calls, opened)
		}
		time.Sleep(time.Second) //nolint:forbidigo // Time is virtual.
		if err := call(t.Context()); !embedders.IsOpen(err) {
			t.Errorf("a call that is no such trial: %v, want it to be left", err)
		}
		if err := call(retry.Once(t.Context())); err != nil {
			t.Errorf("a trial when the server is well: %v", err)
		}
		if err := call(t.Context()); err != nil {
			t.Errorf("after it: %v", err)
		}
	})
}

// TestARunOverFlappingEndpointsGoesOn has the whole stack, with circuits, over
// two endpoints that are down now and then, and mostly not together.
func TestARunOverFlappingEndpointsGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		// Up and down, in turn; both are down from 17 to 20 s of each minute.
		down := []func(second int) bool{
			func(s int) bool { return s < 20 },
			func(s int) bool { return s >= 17 && s < 55 },
		}
		var mu sync.Mutex
		var done []time.Time
		counters := &pipeline.Counters{}
		o := embedders.FallbackOptions{Model: "org/name", Patience: 5 * time.Minute}
		for i := range down {
			s := &machine{latency: 100 * time.Millisecond, fail: func([]string) error {
				if down[i](int(time.Since(start).Seconds()+30) % 60) {
					return failure(pipeline.Transient, "connection refused")
				}
				return nil
			}}
			l := embedders.NewLoad(s, embedders.LoadOptions{InFlight: 8, Counters: counters})
			policy := retry.Default()
			policy.Share, policy.Succeeded, policy.GiveUp = retry.NewShare(), l.Took, embedders.IsOpen
			again := retry.NewEmbedder(embedders.NewCheck(l), policy, nil)
			o.Endpoints = append(o.Endpoints, embedders.Endpoint{Name: fmt.Sprint(i), Embedder: embedders.NewSplit(again, embedders.SplitOptions{Load: l})})
		}
		f := embedders.NewFallback(o)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for ctx.Err() == nil {
					if _, err := f.Embed(ctx, []string{"text"}); err != nil {
						if ctx.Err() == nil {
							t.Errorf("after %s: %v, %s", time.Since(start), err, pipeline.Hint(err))
						}
						return
					}
					mu.Lock()
					done = append(done, time.Now())
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		longest, at := time.Duration(0), time.Duration(0)
		for i := 1; i < len(done); i++ {
			if gap := done[i].Sub(done[i-1]); gap > longest {
				longest, at = gap, done[i].Sub(start)
			}
		}
		// Three seconds for which both are down, the five until the next try,
		// and what it takes to find out that the one in use is down.
		if longest > 10*time.Second {
			t.Errorf("stood still for %s, until %s", longest, at)
		}
		t.Logf("%d calls, longest pause %s", len(done), longest)
	})
}

// An endpoint that was never asked hangs when it is wanted.
func TestASearchIsNotLongerThanItsPatienceForAFreshEndpointThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := false
		hanging := embedder(func(ctx context.Context, _ []string) (pipeline.Vectors, error) {
			<-ctx.Done()
			return pipeline.Vectors{}, ctx.Err()
		})
		f := embedders.NewFallback(embedders.FallbackOptions{Model: "org/name", Endpoints: []embedders.Endpoint{
			{Name: "first", Embedder: embedder(func(ctx context.Context, texts []string) (pipeline.Vectors, error) {
				if down {
					return pipeline.Vectors{}, failure(pipeline.Transient, "status 503")
				}
				return (&picky{}).Embed(ctx, texts)
			})},
			{Name: "second", Embedder: hanging},
		}})
		if _, err := f.Embed(t.Context(), []string{"x"}); err != nil {
			t.Fatal(err)
		}
		down = true
		start := time.Now()
		if _, err := f.Embed(t.Context(), []string{"y"}); pipeline.Classify(err) != pipeline.Transient {
			t.Errorf("error %v, want a transient one", err)
		}
		if took := time.Since(start); took > time.Minute+10*time.Second {
			t.Errorf("took %v, want a minute and a trial at most", took)
		}
	})
}
