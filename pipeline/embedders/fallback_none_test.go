package embedders_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func TestWithNoEndpointLeftEachAnswerIsTold(t *testing.T) {
	t.Parallel()
	const down, gone, closed, wrong = pipeline.Transient, pipeline.NotServed, pipeline.Denied, pipeline.Misconfigured
	for _, test := range []struct{ a, b, want pipeline.Class }{
		{down, down, pipeline.Transient},
		{pipeline.Throttled, pipeline.Warming, pipeline.Transient},
		{down, gone, pipeline.Transient},
		{gone, gone, pipeline.NotServed},
		{gone, wrong, pipeline.NotServed},
		{wrong, wrong, pipeline.Misconfigured},
		{closed, gone, pipeline.Denied},
		{down, closed, pipeline.Denied},
		{pipeline.Rejected, pipeline.Oversize, pipeline.Misconfigured}, // of any text
	} {
		a, b := newServer("a"), newServer("b")
		a.answersWith(test.a)
		b.answersWith(test.b)
		f, told := fallback(a, b)
		_, err := f.Probe(t.Context())
		if pipeline.Classify(err) != test.want || fmt.Sprint(err) != "none of the 2 endpoints of org/name can be used" {
			t.Errorf("%s and %s: %s, %v, want %s", test.a, test.b, pipeline.Classify(err), err, test.want)
		}
		hint, lines := pipeline.Hint(err), 2
		if test.a == pipeline.Rejected {
			lines = 4 // below each answer, what to do about it
		}
		if !strings.Contains(hint, "a failed") || !strings.Contains(hint, "\n    b: ") || strings.Count(hint, "\n") != lines-1 {
			t.Errorf("hint %q", hint)
		}
		for _, answer := range f.Answers() {
			if !errors.Is(err, answer.Err) {
				t.Errorf("the error does not wrap %v", answer.Err)
			}
		}
		told.want(t) // the error tells all
	}
}

func TestWhatWasServedIsNotSaidToBeNotServed(t *testing.T) {
	t.Parallel()
	a, b := newServer("a"), newServer("b")
	f, _ := fallback(a, b)
	wantVector(t, f, "one")
	a.answersWith(pipeline.NotServed)
	b.answersWith(pipeline.NotServed)
	if _, err := f.Embed(t.Context(), []string{"two"}); pipeline.Classify(err) != pipeline.Transient {
		t.Errorf("%s: %v, want a run that may go on later", pipeline.Classify(err), err)
	}
}

func TestWhatWasPassedOverAtTheStartIsTold(t *testing.T) {
	t.Parallel()
	a, b, c := newServer("a"), newServer("b"), newServer("c")
	f, told := fallback(a, b, c)
	a.answersWith(pipeline.NotServed)
	wantVector(t, f, "one")
	told.want(t, "a left", "b taken")
	if asked, _ := c.counts(); asked != 0 {
		t.Error("an endpoint was asked that was not needed")
	}
	if answers := f.Answers(); answers[0].Err == nil || answers[1].Err != nil || f.Absent() {
		t.Errorf("answers %v", answers)
	}
}

func TestAModelIsAbsentWhenAllSayNo(t *testing.T) {
	t.Parallel()
	for class, want := range map[pipeline.Class]bool{
		pipeline.NotServed: true, pipeline.Misconfigured: true,
		pipeline.Denied: false, pipeline.Transient: false, pipeline.Warming: false, pipeline.Throttled: false, pipeline.Fatal: false,
	} {
		for _, servers := range [][]*server{{newServer("a")}, {newServer("a"), newServer("b")}} {
			f, _ := fallback(servers...)
			for _, s := range servers {
				s.answersWith(pipeline.NotServed)
			}
			servers[len(servers)-1].answersWith(class)
			if _, err := f.Probe(t.Context()); err == nil || f.Absent() != want {
				t.Errorf("%s, %d endpoints: absent %v, want %v (%v)", class, len(servers), f.Absent(), want, err)
			}
		}
	}
}
