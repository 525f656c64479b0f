package pipeline

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Class says what a failed call means for the run. It is decided where the
// cause is seen (the wire, the file, the disk) and nowhere else.
type Class uint8

// The classes of errors. The zero class stops the run, so that an error
// nobody classified neither loops nor loses a document.
const (
	// Fatal: the run cannot go on.
	Fatal Class = iota
	// Transient: the same call may succeed later.
	Transient
	// Warming: the model is being loaded; the same call will succeed later,
	// and waiting for it is charged to a budget of its own.
	Warming
	// Throttled: the other side asks for fewer calls; After says how long.
	Throttled
	// Oversize: the call carries too much; its halves may not.
	Oversize
	// Rejected: some input of the call will never succeed. Of a call with one
	// input: this one.
	Rejected
	// NotServed: the endpoint does not serve the model.
	NotServed
	// Denied: no right or no credit (401, 402, 403).
	Denied
	// Misconfigured: what was asked can never work as it is configured: a
	// missing file, an unknown field, an index of another space.
	Misconfigured
)

// String names the class as reports and rejects do.
func (c Class) String() string {
	switch c {
	case Fatal:
		return "fatal"
	case Transient:
		return "transient"
	case Warming:
		return "warming"
	case Throttled:
		return "throttled"
	case Oversize:
		return "oversize"
	case Rejected:
		return "rejected"
	case NotServed:
		return "not served"
	case Denied:
		return "denied"
	case Misconfigured:
		return "misconfigured"
	}
	return "unknown"
}

// Error is a failure that carries what to do next.
type Error struct {
	// Op is what a person would search for: method and URL without secrets,
	// or file:row.
	Op string
	// Class says what the failure means for the run.
	Class Class
	// After is how long the other side asks to wait; 0 when it does not say.
	After time.Duration
	// Hint tells the user what to do, as one sentence; "" when there is
	// nothing to add to Err.
	Hint string
	// Err is the cause. Its text holds no secret and no document text.
	Err error
}

// Error gives the operation and the cause; the hint is shown apart.
func (e *Error) Error() string {
	switch {
	case e.Err == nil && e.Op == "":
		return e.Class.String()
	case e.Err == nil:
		return e.Op + ": " + e.Class.String()
	case e.Op == "":
		return e.Err.Error()
	}
	return e.Op + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Classify returns Rejected for a [*PartialError], else the class of the first
// [*Error] in the tree of err, and Fatal when there is none. Callers look at
// their context first: a cancelled run is no failure of the other side.
func Classify(err error) Class {
	if _, ok := errors.AsType[*PartialError](err); ok {
		return Rejected
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return Fatal
}

// After returns how long the other side of a failed call asked to wait, 0
// when it did not.
func After(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.After
	}
	return 0
}

// Hint returns what the user can do about err, "" when nothing is known.
func Hint(err error) string {
	for err != nil {
		e, ok := errors.AsType[*Error](err)
		if !ok {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// Reject returns an error of class Rejected about the document at origin.
func Reject(origin Origin, err error) *Error {
	return &Error{Op: origin.String(), Class: Rejected, Err: err}
}

// PartialError reports that some inputs of one call will never succeed while
// the others did. The vectors that come with it are those of the others, in
// order: n inputs and f failures give n − f vectors, and no hole is filled.
type PartialError struct {
	// Failed has the reason of each failed input by its place in the call.
	// It is never empty, and its errors are of class Rejected.
	Failed map[int]error
}

// Error names the number of failures and the reason of the first.
func (e *PartialError) Error() string {
	places := slices.Sorted(maps.Keys(e.Failed))
	switch len(places) {
	case 0:
		return "some inputs failed"
	case 1:
		return fmt.Sprintf("1 input failed: %v", e.Failed[places[0]])
	}
	return fmt.Sprintf("%d inputs failed, the first: %v", len(places), e.Failed[places[0]])
}
