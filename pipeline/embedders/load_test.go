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

// machine is an endpoint in memory and in virtual time: with a latency, with
// limits on what is in flight, and with failures.
type machine struct {
	latency  time.Duration
	texts    int           // in flight at most; beyond it is 429 at once
	requests int           // in flight at most
	after    time.Duration // asked for with each 429
	fail     func(texts []string) error

	mu           sync.Mutex
	inTexts      int
	inRequests   int
	mostRequests int
	taken        int // texts
	calls        int
	refused      int
	at           []time.Time // of calls
}

func (s *machine) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	if !s.begin(len(texts)) {
		return pipeline.Vectors{}, &pipeline.Error{Op: "POST http://host/x", Class: pipeline.Throttled, After: s.after, Err: errors.New("overloaded")}
	}
	defer s.end(len(texts))
	select {
	case <-time.After(s.latency):
	case <-ctx.Done():
		return pipeline.Vectors{}, ctx.Err()
	}
	if s.fail != nil {
		if err := s.fail(texts); err != nil {
			return pipeline.Vectors{}, err
		}
	}
	s.mu.Lock()
	s.taken += len(texts)
	s.mu.Unlock()
	v := pipeline.Vectors{Dim: 1, Data: make([]float32, len(texts))}
	for i := range v.Data {
		v.Data[i] = 1
	}
	return v, nil
}

func (s *machine) begin(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	s.at = append(s.at, time.Now())
	if s.texts > 0 && s.inTexts+n > s.texts || s.requests > 0 && s.inRequests >= s.requests {
		s.refused++
		return false
	}
	s.inTexts, s.inRequests = s.inTexts+n, s.inRequests+1
	s.mostRequests = max(s.mostRequests, s.inRequests)
	return true
}

func (s *machine) end(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inTexts, s.inRequests = s.inTexts-n, s.inRequests-1
}

func (s *machine) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// endpoint is the whole stack around a server.
func endpoint(s pipeline.Embedder, o embedders.LoadOptions) *embedders.Split {
	l := embedders.NewLoad(s, o)
	policy := retry.Default()
	policy.Share, policy.Succeeded = retry.NewShare(), l.Took
	return embedders.NewSplit(retry.NewEmbedder(embedders.NewCheck(l), policy, nil), embedders.SplitOptions{Load: l})
}

// press calls an endpoint with batches from so many workers for a time, and
// returns how many texts were taken a second, from begin to the end.
func press(t *testing.T, s *machine, e *embedders.Split, workers, batch int, begin, total time.Duration) float64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), total)
	defer cancel()
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			texts := make([]string, batch)
			for i := range texts {
				texts[i] = fmt.Sprint("text ", w, " ", i)
			}
			for ctx.Err() == nil {
				n, _, _ := e.Bounds(batch, 0, 0)
				if _, err := e.Embed(ctx, texts[:n]); err != nil && ctx.Err() == nil {
					t.Errorf("worker %d: %v", w, err)
					return
				}
			}
		})
	}
	time.Sleep(begin) //nolint:forbidigo // virtual time
	before := s.count()
	wg.Wait()
	return float64(s.count()-before) / (total - begin).Seconds()
}

func TestLoadReachesTheCeilingOfAServerWithoutLimit(t *testing.T) {
	t.Parallel()
	for _, ceiling := range []int{1, 8, 64} {
		for _, countsTexts := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s := &machine{latency: 200 * time.Millisecond}
				e := endpoint(s, embedders.LoadOptions{InFlight: ceiling, CountsTexts: countsTexts, Counters: &pipeline.Counters{}})
				got := press(t, s, e, ceiling, 32, 0, 30*time.Second)
				want := float64(ceiling) * 32 / 0.2
				if got < 0.95*want || s.mostRequests > ceiling {
					t.Errorf("ceiling %d: %.0f texts/s, want 95%% of %.0f; %d in flight at most", ceiling, got, want, s.mostRequests)
				}
				t.Logf("ceiling %d, counts texts %v: %.1f%%", ceiling, countsTexts, 100*got/want)
			})
		}
	}
}

func TestLoadSettlesAtTheLimitOfAServer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		texts       int
		requests    int
		batch       int
		countsTexts bool
	}{
		{name: "texts, batch above the limit, told", texts: 16, batch: 32, countsTexts: true},
		{name: "texts, batch above the limit", texts: 16, batch: 32},
		{name: "texts, batch 12, told", texts: 16, batch: 12, countsTexts: true},
		{name: "texts, batch 5, told", texts: 16, batch: 5, countsTexts: true},
		{name: "texts, batch 4", texts: 16, batch: 4},
		{name: "texts, batch 1", texts: 16, batch: 1},
		{name: "texts, odd limit", texts: 23, batch: 32, countsTexts: true},
		{name: "texts, large limit", texts: 100, batch: 32, countsTexts: true},
		{name: "requests", requests: 5, batch: 32},
		{name: "one request", requests: 1, batch: 32},
		{name: "requests, wrong hint", requests: 5, batch: 32, countsTexts: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const latency = 200 * time.Millisecond
				s := &machine{latency: latency, texts: test.texts, requests: test.requests}
				e := endpoint(s, embedders.LoadOptions{InFlight: 20, CountsTexts: test.countsTexts, Counters: &pipeline.Counters{}})
				got := press(t, s, e, 20, test.batch, 10*time.Second, 70*time.Second)
				capacity := float64(test.texts)
				if test.requests > 0 {
					capacity = float64(test.requests * test.batch)
				}
				capacity /= latency.Seconds()
				if got < 0.9*capacity {
					t.Errorf("%.1f texts/s, want 90%% of %.1f", got, capacity)
				}
				t.Logf("%.1f%%, %d calls, %d refused", 100*got/capacity, s.calls, s.refused)
			})
		})
	}
}

func TestLoadPausesAllCallsForWhatIsAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := &machine{latency: 100 * time.Millisecond}
		s.fail = func([]string) error {
			if since := time.Since(start); since > time.Second && since < 1200*time.Millisecond {
				return &pipeline.Error{Class: pipeline.Throttled, After: 7 * time.Second, Err: errors.New("status 429")}
			}
			return nil
		}
		press(t, s, endpoint(s, embedders.LoadOptions{InFlight: 8, Counters: &pipeline.Counters{}}), 8, 32, 0, 20*time.Second)
		longest := time.Duration(0)
		for i := 1; i < len(s.at); i++ {
			longest = max(longest, s.at[i].Sub(s.at[i-1]))
		}
		// A repetition comes within half a second after the pause.
		if longest < 6900*time.Millisecond || longest > 7500*time.Millisecond {
			t.Errorf("the longest time without a call is %s, want the 7s that were asked for", longest)
		}
	})
}

func TestASmallerCallNeedNotWaitAsLongAsTheLoadOfOthers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		takes int // texts at once
		want  []time.Duration
	}{
		{
			"the half is taken", 16,
			[]time.Duration{200 * time.Millisecond, 400 * time.Millisecond, 200 * time.Millisecond, 0},
		},
		{
			"the half is refused as well", 8,
			[]time.Duration{200 * time.Millisecond, 400 * time.Millisecond, 200 * time.Millisecond, 1600 * time.Millisecond},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &machine{texts: test.takes}
				l := embedders.NewLoad(s, embedders.LoadOptions{InFlight: 8, Counters: &pipeline.Counters{}})
				texts := make([]string, 32)
				for len(s.at) < len(test.want)+1 {
					_, _ = l.Embed(t.Context(), texts[:l.Fit(len(texts))])
				}
				for i, want := range test.want {
					if got := s.at[i+1].Sub(s.at[i]); got != want {
						t.Errorf("call %d comes after %s, want %s", i+2, got, want)
					}
				}
			})
		})
	}
}

func TestLoadBoundsThePause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		l := embedders.NewLoad(embedder(func(context.Context, []string) (pipeline.Vectors, error) {
			if calls++; calls == 1 {
				return pipeline.Vectors{}, &pipeline.Error{Class: pipeline.Throttled, After: time.Hour, Err: errors.New("status 429")}
			}
			return pipeline.Vectors{Dim: 1, Data: []float32{1}}, nil
		}), embedders.LoadOptions{InFlight: 2, MaxPause: time.Minute, Counters: &pipeline.Counters{}})
		start := time.Now()
		_, _ = l.Embed(t.Context(), []string{"a"})
		if _, err := l.Embed(t.Context(), []string{"a"}); err != nil || time.Since(start) != time.Minute {
			t.Errorf("%v after %s, want success after a minute", err, time.Since(start))
		}
	})
}

func TestLoadBeginsWithFewRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := failure(pipeline.Transient, "status 503")
		s := &machine{latency: 100 * time.Millisecond, fail: func([]string) error { return down }}
		l := embedders.NewLoad(s, embedders.LoadOptions{InFlight: 64, Counters: &pipeline.Counters{}})
		var wg sync.WaitGroup
		for range 64 {
			texts := []string{"a"}
			wg.Go(func() { _, _ = l.Embed(t.Context(), texts) })
		}
		wg.Wait()
		if s.mostRequests > 2 || s.calls > 6 {
			t.Errorf("%d requests at once and %d in all reach a server that is down, want 2, and about five in all", s.mostRequests, s.calls)
		}
	})
}

func TestACallThatWaitsEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &machine{latency: time.Hour}
		l := embedders.NewLoad(s, embedders.LoadOptions{InFlight: 1, Counters: &pipeline.Counters{}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := l.Embed(ctx, []string{"a"}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("err = %v, want the context's", err)
				}
			})
		}
		start := time.Now()
		wg.Wait()
		if took := time.Since(start); took != time.Minute || s.calls != 1 {
			t.Errorf("took %s with %d calls, want a minute and one", took, s.calls)
		}
		s.latency = 0
		if _, err := l.Embed(t.Context(), []string{"a"}); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestTheCircuitOpensAndClosesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		denied := &pipeline.Error{Op: "POST http://host/x", Class: pipeline.Transient, Hint: "look at the server", Err: errors.New("status 502")}
		s := &machine{fail: func([]string) error {
			if time.Since(start) < 12*time.Second {
				return denied
			}
			return nil
		}}
		opened := 0
		l := embedders.NewLoad(s, embedders.LoadOptions{InFlight: 4, Counters: &pipeline.Counters{}, Opened: func(time.Duration, error) { opened++ }})
		call := func() error { _, err := l.Embed(t.Context(), []string{"a"}); return err }
		for i := range 5 {
			if err := call(); embedders.IsOpen(err) {
				t.Fatalf("call %d: %v", i, err)
			}
		}
		err := call()
		if !embedders.IsOpen(err) || pipeline.Classify(err) != pipeline.Transient || pipeline.Hint(err) != "look at the server" || pipeline.After(err) != 5*time.Second || s.calls != 5 {
			t.Errorf("after 5 failures: %v (%v, after %v, hint %q), %d calls", err, pipeline.Classify(err), pipeline.After(err), pipeline.Hint(err), s.calls)
		}
		for s.calls < 7 && time.Since(start) < time.Minute {
			time.Sleep(100 * time.Millisecond) //nolint:forbidigo // virtual time
			_ = call()
		}
		// One trial after 5 s fails, another one 10 s later does not.
		if took := time.Since(start); took < 15*time.Second || took > 15300*time.Millisecond || opened != 2 {
			t.Errorf("the second trial came after %s, opened %d times, want 15s, 2", took, opened)
		}
		if err := call(); err != nil {
			t.Errorf("after the trial: %v", err)
		}
	})
}

func TestOneBatchThatFailsOpensNoCircuit(t *testing.T) {
	t.Parallel()
	s := &machine{fail: func([]string) error { return failure(pipeline.Transient, "status 500") }}
	l := embedders.NewLoad(s, embedders.LoadOptions{InFlight: 4, Counters: &pipeline.Counters{}})
	poison := []string{"poison"}
	for range 20 {
		if _, err := l.Embed(t.Context(), poison); embedders.IsOpen(err) {
			t.Fatal(err)
		}
	}
}

func TestARunOutlivesAServerThatStartsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := &machine{latency: 100 * time.Millisecond, fail: func([]string) error {
			if since := time.Since(start); since > 10*time.Second && since < 2*time.Minute {
				return failure(pipeline.Transient, "connection refused")
			}
			return nil
		}}
		got := press(t, s, endpoint(s, embedders.LoadOptions{InFlight: 8, Counters: &pipeline.Counters{}}), 8, 32, 3*time.Minute, 4*time.Minute)
		if want := 0.95 * 8 * 32 / 0.1; got < want {
			t.Errorf("%.0f texts/s afterwards, want %.0f", got, want)
		}
		down := 0
		for _, at := range s.at {
			if since := at.Sub(start); since > 10*time.Second && since < 2*time.Minute {
				down++
			}
		}
		if down > 20 {
			t.Errorf("%d requests reached the server while it was down, want at most 20", down)
		}
	})
}

func TestWhatTheServerSaysOfTextsInFlightBoundsTheLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &machine{latency: 200 * time.Millisecond, texts: 16}
		e := endpoint(s, embedders.LoadOptions{InFlight: 8, Counters: &pipeline.Counters{}})
		e.Learn(embedders.Known{InFlightTexts: 16})
		if got := press(t, s, e, 8, 32, 10*time.Second, 70*time.Second); got < 0.99*80 || s.refused > 0 {
			t.Errorf("%.1f texts/s and %d refusals, want all 80 and none", got, s.refused)
		}
	})
}

func TestAServerGetsOneRequestMoreThanItWorksOnAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &machine{latency: 100 * time.Millisecond}
		e := endpoint(s, embedders.LoadOptions{InFlight: 8, Counters: &pipeline.Counters{}})
		e.Learn(embedders.Known{InFlight: 4})
		press(t, s, e, 8, 32, time.Second, 10*time.Second)
		if s.mostRequests != 5 {
			t.Errorf("%d requests at once, want the 4 that are worked on and the next", s.mostRequests)
		}
	})
}

func TestAnEndpointThatRefusesEverythingIsLeft(t *testing.T) {
	t.Parallel()
	well := true
	refusing := embedder(func(ctx context.Context, texts []string) (pipeline.Vectors, error) {
		if well {
			return (&picky{}).Embed(ctx, texts)
		}
		return pipeline.Vectors{}, failure(pipeline.Rejected, "status 400")
	})
	stack := func(e pipeline.Embedder) pipeline.Embedder { return embedders.NewSplit(e, embedders.SplitOptions{}) }
	f := embedders.NewFallback(embedders.FallbackOptions{Model: "org/name", Endpoints: []embedders.Endpoint{
		{Name: "a", Embedder: stack(refusing)}, {Name: "b", Embedder: stack(&picky{})},
	}})
	if _, err := f.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	well = false
	texts := []string{"one", "two", "three", "four", "five"}
	v, err := f.Embed(t.Context(), texts)
	checkRows(t, texts, v, err)
}
