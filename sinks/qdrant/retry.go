package qdrant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/retry"
)

const (
	// firstWait and maxWait bound the waits between tries: soon enough for a
	// connection that was reset, calm enough for a server that restarts.
	firstWait = 200 * time.Millisecond
	maxWait   = 5 * time.Second

	// reachFor is how long a server is tried that has not answered yet: a
	// wrong address should be told while somebody still looks.
	reachFor = 5 * time.Second

	// askTimeout is that of a question which the server answers from memory.
	askTimeout = 10 * time.Second

	// briefAttempts and briefBudget are for those who do not wait: somebody who
	// searches, and a lease, which has an end of its own.
	briefAttempts = 3
	briefBudget   = 30 * time.Second
)

// patience says how long a call is repeated.
type patience struct {
	attempts int // 0 leaves it to the budget
	budget   time.Duration
	timeout  time.Duration // of one try
	brief    bool          // giving up says nothing of the server
}

// repeat makes a call of a run until it succeeds or the budget is used up.
func (x *Index) repeat(ctx context.Context, verb string, call func(context.Context) error) error {
	return x.call(ctx, verb, patience{budget: x.options.RetryBudget, timeout: x.options.CallTimeout}, call)
}

// alter is repeat for what changes points: no try is made while the lease that
// this index has is not known to be held.
func (x *Index) alter(ctx context.Context, verb string, call func(context.Context) error) error {
	err := x.repeat(ctx, verb, func(ctx context.Context) error {
		return x.tenure.during(ctx, call)
	})
	if code(err) == codes.NotFound { // it was there when the run began
		return &pipeline.Error{
			Class: pipeline.Fatal, Hint: "somebody deleted it, or Qdrant lost its storage; run the same command again to make it anew",
			Err: fmt.Errorf("the collection is gone: %w", err),
		}
	}
	return err
}

// ask makes a call that reads or changes the description of a collection.
func (x *Index) ask(ctx context.Context, verb string, call func(context.Context) error) error {
	return x.call(ctx, verb, patience{budget: x.options.RetryBudget, timeout: min(askTimeout, x.options.CallTimeout)}, call)
}

// askBriefly is ask for those who do not wait.
func (x *Index) askBriefly(ctx context.Context, verb string, call func(context.Context) error) error {
	return x.call(ctx, verb, patience{
		attempts: briefAttempts, budget: min(briefBudget, x.options.RetryBudget),
		timeout: min(askTimeout, x.options.CallTimeout), brief: true,
	}, call)
}

// call repeats a call. When the context is done its error is returned,
// whatever the call said. When the run is to stop, a call that has failed is
// not repeated, and the error is [pipeline.ErrStopped].
func (x *Index) call(ctx context.Context, verb string, p patience, call func(context.Context) error) error {
	if x.options.RetryAttempts > 0 && (p.attempts == 0 || x.options.RetryAttempts < p.attempts) {
		p.attempts = x.options.RetryAttempts
	}
	if !x.contact.known() {
		p.budget, p.timeout = min(p.budget, reachFor), min(p.timeout, reachFor)
	}
	err := retry.Do(ctx, retry.Policy{
		Attempts: p.attempts, Base: firstWait, Max: maxWait, Budget: p.budget, WarmBudget: p.budget,
		Succeeded: x.contact.succeeded,
	}, x.report, func(ctx context.Context) error {
		return x.once(ctx, verb, p.timeout, call)
	})
	if passes(err) && !p.brief {
		x.contact.gaveUp()
	}
	return err
}

// once makes one try, and tells those who speak to the same server how it went.
func (x *Index) once(ctx context.Context, verb string, timeout time.Duration, call func(context.Context) error) error {
	try, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := call(try)
	if ctx.Err() != nil || errors.Is(err, pipeline.ErrStopped) {
		return err
	}
	if err != nil {
		err = x.fail(verb, err)
	}
	switch {
	case pipeline.Classify(err) == pipeline.Throttled && err != nil:
		x.contact.answered()
	case passes(err):
		x.contact.failed()
	default:
		if outage := x.contact.served(err == nil); outage > 0 {
			x.options.OnAnswer(outage)
		}
	}
	return err
}

func (x *Index) report(e retry.Event) { x.options.OnRetry(e.Err, e.Delay) }

// passes reports whether a call that failed so may succeed later.
func passes(err error) bool {
	switch pipeline.Classify(err) {
	case pipeline.Transient, pipeline.Throttled, pipeline.Warming:
		return err != nil
	case pipeline.Fatal, pipeline.Oversize, pipeline.Rejected, pipeline.NotServed, pipeline.Denied, pipeline.Misconfigured:
	}
	return false
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
