package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
)

func TestErrorsKeepTheirClassWhenTheyAreWrapped(t *testing.T) {
	t.Parallel()
	throttled := &pipeline.Error{Op: "POST http://host/embed", Class: pipeline.Throttled, After: time.Minute, Hint: "ask for less", Err: errors.New("status 429")}
	partial := &pipeline.PartialError{Failed: map[int]error{1: throttled}}
	for name, test := range map[string]struct {
		err   error
		class pipeline.Class
		after time.Duration
		hint  string
	}{
		"none":           {nil, pipeline.Fatal, 0, ""},
		"unclassified":   {errors.New("boom"), pipeline.Fatal, 0, ""},
		"cancelled":      {context.Canceled, pipeline.Fatal, 0, ""},
		"plain":          {throttled, pipeline.Throttled, time.Minute, "ask for less"},
		"wrapped":        {fmt.Errorf("embed: %w", throttled), pipeline.Throttled, time.Minute, "ask for less"},
		"the outer wins": {&pipeline.Error{Class: pipeline.Transient, Err: throttled}, pipeline.Transient, 0, "ask for less"},
		"the outer hint": {&pipeline.Error{Hint: "stop", Err: throttled}, pipeline.Fatal, 0, "stop"},
		"first of two":   {errors.Join(errors.New("boom"), throttled, &pipeline.Error{Class: pipeline.Denied}), pipeline.Throttled, time.Minute, "ask for less"},
		"partial":        {fmt.Errorf("embed: %w", partial), pipeline.Rejected, 0, ""},
		"rejected":       {pipeline.Reject(pipeline.Origin{File: "f", Row: 3}, errors.New("empty")), pipeline.Rejected, 0, ""},
	} {
		if got := pipeline.Classify(test.err); got != test.class {
			t.Errorf("%s: class %v, want %v", name, got, test.class)
		}
		if got := pipeline.After(test.err); got != test.after {
			t.Errorf("%s: after %v, want %v", name, got, test.after)
		}
		if got := pipeline.Hint(test.err); got != test.hint {
			t.Errorf("%s: hint %q, want %q", name, got, test.hint)
		}
	}
}

func TestErrorsSayWhereAndWhat(t *testing.T) {
	t.Parallel()
	cause := errors.New("unexpected end of file")
	for want, err := range map[string]error{
		"fatal":                       &pipeline.Error{},
		"not served":                  &pipeline.Error{Class: pipeline.NotServed},
		"POST /embed: transient":      &pipeline.Error{Op: "POST /embed", Class: pipeline.Transient},
		"unexpected end of file":      &pipeline.Error{Err: cause},
		"f:3: unexpected end of file": pipeline.Reject(pipeline.Origin{File: "f", Row: 3}, cause),
		"f: unexpected end of file":   pipeline.Reject(pipeline.Origin{File: "f"}, cause),
		"some inputs failed":          &pipeline.PartialError{},
		"1 input failed: unexpected end of file": &pipeline.PartialError{Failed: map[int]error{
			5: cause,
		}},
		"2 inputs failed, the first: unexpected end of file": &pipeline.PartialError{Failed: map[int]error{
			7: errors.New("another"), 3: cause,
		}},
	} {
		if got := err.Error(); got != want {
			t.Errorf("error %q, want %q", got, want)
		}
	}
	if err := pipeline.Reject(pipeline.Origin{}, cause); !errors.Is(err, cause) {
		t.Errorf("%v does not unwrap to its cause", err)
	}
}

func TestClassesHaveNames(t *testing.T) {
	t.Parallel()
	names := map[string]pipeline.Class{}
	for c := pipeline.Fatal; c <= pipeline.Misconfigured; c++ {
		name := c.String()
		if earlier, ok := names[name]; ok || name == "unknown" || name != strings.ToLower(name) {
			t.Errorf("class %d is named %q, as class %d", c, name, earlier)
		}
		names[name] = c
	}
	if got := (pipeline.Misconfigured + 1).String(); got != "unknown" {
		t.Errorf("a class beyond the last is named %q", got)
	}
	var zero pipeline.Class
	if zero != pipeline.Fatal {
		t.Error("the zero class does not stop the run")
	}
}
