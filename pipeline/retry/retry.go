// Package retry repeats calls that may succeed later, for a bounded time.
package retry

import (
	"context"
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
	// failures of the classes Transient and Throttled, waits included.
	Budget time.Duration
	// WarmBudget bounds the time spent on failures of class Warming.
	WarmBudget time.Duration
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
// Failures of class Throttled are not charged to Attempts. No wait is longer
// than what is left of its budget, so that the last call comes at its end.
//
// The error is that of the last call, with how often and how long it was
// tried. When ctx is done it is the context's error.
func Do(ctx context.Context, p Policy, report func(Event), fn func(context.Context) error) error {
	s := state{policy: p}
	for attempt := 1; ; attempt++ {
		start := time.Now()
		err := fn(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		class := pipeline.Classify(err)
		if !repeatable(class) {
			return err
		}
		spent, budget := s.charge(class, time.Since(start))
		if s.exhausted(class, *spent, budget) {
			return s.giveUp(attempt, class, err)
		}
		delay := min(s.delay(class, pipeline.After(err)), budget-*spent)
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
	spent     time.Duration // on Transient and Throttled
	warming   time.Duration
	transient int // failures charged to the attempts
	failures  int // that lengthen the delay
}

// charge adds the time of a failed call to the budget of its class.
func (s *state) charge(class pipeline.Class, took time.Duration) (spent *time.Duration, budget time.Duration) {
	s.failures++
	if class == pipeline.Warming {
		s.warming += took
		return &s.warming, s.policy.WarmBudget
	}
	if class == pipeline.Transient {
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
	for range s.failures - 1 {
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
func (s *state) giveUp(attempts int, class pipeline.Class, err error) error {
	return &pipeline.Error{
		Class: class,
		After: pipeline.After(err),
		Hint:  pipeline.Hint(err),
		Err: fmt.Errorf("gave up after %s and %s: %w",
			tries(attempts), (s.spent + s.warming).Round(100*time.Millisecond), err),
	}
}

func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}

// sleep waits for d, or returns the context's error as soon as it is done.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
