package embedders

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// Answer is what became of asking an endpoint.
type Answer struct {
	Endpoint string
	Err      error // nil when it was not asked or did not fail
}

// Answers returns the last answer of each endpoint, in their order.
func (f *Fallback) Answers() []Answer {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	answers := make([]Answer, len(f.places))
	for i, p := range f.places {
		answers[i] = Answer{Endpoint: p.Name, Err: p.err}
	}
	return answers
}

// Absent reports whether each endpoint has said that it does not serve the
// model, or that it cannot be asked as it is configured. A server that is down,
// or asks for rights or credit, may serve it.
func (f *Fallback) Absent() bool {
	for _, a := range f.Answers() {
		if a.Err == nil {
			return false
		}
		class := pipeline.Classify(a.Err)
		_, shape := errors.AsType[*shapeError](a.Err)
		if shape || class != pipeline.NotServed && class != pipeline.Misconfigured {
			return false
		}
	}
	return true
}

// ListAnswers writes answers for a person, one a line and what to do about it
// below; the lines after the first are indented by indent.
func ListAnswers(answers []Answer, indent string) string {
	var lines []string
	for _, a := range answers {
		if a.Err == nil {
			lines = append(lines, a.Endpoint+": was not asked")
			continue
		}
		lines = append(lines, a.Endpoint+": "+oneLine(a.Err.Error()))
		if hint := pipeline.Hint(a.Err); hint != "" {
			lines = append(lines, "  "+oneLine(hint))
		}
	}
	return strings.Join(lines, "\n"+indent)
}

// oneLine keeps a list on one screen.
func oneLine(text string) string {
	const most = 300
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// noneError wraps the failures of all endpoints.
type noneError struct {
	model   string
	answers []Answer
}

func (e *noneError) Error() string {
	return fmt.Sprintf("none of the %d endpoints of %s can be used", len(e.answers), e.model)
}

func (e *noneError) Unwrap() []error {
	var errs []error
	for _, a := range e.answers {
		if a.Err != nil {
			errs = append(errs, a.Err)
		}
	}
	return errs
}

// noneLeft ends a search that found nothing.
func (f *Fallback) noneLeft() error {
	answers := f.Answers()
	f.mutex.Lock()
	defer f.mutex.Unlock()
	err := &pipeline.Error{
		Class: classOfAll(answers, f.reference != nil),
		Hint:  ListAnswers(answers, "    "),
		Err:   &noneError{model: f.options.Model, answers: answers},
	}
	f.rounds++
	f.none = err
	return err
}

// classOfAll chooses the class that says what helps. Rights and credit do not
// come back by themselves, so they go first; what may pass goes before a
// server that says no, since the model may yet be served.
func classOfAll(answers []Answer, served bool) pipeline.Class {
	has := map[pipeline.Class]bool{}
	for _, a := range answers {
		if a.Err == nil {
			continue
		}
		class := pipeline.Classify(a.Err)
		if temporary(class) {
			class = pipeline.Transient
		}
		has[class] = true
	}
	switch {
	case has[pipeline.Denied]:
		return pipeline.Denied
	case has[pipeline.Transient] || served:
		return pipeline.Transient
	case has[pipeline.NotServed]:
		return pipeline.NotServed
	}
	return pipeline.Misconfigured
}
