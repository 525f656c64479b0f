package hub

import (
	"errors"
	"net/http"
	"strings"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// Reason says why the Hub told nothing about a model.
type Reason uint8

// The reasons. Only Unavailable may be gone at the next call.
const (
	None        Reason = iota
	Unavailable        // it could not be asked, was busy, or answered with what is no answer
	NoName             // what was asked for cannot be a model
	Missing            // there is no such model
	Hidden             // missing, private or gated: without a token that may see it, the Hub does not say
	BadToken           // the token is not valid
	Gated              // access was not granted
	Disabled           // the model was taken down
	NoRight            // the token may not read it
)

// Error is a failure with its reason.
type Error struct {
	Reason Reason
	text   string
	err    error
}

// Error gives the text of the cause.
func (e *Error) Error() string {
	if e.err != nil {
		return e.err.Error()
	}
	return e.text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.err }

// ReasonOf returns the reason of a failure of this package, None for no
// error and Unavailable for any other.
func ReasonOf(err error) Reason {
	if err == nil {
		return None
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return Unavailable
}

// classify says what an answer other than a success means (X-Error-Code and
// X-Error-Message, as huggingface_hub reads them).
func classify(a *rest.Answer) error {
	d := a.Detail()
	code := strings.ToLower(a.Header.Get("X-Error-Code"))
	reason, class, hint := Unavailable, pipeline.Transient, ""
	refused := a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden
	switch {
	case refused && code == "gatedrepo":
		reason, class, hint = Gated, pipeline.Denied, "ask for access on the page of the model"
	case a.Status == http.StatusUnauthorized && d.Matches("invalid credentials in authorization header"):
		reason, class, hint = BadToken, pipeline.Denied, "the token is not valid; make one at https://huggingface.co/settings/tokens"
	case a.Status == http.StatusUnauthorized:
		reason, class = Hidden, pipeline.Denied
		hint = "check the name of the model; a private or gated one needs a token that may read it"
	case a.Status == http.StatusForbidden && d.Matches("access to this resource is disabled"):
		reason, class, hint = Disabled, pipeline.NotServed, "the Hub has taken the model down; choose another one"
	case a.Status == http.StatusForbidden:
		reason, class, hint = NoRight, pipeline.Denied, "the token may not read the model"
	case a.Status == http.StatusNotFound && (code == "reponotfound" || code == "" && d.Matches("repository not found")):
		reason, class, hint = Missing, pipeline.NotServed, "check the name of the model"
	case a.Status == http.StatusNotFound && code == "revisionnotfound":
		// The model is there, and has no commit on its main branch.
		class, hint = pipeline.NotServed, "the model's page on the Hub holds no files yet"
	case a.Status == http.StatusNotFound && code == "":
		// The Hub names what is missing; this is a route that somebody else lacks.
		class, hint = pipeline.Misconfigured, elsewhere
	case a.Status == http.StatusTooManyRequests:
		class = pipeline.Throttled
	}
	e := a.Error(class, hint, d, nil)
	e.Err = &Error{Reason: reason, err: e.Err}
	if reason == Unavailable {
		e.After = a.After()
	}
	return e
}

const elsewhere = "check the address of the Hub: something else answers there"

// unreadable is an answer that is no answer of a Hub.
func unreadable(a *rest.Answer) error {
	e := a.Error(pipeline.Misconfigured, elsewhere, rest.Detail{Text: "the answer is not what the Hub says about a model"}, nil)
	e.Err = &Error{Reason: Unavailable, err: e.Err}
	return e
}

// unreachable keeps class and hint of a call without an answer.
func unreachable(err error) error {
	e, ok := errors.AsType[*pipeline.Error](err)
	if !ok {
		return err
	}
	class := e.Class
	if class == pipeline.Warming {
		class = pipeline.Transient // there is no model to be loaded
	}
	return &pipeline.Error{Op: e.Op, Class: class, Hint: e.Hint, Err: &Error{Reason: Unavailable, err: e.Err}}
}
