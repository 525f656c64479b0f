package rest

import "errors"

// statusError is an answer that was no success, in words.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

// lostError is an exchange that ended without a whole answer.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// Lost reports whether err is that of an exchange that ended without a whole
// answer: nobody was there, the connection broke, or the time was up.
func Lost(err error) bool {
	_, ok := errors.AsType[*lostError](err)
	return ok
}

// Status returns the HTTP status of the answer that err tells of, 0 when none
// came. It is for those who tell a person what happened; what an answer means
// for a run is its class.
func Status(err error) int {
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.status
	}
	return 0
}
