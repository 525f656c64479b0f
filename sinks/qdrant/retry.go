package qdrant

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/vecload/vecload/pipeline"
)

const (
	// firstWait and maxWait bound the waits between tries: soon enough for a
	// connection that was reset, calm enough for a server that restarts.
	firstWait = 200 * time.Millisecond
	maxWait   = 15 * time.Second
	// throttleBudget ends the patience with a server that keeps asking to
	// wait: its longest window is a minute.
	throttleBudget = 30 * time.Minute

	// The questions of Prepare and of searches have somebody waiting.
	askAttempts = 3
	askTimeout  = 10 * time.Second
)

// policy says how one call is repeated.
type policy struct {
	attempts int           // tries in all
	budget   time.Duration // for all tries, without the waits that the server asked for
	timeout  time.Duration // of one try
	onRetry  func(error, time.Duration)
}

// do calls call until it succeeds, fails for good, or the policy is used up.
// Errors come from wrap, which classifies. The context goes first: when it is
// done, its error is returned, whatever the call said. A run that is asked to stop
// waits for no other try: then the error is [pipeline.ErrStopped].
func (p policy) do(ctx context.Context, wrap func(error) error, call func(context.Context) error) error {
	start := time.Now()
	var throttled time.Duration
	for tries, failures := 1, 0; ; tries++ {
		err := p.once(ctx, call)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err = wrap(err)
		var wait time.Duration
		switch pipeline.Classify(err) {
		case pipeline.Transient, pipeline.Warming:
			failures++
			wait = jitter(failures)
			if failures >= p.attempts || time.Since(start)-throttled+wait > p.budget {
				return gaveUp(err, tries, time.Since(start))
			}
		case pipeline.Throttled:
			// Spread over a little more than was asked, or all writers come
			// back in the same moment.
			wait = pipeline.After(err) + jitter(1)
			throttled += wait
			if throttled > throttleBudget {
				return gaveUp(err, tries, time.Since(start))
			}
		case pipeline.Fatal, pipeline.Oversize, pipeline.Rejected, pipeline.NotServed,
			pipeline.Denied, pipeline.Misconfigured:
			return err
		}
		if pipeline.IsStopping(ctx) {
			return pipeline.ErrStopped
		}
		p.onRetry(err, wait)
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

func (p policy) once(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	return call(ctx)
}

// jitter is uniform between nothing and a bound that doubles with each
// failure ("full jitter").
func jitter(failures int) time.Duration {
	bound := maxWait
	if doublings := failures - 1; doublings < 16 { // 200 ms × 2^16 is far beyond maxWait, and no overflow
		bound = min(maxWait, firstWait<<doublings)
	}
	return rand.N(bound) //nolint:gosec // spreads load, hides nothing
}

// sleep waits, unless the context is done before.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// pause waits until the next try, unless there will be none.
func pause(ctx context.Context, d time.Duration) error {
	waiting, cancel := pipeline.UntilStop(ctx)
	defer cancel()
	if err := sleep(waiting, d); err != nil && ctx.Err() == nil {
		return pipeline.ErrStopped
	}
	return ctx.Err()
}

func gaveUp(err error, tries int, after time.Duration) error {
	return &pipeline.Error{
		Class: pipeline.Classify(err), After: pipeline.After(err), Hint: pipeline.Hint(err),
		Err: fmt.Errorf("%w (gave up after %s in %s)", err, times(tries), after.Round(time.Millisecond)),
	}
}

func times(tries int) string {
	if tries == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", tries)
}

// ask makes a call that reads or changes the collection itself.
func (x *Index) ask(ctx context.Context, verb string, call func(context.Context) error) error {
	p := policy{
		attempts: min(askAttempts, x.options.RetryAttempts),
		budget:   min(askAttempts*askTimeout, x.options.RetryBudget),
		timeout:  min(askTimeout, x.options.CallTimeout),
		onRetry:  x.options.OnRetry,
	}
	return p.do(ctx, func(err error) error { return x.fail(verb, err) }, call)
}
