package embedders

import (
	"errors"
	"fmt"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// The numbers of a breaker. Five failures are more than a restart behind a
// balancer costs; two batches tell a sick server from a batch that is
// poisonous to it. The first trial comes as soon as a process may have
// started again, later ones rarely enough to leave a sick server alone.
const (
	breakFailures = 5
	breakBatches  = 2
	coolFirst     = 5 * time.Second
	coolMost      = time.Minute
)

// openError is the failure of a call that was not made.
type openError struct {
	failures int
	cause    error // of the last call that was made
}

func (e *openError) Error() string {
	return fmt.Sprintf("the endpoint is left alone after %d failures in a row: %v", e.failures, e.cause)
}

func (e *openError) Unwrap() error { return e.cause }

// IsOpen tells whether a call failed without being made, since those before
// it failed: another endpoint should be asked. [pipeline.After] tells when
// this one is tried again.
func IsOpen(err error) bool {
	_, open := errors.AsType[*openError](err)
	return open
}

// breaker opens after failures in a row, and lets one call through when a
// time has passed. It knows no clock and no lock.
type breaker struct {
	failures int
	batches  map[*string]struct{} // those that failed, by their first text
	cause    error                // nil while it is closed
	until    time.Time
	cool     time.Duration
	trial    bool // a call is on trial
}

// admit returns why a call may not be made now, and whether it is a trial. One
// that is asked for is a trial before its time.
func (b *breaker) admit(now time.Time, asked bool) (trial bool, err error) {
	if b.cause == nil {
		return false, nil
	}
	left := b.until.Sub(now)
	if (asked || left <= 0) && !b.trial {
		b.trial = true
		return true, nil
	}
	return false, &pipeline.Error{
		Class: pipeline.Classify(b.cause),
		After: max(left, time.Second),
		Hint:  pipeline.Hint(b.cause),
		Err:   &openError{failures: b.failures, cause: b.cause},
	}
}

// alive is told that the server works, or at least answers.
func (b *breaker) alive() { *b = breaker{} }

// undecided is told of a trial that ended without a verdict.
func (b *breaker) undecided(trial bool) {
	if trial {
		b.trial = false
	}
}

// fail is told of a call that failed, and tells whether the breaker opened.
func (b *breaker) fail(trial bool, batch *string, err error, now time.Time) bool {
	if b.cause != nil {
		if !trial {
			return false // it was in flight when the breaker opened
		}
		b.failures++
		b.trial, b.cause = false, err
		b.cool = min(2*b.cool, coolMost)
		b.until = now.Add(b.cool)
		return true
	}
	if b.batches == nil {
		b.batches = map[*string]struct{}{}
	}
	b.failures++
	if len(b.batches) < breakBatches {
		b.batches[batch] = struct{}{}
	}
	if b.failures < breakFailures || len(b.batches) < breakBatches {
		return false
	}
	b.batches = nil
	b.cause, b.cool = err, coolFirst
	b.until = now.Add(b.cool)
	return true
}
