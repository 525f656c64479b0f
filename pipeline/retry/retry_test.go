package retry_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/retry"
)

func failure(class pipeline.Class, after time.Duration) error {
	return &pipeline.Error{Op: "POST http://host/x", Class: class, After: after, Hint: "do this", Err: errors.New("it failed")}
}

// always makes the jitter a constant share of its range.
func always(share float64) func() float64 { return func() float64 { return share } }

func policy(random float64) retry.Policy {
	return retry.Policy{
		Attempts: 5, Base: time.Second, Max: 4 * time.Second,
		Budget: time.Minute, WarmBudget: 2 * time.Minute, Random: always(random),
	}
}

// collect runs Do over the errors, one a call, and returns the delays.
func collect(t *testing.T, p retry.Policy, errs ...error) (delays []time.Duration, calls int, err error) {
	t.Helper()
	err = retry.Do(t.Context(), p, func(e retry.Event) { delays = append(delays, e.Delay) }, func(context.Context) error {
		calls++
		if calls > len(errs) {
			return nil
		}
		return errs[calls-1]
	})
	return delays, calls, err
}

func TestDelaysDoubleUpToTheMaximum(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		transient := failure(pipeline.Transient, 0)
		delays, calls, err := collect(t, policy(0.5), transient, transient, transient, transient)
		want := []time.Duration{time.Second / 2, time.Second, 2 * time.Second, 2 * time.Second}
		if err != nil || calls != 5 || !slices.Equal(delays, want) {
			t.Errorf("delays %v in %d calls, %v, want %v", delays, calls, err, want)
		}
		if took := time.Since(start); took != 5500*time.Millisecond {
			t.Errorf("took %s, want what was reported", took)
		}
	})
}

func TestTheServersWaitWins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		delays, _, err := collect(t, policy(0.25), failure(pipeline.Throttled, 17*time.Second), failure(pipeline.Transient, 3*time.Second))
		want := []time.Duration{17250 * time.Millisecond, 3250 * time.Millisecond}
		if err != nil || !slices.Equal(delays, want) {
			t.Errorf("delays %v, %v, want %v", delays, err, want)
		}
	})
}

func TestAttemptsAreCountedForTransientFailuresOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		throttled, transient := failure(pipeline.Throttled, 0), failure(pipeline.Transient, 0)
		_, calls, err := collect(t, policy(0),
			throttled, throttled, throttled, throttled, throttled, throttled,
			transient, transient, transient, transient, transient, transient)
		if calls != 11 || pipeline.Classify(err) != pipeline.Transient {
			t.Errorf("%d calls, %v, want 6 throttled and 5 transient", calls, err)
		}
	})
}

func TestTheErrorSaysHowLongItWasTried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		delays, calls := []time.Duration(nil), 0
		err := retry.Do(t.Context(), policy(0.999999), func(e retry.Event) { delays = append(delays, e.Delay) }, func(context.Context) error {
			calls++
			return failure(pipeline.Throttled, 25*time.Second)
		})
		if took := time.Since(start); took != time.Minute {
			t.Errorf("took %s, want the whole budget", took)
		}
		if last := delays[len(delays)-1]; calls != 4 || last >= 25*time.Second {
			t.Errorf("%d calls, last delay %s, want the last cut to the rest of the budget", calls, last)
		}
		want := "gave up after 4 tries and 1m0s: POST http://host/x: it failed"
		if err == nil || err.Error() != want || pipeline.Classify(err) != pipeline.Throttled || pipeline.Hint(err) != "do this" {
			t.Errorf("err = %v (%s, hint %q), want %s", err, pipeline.Classify(err), pipeline.Hint(err), want)
		}
	})
}

func TestAServerThatThrottlesWithoutAWordIsNotLeftWithoutAHint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		err := retry.Do(t.Context(), policy(0.5), nil, func(context.Context) error {
			return &pipeline.Error{Class: pipeline.Throttled, Err: errors.New("429")}
		})
		if hint := pipeline.Hint(err); !strings.Contains(hint, "fewer at once") {
			t.Errorf("hint %q does not say what to do", hint)
		}
	})
}

func TestWarmingHasABudgetOfItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, calls := time.Now(), 0
		err := retry.Do(t.Context(), policy(0), nil, func(context.Context) error {
			calls++
			switch {
			case time.Since(start) < 110*time.Second:
				return failure(pipeline.Warming, 20*time.Second)
			case calls < 9:
				return failure(pipeline.Throttled, 20*time.Second)
			}
			return nil
		})
		if err != nil || calls != 9 {
			t.Errorf("%d calls, %v after %s, want success: neither budget is spent", calls, err, time.Since(start))
		}
		start = time.Now()
		err = retry.Do(t.Context(), policy(0.5), nil, func(context.Context) error { return failure(pipeline.Warming, 0) })
		if took := time.Since(start); took != 2*time.Minute || pipeline.Classify(err) != pipeline.Warming {
			t.Errorf("gave up after %s: %v", took, err)
		}
	})
}

func TestTheTimeOfCallsIsCharged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, calls := time.Now(), 0
		_ = retry.Do(t.Context(), policy(0), nil, func(context.Context) error {
			calls++
			<-time.After(25 * time.Second)
			return failure(pipeline.Transient, 0)
		})
		if took := time.Since(start); calls != 3 || took != 75*time.Second {
			t.Errorf("%d calls in %s, want 3 of 25 s in a budget of a minute", calls, took)
		}
	})
}

func TestOtherClassesAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		failure(pipeline.Fatal, 0), failure(pipeline.Oversize, 0), failure(pipeline.Rejected, 0), failure(pipeline.NotServed, 0),
		failure(pipeline.Denied, 0), failure(pipeline.Misconfigured, 0), errors.New("unknown"),
		&pipeline.PartialError{Failed: map[int]error{0: failure(pipeline.Rejected, 0)}},
	} {
		if _, calls, got := collect(t, policy(0), err, err); calls != 1 || got != err { //nolint:errorlint // The same error is wanted.
			t.Errorf("%v: %d calls, %v", err, calls, got)
		}
	}
}

func TestAnEmptyPolicyRepeatsNothing(t *testing.T) {
	t.Parallel()
	_, calls, err := collect(t, retry.Policy{}, failure(pipeline.Transient, 0))
	if calls != 1 || err == nil || !strings.HasPrefix(err.Error(), "gave up after 1 try and 0s: ") {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestACancelledContextEndsTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		err := retry.Do(ctx, policy(0), nil, func(context.Context) error { return failure(pipeline.Throttled, 30*time.Second) })
		if took := time.Since(start); took != 5*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %s, want the context's error after 5s", err, took)
		}
	})
}

func TestTheContextIsLookedAtBeforeTheClass(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	err := retry.Do(ctx, policy(0), func(retry.Event) { t.Error("a repetition was reported") }, func(context.Context) error {
		cancel()
		return failure(pipeline.Transient, 0)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want the context's", err)
	}
}

func TestDelaysDoNotOverflow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := retry.Policy{Base: time.Second, Max: math.MaxInt64, Budget: 1000 * time.Hour, Random: always(0.999)}
		calls := 0
		err := retry.Do(t.Context(), p, func(e retry.Event) {
			if e.Delay < 0 {
				t.Errorf("delay %s", e.Delay)
			}
		}, func(context.Context) error {
			calls++
			return failure(pipeline.Transient, 0)
		})
		if err == nil || calls < 10 {
			t.Errorf("%d calls, %v", calls, err)
		}
	})
}

func TestEventsTellWhatHappens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got []string
		err := retry.Do(t.Context(), policy(0), func(e retry.Event) {
			got = append(got, fmt.Sprint(e.Attempt, " ", e.Class, " ", e.Delay, " ", e.Spent))
		}, func(context.Context) error {
			if len(got) == 3 {
				return nil
			}
			<-time.After(time.Second)
			return failure(pipeline.Warming, 10*time.Second)
		})
		want := []string{"1 warming 10s 1s", "2 warming 10s 12s", "3 warming 10s 23s"}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("events %q, %v, want %q", got, err, want)
		}
	})
}

// TestDelayBounds checks bounds that hold for any random number.
func TestDelayBounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := retry.Default()
		p.Attempts, p.Budget = 0, 24*time.Hour
		ceiling := p.Base
		_ = retry.Do(t.Context(), p, func(e retry.Event) {
			if e.Delay < 0 || e.Delay > ceiling {
				t.Errorf("delay %d is %s, want at most %s", e.Attempt, e.Delay, ceiling)
			}
			ceiling = min(2*ceiling, p.Max)
		}, func(context.Context) error { return failure(pipeline.Transient, 0) })
	})
}
