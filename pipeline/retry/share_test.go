package retry_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/retry"
)

func TestASickEndpointDoesNotDoubleTheBill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := policy(0)
		p.Share = retry.NewShare()
		calls, gaveUp := 0, 0
		for range 1000 { // each call fails once
			failed := false
			err := retry.Do(t.Context(), p, nil, func(context.Context) error {
				calls++
				if !failed {
					failed = true
					return failure(pipeline.Transient, 0)
				}
				return nil
			})
			if err != nil {
				gaveUp++
				if pipeline.Classify(err) != pipeline.Transient || pipeline.Hint(err) == "" || !strings.Contains(err.Error(), "too many requests had to be repeated") {
					t.Fatal(err)
				}
			}
		}
		// A fifth of 1000, and 32 more.
		if repeated := calls - 1000; repeated < 231 || repeated > 232 || gaveUp != 1000-repeated {
			t.Errorf("%d of 1000 calls were repeated, %d given up, want 232 repeated", repeated, gaveUp)
		}
	})
}

func TestThrottledCallsAreNotChargedToTheShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := policy(0)
		p.Share = retry.NewShare()
		for range 200 {
			if _, _, err := collect(t, p, failure(pipeline.Throttled, 0), failure(pipeline.Warming, 0)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAThrottledCallWaitsWhileOthersSucceed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p := policy(0.5)
		p.Succeeded = func() time.Time {
			if since := time.Since(start); since > 10*time.Minute {
				return start.Add(10 * time.Minute)
			}
			return time.Now()
		}
		err := retry.Do(t.Context(), p, nil, func(context.Context) error { return failure(pipeline.Throttled, 10*time.Second) })
		// The others succeed for ten minutes; after that it has its budget.
		if took := time.Since(start); took < 11*time.Minute || took > 12*time.Minute || pipeline.Classify(err) != pipeline.Throttled {
			t.Errorf("gave up after %s, want a minute after the last success of others: %v", took, err)
		}
	})
}

// queued is a failure of a call that waited long for its turn and was then
// refused at once.
type queued struct{ error }

func (q queued) Unwrap() error { return q.error }

func (queued) Attempt() (time.Duration, bool) { return time.Millisecond, true }

func TestTheWaitForItsTurnIsChargedToACallThatIsThrottledForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := policy(0)
		p.Budget = time.Minute
		p.Succeeded = func() time.Time { return time.Time{} }
		start := time.Now()
		err := retry.Do(t.Context(), p, nil, func(context.Context) error {
			<-time.After(30 * time.Second) // the pause of all calls, in virtual time
			return queued{failure(pipeline.Throttled, 0)}
		})
		if got, want := time.Since(start), 2*time.Minute; err == nil || got > want {
			t.Errorf("gave up with %v after %v, want an error within %v", err, got, want)
		}
	})
}

// unsent is the failure of a call that was not made.
type unsent struct{ error }

func (u unsent) Unwrap() error { return u.error }

func (unsent) Attempt() (time.Duration, bool) { return 0, false }

func TestCallsThatWereNotMadeAreNoAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := policy(0)
		p.Share = retry.NewShare()
		start, calls := time.Now(), 0
		err := retry.Do(t.Context(), p, nil, func(context.Context) error {
			calls++
			if time.Since(start) < 50*time.Second {
				return unsent{failure(pipeline.Transient, time.Second)}
			}
			return nil
		})
		if err != nil || calls != 51 {
			t.Errorf("%d calls, %v, want success with the 51st", calls, err)
		}
		start = time.Now()
		err = retry.Do(t.Context(), p, nil, func(context.Context) error { return unsent{failure(pipeline.Transient, time.Second)} })
		if took := time.Since(start); err == nil || took != time.Minute {
			t.Errorf("%v after %s, want the end of the budget after a minute", err, took)
		}
	})
}

func TestSomeErrorsAreForAnotherEndpoint(t *testing.T) {
	t.Parallel()
	p := policy(0)
	open := failure(pipeline.Transient, time.Minute)
	p.GiveUp = func(err error) bool { return errors.Is(err, open) }
	if _, calls, err := collect(t, p, open, open); calls != 1 || !errors.Is(err, open) {
		t.Errorf("%d calls, %v, want the first error at once", calls, err)
	}
}

func TestACallThatBeginsInAnOutageDoesNotWaitAsLongAgain(t *testing.T) {
	t.Parallel()
	for _, class := range []pipeline.Class{pipeline.Transient, pipeline.Throttled, pipeline.Warming} {
		synctest.Test(t, func(t *testing.T) {
			p := policy(0.5)
			p.Attempts, p.WarmBudget = 0, time.Minute
			p.Share = retry.NewShare()
			fails := func(context.Context) error { return failure(class, 10*time.Second) }
			start := time.Now()
			var wg sync.WaitGroup
			for i := range 6 {
				wg.Go(func() {
					<-time.After(time.Duration(i) * 15 * time.Second) // virtual time
					err := retry.Do(t.Context(), p, nil, fails)
					if took := time.Since(start); i < 5 && took != time.Minute || i == 5 && took != 75*time.Second {
						t.Errorf("%s: call %d gave up after %s, want all with the first, and the one that comes later at once", class, i, took)
					}
					if want := "gave up after 1 try and 1m15s: "; i == 5 && !strings.HasPrefix(err.Error(), want) {
						t.Errorf("%s: %v, want %s", class, err, want)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestAnAnswerEndsAnOutage(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]error{
		"a success": nil, "a refused text": failure(pipeline.Rejected, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := policy(0.5)
				p.Attempts = 0
				p.Share = retry.NewShare()
				start := time.Now()
				fails := func(context.Context) error { return failure(pipeline.Throttled, 10*time.Second) }
				interrupted, cancel := context.WithTimeout(t.Context(), 50*time.Second)
				defer cancel()
				_ = retry.Do(interrupted, p, nil, fails)
				_ = retry.Do(t.Context(), p, nil, func(context.Context) error { return answer })
				err := retry.Do(t.Context(), p, nil, fails)
				if took := time.Since(start); took != 110*time.Second || err == nil {
					t.Errorf("a later call gave up after %s: %v, want its own minute after the answer", took, err)
				}
			})
		})
	}
}
