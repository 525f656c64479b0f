// Package retry repeats calls that may succeed later, for a bounded time.
package retry

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// Policy says how long and how often a call is repeated.
type Policy struct {
	// Attempts is how many calls may fail with class Transient before it is
	// given up; 0 leaves it to the budget.
	Attempts int
	// Base is the wait after the first failure, before jitter; it doubles
	// with each further one, up to Max.
	Base, Max time.Duration
	// Budget bounds the time that one call and its repetitions spend on
	// failures of class Transient, waits included, and, apart from them, the
	// time for which failures of class Throttled go on.
	Budget time.Duration
	// WarmBudget bounds the time spent on failures of class Warming.
	WarmBudget time.Duration
	// Share bounds the repetitions after failures of class Transient by the
	// number of all calls that share it, and the time for which all of them
	// fail by Budget and WarmBudget, as if they were one call; nil sets no
	// bound.
	Share *Share
	// Succeeded returns when the last of all calls to the same server
	// succeeded. A throttled call is not given up while others succeed. nil:
	// nothing is known of others.
	Succeeded func() time.Time
	// GiveUp tells of errors that are not repeated whatever their class; nil:
	// there are none.
	GiveUp func(error) bool
	// Random returns numbers in [0, 1) for the jitter, to several goroutines
	// at once; nil is a source seeded at random.
	Random func() float64
}

// Default returns the policy for batch work: patient with a model that loads
// and with a server that throttles, and done with one that is down within
// minutes, since a run that stops can be started again.
func Default() Policy {
	return Policy{
		Attempts:   8,
		Base:       500 * time.Millisecond,
		Max:        30 * time.Second,
		Budget:     5 * time.Minute,
		WarmBudget: 5 * time.Minute,
	}
}

// Event is a failure after which a call is repeated.
type Event struct {
	Attempt int            // the call that failed, 1 for the first
	Class   pipeline.Class // Transient, Throttled or Warming
	Delay   time.Duration  // until the next call
	Spent   time.Duration  // so far on failures that share the budget
	Err     error
}

// Do calls fn until it succeeds, fails with a class that no repetition
// changes, or has used up what the policy grants. Before each repetition it
// tells report, unless that is nil, and waits: a random part of the doubling
// delay (full jitter), or what the server asked for and a random part of Base.
// Failures of class Throttled are charged neither to Attempts nor to the
// budget of the other failures. No wait is longer than what is left of its
// budget, so that the last call comes at its end.
//
// An error of fn that has the method Attempt() (took time.Duration, sent bool)
// is charged with that time instead of that of fn, and neither to Attempts nor
// to Share when nothing was sent. One that is throttled again is charged with
// the time of fn, unless others succeeded meanwhile.
//
// The error is that of the last call, with how often it was tried, and how
// long, or for how long all calls had failed where that is longer. When ctx is
// done it is the context's error, and [pipeline.ErrStopped] for a failure that
// may pass when the run is asked to stop, see [pipeline.WithStop].
func Do(ctx context.Context, p Policy, report func(Event), fn func(context.Context) error) error {
	s := state{policy: p}
	p.Share.give()
	for attempt := 1; ; attempt++ {
		start := time.Now()
		err := fn(ctx)
		if err == nil {
			p.Share.answered()
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		class := pipeline.Classify(err)
		if !repeatable(class) {
			if class != pipeline.Oversize {
				p.Share.answered() // a call that is too large may not have been made
			}
			return err
		}
		if pipeline.IsStopping(ctx) {
			return pipeline.ErrStopped
		}
		outage := p.Share.failing(class)
		if IsOnce(ctx) || p.GiveUp != nil && p.GiveUp(err) {
			return err
		}
		elapsed := time.Since(start)
		took, sent := cost(err, elapsed)
		spent, budget := s.charge(class, took, elapsed, sent)
		if s.exhausted(class, max(*spent, outage), budget) {
			return s.giveUp(attempt, class, outage, err)
		}
		if sent && class == pipeline.Transient && !p.Share.take() {
			return s.giveUpShare(err)
		}
		delay := min(s.delay(class, pipeline.After(err)), budget-max(*spent, outage))
		if report != nil {
			report(Event{Attempt: attempt, Class: class, Delay: delay, Spent: *spent, Err: err})
		}
		if err := sleep(ctx, delay); err != nil {
			return err
		}
		*spent += delay
	}
}

func repeatable(class pipeline.Class) bool {
	return class == pipeline.Transient || class == pipeline.Throttled || class == pipeline.Warming
}

// state is what one call has used of its policy.
type state struct {
	policy    Policy
	spent     time.Duration // on Transient
	warming   time.Duration
	throttled time.Duration // since all calls are throttled
	refused   time.Time     // when this one was throttled last
	transient int           // failures charged to the attempts
	failures  int           // that lengthen the delay
}

// cost returns what a failed call says that it cost.
func cost(err error, took time.Duration) (time.Duration, bool) {
	if a, ok := errors.AsType[interface {
		error
		Attempt() (took time.Duration, sent bool)
	}](err); ok {
		return a.Attempt()
	}
	return took, true
}

// charge adds the time of a failed call to the budget of its class: what it
// took, and for a call that is throttled again all that has elapsed, since its
// wait for its turn was the pause that the server asked of everybody.
func (s *state) charge(class pipeline.Class, took, elapsed time.Duration, sent bool) (spent *time.Duration, budget time.Duration) {
	switch class { //nolint:exhaustive // The others are not repeated.
	case pipeline.Warming:
		s.failures++
		s.warming += took
		return &s.warming, s.policy.WarmBudget
	case pipeline.Throttled:
		s.failures++
		switch last := s.refused; {
		case last.IsZero():
		case s.policy.Succeeded != nil && s.policy.Succeeded().After(last):
			s.throttled, s.failures = 0, 1 // the others go on: it is a queue
		default:
			took = elapsed
		}
		s.refused = time.Now()
		s.throttled += took
		return &s.throttled, s.policy.Budget
	}
	if sent {
		s.failures++
		s.transient++
	}
	s.spent += took
	return &s.spent, s.policy.Budget
}

func (s *state) exhausted(class pipeline.Class, spent, budget time.Duration) bool {
	if class == pipeline.Transient && s.policy.Attempts > 0 && s.transient >= s.policy.Attempts {
		return true
	}
	return spent >= budget
}

func (s *state) delay(class pipeline.Class, after time.Duration) time.Duration {
	if after > 0 {
		return after + s.jitter(s.policy.Base)
	}
	delay := s.policy.Base
	// Doubling stops at Max, so that no number of failures overflows.
	for range max(s.failures-1, 0) {
		if delay >= s.policy.Max {
			break
		}
		delay *= 2
	}
	delay = min(delay, s.policy.Max)
	if class == pipeline.Throttled {
		// The server is well and asks for less: never at once again.
		return delay/2 + s.jitter(delay/2)
	}
	return s.jitter(delay)
}

func (s *state) jitter(d time.Duration) time.Duration {
	random := s.policy.Random
	if random == nil {
		random = rand.Float64
	}
	return time.Duration(random() * float64(d))
}

// giveUp keeps the class and the hint of the last failure.
func (s *state) giveUp(attempts int, class pipeline.Class, outage time.Duration, err error) error {
	hint := pipeline.Hint(err)
	if hint == "" {
		hint = advice(class)
	}
	// The call may have begun late in an outage of all.
	took := max(s.spent+s.warming+s.throttled, outage)
	return &pipeline.Error{
		Class: class,
		After: pipeline.After(err),
		Hint:  hint,
		Err:   fmt.Errorf("gave up after %s and %s: %w", tries(attempts), took.Round(100*time.Millisecond), err),
	}
}

// advice is what to do about a failure that went on and did not say so itself.
func advice(class pipeline.Class) string {
	switch class { //nolint:exhaustive // The others are not repeated.
	case pipeline.Throttled:
		return "the server asks for fewer requests all the time; ask for fewer at once, allow more time, or name another endpoint"
	case pipeline.Warming:
		return "the server has not answered yet; look at its log, and allow more warm_up if it only takes long to load the model"
	}
	return "look at the server's log, and at what stands between it and vecload; start again when it is well, or name another endpoint"
}

// giveUpShare ends a call whose repetition would be one too many.
func (s *state) giveUpShare(err error) error {
	return &pipeline.Error{
		Class: pipeline.Classify(err),
		After: pipeline.After(err),
		Hint:  "the endpoint is sick, and repeating what it fails would cost more than it is worth; start again when it is well, or name another endpoint",
		Err:   fmt.Errorf("too many requests had to be repeated, the last: %w", err),
	}
}

func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}

// sleep waits for d. It returns the context's error as soon as that is done, and
// [pipeline.ErrStopped] as soon as the run is asked to stop.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	case <-pipeline.Stopping(ctx):
		return pipeline.ErrStopped
	}
}
