package embedders_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// server is an endpoint in memory, of which a test says how it answers.
type server struct {
	name string

	mu     sync.Mutex
	fails  func(texts []string) error // nil answers
	vector func(string) []float32
	took   time.Duration // by each answer
	asked  int
	texts  int // that were no probes
}

func newServer(name string) *server { return &server{name: name, vector: stubserver.Hash(4)} }

func (s *server) set(fails func(texts []string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = fails
}

func (s *server) answersWith(class pipeline.Class) {
	s.set(func([]string) error { return failure(class, s.name+" failed") })
}

func (s *server) counts() (asked, texts int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked, s.texts
}

func (s *server) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	s.mu.Lock()
	s.asked++
	fails, vector, took := s.fails, s.vector, s.took
	s.mu.Unlock()
	if took > 0 {
		select {
		case <-time.After(took):
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return pipeline.Vectors{}, ctx.Err()
	}
	if fails != nil {
		if err := fails(texts); err != nil {
			return pipeline.Vectors{}, err
		}
	}
	v := pipeline.Vectors{Dim: len(vector("a"))}
	for _, text := range texts {
		v.Data = append(v.Data, vector(text)...)
	}
	if !isProbe(texts) {
		s.mu.Lock()
		s.texts += len(texts)
		s.mu.Unlock()
	}
	return v, nil
}

func isProbe(texts []string) bool { return strings.HasSuffix(texts[0], embedders.ProbeText) }

// events collects what is reported.
type events struct {
	mu  sync.Mutex
	all []string
}

func (e *events) add(event embedders.FallbackEvent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case event.Err != nil:
		e.all = append(e.all, event.Endpoint+" left")
	case event.Wait > 0:
		e.all = append(e.all, fmt.Sprint(event.Endpoint, " awaited ", event.Wait))
	case event.Again:
		e.all = append(e.all, event.Endpoint+" again")
	default:
		e.all = append(e.all, event.Endpoint+" taken")
	}
}

func (e *events) want(t *testing.T, want ...string) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.Equal(e.all, want) {
		t.Errorf("events %q, want %q", e.all, want)
	}
}

func fallback(servers ...*server) (*embedders.Fallback, *events) {
	told := new(events)
	o := embedders.FallbackOptions{Model: "org/name", Report: told.add}
	for _, s := range servers {
		o.Endpoints = append(o.Endpoints, embedders.Endpoint{Name: s.name, Embedder: s})
	}
	return embedders.NewFallback(o), told
}

// wantVector embeds one text and wants the vector of the model.
func wantVector(t *testing.T, f *embedders.Fallback, text string) {
	t.Helper()
	v, err := f.Embed(t.Context(), []string{text})
	if err != nil || !slices.Equal(v.At(0), pipeline.Vector(stubserver.Hash(4)(text))) {
		t.Errorf("Embed(%q) = %v, %v", text, v, err)
	}
}

func TestFallbackKeepsTheContract(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			embeddertest.Run(t, func(*testing.T) pipeline.Embedder {
				servers := []*server{newServer("a"), newServer("b")}
				if n == 2 {
					servers[0].answersWith(pipeline.NotServed)
				} else {
					servers = servers[:1]
				}
				f, _ := fallback(servers...)
				return f
			})
		})
	}
}

func TestOneEndpointIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	a := newServer("a")
	f, told := fallback(a)
	wantVector(t, f, "text")
	if asked, _ := a.counts(); asked != 1 {
		t.Errorf("asked %d times, want no probe", asked)
	}
	want := failure(pipeline.Transient, "down")
	a.set(func([]string) error { return want })
	if _, err := f.Embed(t.Context(), []string{"text"}); err != want { //nolint:errorlint // The same error is wanted.
		t.Errorf("err = %v, want that of the endpoint", err)
	}
	if _, err := f.Probe(t.Context()); err != want { //nolint:errorlint // The same error is wanted.
		t.Errorf("Probe = %v, want the error of the endpoint", err)
	}
	if answers := f.Answers(); len(answers) != 1 || answers[0].Err != want { //nolint:errorlint // The same error is wanted.
		t.Errorf("answers %v", answers)
	}
	told.want(t)
}

func TestTheNextEndpointGoesOnAfterAFailureForGood(t *testing.T) {
	t.Parallel()
	for _, class := range []pipeline.Class{
		pipeline.Transient, pipeline.Warming, pipeline.Throttled, pipeline.NotServed, pipeline.Denied, pipeline.Misconfigured,
	} {
		a, b := newServer("a"), newServer("b")
		f, told := fallback(a, b)
		wantVector(t, f, "one")
		a.answersWith(class)
		wantVector(t, f, "two")
		wantVector(t, f, "three")
		if _, texts := b.counts(); texts != 2 {
			t.Errorf("%s: the second endpoint embedded %d texts, want 2", class, texts)
		}
		told.want(t, "a left", "b taken")
	}
}

func TestARefusedTextIsNoFailureOfItsEndpoint(t *testing.T) {
	t.Parallel()
	for _, want := range []error{
		failure(pipeline.Rejected, "bad text"), failure(pipeline.Oversize, "too long"), failure(pipeline.Fatal, "teapot"), errors.New("unknown"),
		&pipeline.PartialError{Failed: map[int]error{0: failure(pipeline.Rejected, "x")}},
	} {
		a, b := newServer("a"), newServer("b")
		f, told := fallback(a, b)
		a.set(func(texts []string) error {
			if isProbe(texts) {
				return nil
			}
			return want
		})
		if _, err := f.Embed(t.Context(), []string{"one"}); err != want { //nolint:errorlint // The same error is wanted.
			t.Errorf("err = %v, want %v", err, want)
		}
		if asked, _ := b.counts(); asked != 0 {
			t.Errorf("%v: the second endpoint was asked", want)
		}
		told.want(t)
	}
}

func TestAnotherModelUnderTheSameNameStopsTheRun(t *testing.T) {
	t.Parallel()
	for want, vector := range map[string]func(string) []float32{
		"b serves another model under the name org/name (cosine -": func(text string) []float32 {
			v := stubserver.Hash(4)(text)
			for i := range v {
				v[i] = -v[i]
			}
			return v
		},
		"b serves another model under the name org/name (8 dimensions, not 4)": stubserver.Hash(8),
	} {
		a, b := newServer("a"), newServer("b")
		b.vector = vector
		f, _ := fallback(a, b)
		wantVector(t, f, "one")
		a.answersWith(pipeline.Transient)
		for range 2 { // Once it is known, nothing is asked.
			_, err := f.Embed(t.Context(), []string{"two"})
			if pipeline.Classify(err) != pipeline.Fatal || !strings.Contains(fmt.Sprint(err), want) || pipeline.Hint(err) == "" {
				t.Errorf("err = %v, want %s", err, want)
			}
		}
		if asked, texts := b.counts(); asked != 1 || texts != 0 {
			t.Errorf("the other model was asked %d times and embedded %d texts", asked, texts)
		}
	}
}

func TestAFailedEndpointComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newServer("a"), newServer("b")
		f, told := fallback(a, b)
		wantVector(t, f, "one")
		a.answersWith(pipeline.Transient)
		wantVector(t, f, "two")
		asked, _ := a.counts()
		time.Sleep(29 * time.Second) //nolint:forbidigo // Time is virtual.
		wantVector(t, f, "three")
		if again, _ := a.counts(); again != asked {
			t.Error("asked before it cooled down")
		}
		time.Sleep(time.Second)  //nolint:forbidigo // Time is virtual.
		wantVector(t, f, "four") // a trial, which fails
		wantVector(t, f, "five") // none
		if again, _ := a.counts(); again != asked+1 {
			t.Errorf("asked %d times more, want one trial", again-asked)
		}
		a.set(nil)
		time.Sleep(59 * time.Second) //nolint:forbidigo // Time is virtual.
		wantVector(t, f, "six")
		_, before := a.counts()
		time.Sleep(time.Second) //nolint:forbidigo // Time is virtual.
		wantVector(t, f, "seven")
		if _, texts := a.counts(); texts != before+1 {
			t.Errorf("the first endpoint embedded %d texts after it recovered, want 1", texts-before)
		}
		told.want(t, "a left", "b taken", "a again")
	})
}

func TestAnEndpointThatComesBackWithAnotherModelStopsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, dim := range []int{4, 8} {
			a, b := newServer("a"), newServer("b")
			o := embedders.FallbackOptions{Model: "org/name", Endpoints: []embedders.Endpoint{
				{Name: "a", Embedder: embedders.NewCheck(a)}, {Name: "b", Embedder: embedders.NewCheck(b)},
			}}
			f := embedders.NewFallback(o)
			wantVector(t, f, "one")
			a.answersWith(pipeline.Transient)
			wantVector(t, f, "two")
			a.set(nil)
			a.vector = func(text string) []float32 { return stubserver.Hash(dim)("other " + text) }
			time.Sleep(30 * time.Second) //nolint:forbidigo // Time is virtual.
			_, err := f.Embed(t.Context(), []string{"three"})
			if pipeline.Classify(err) != pipeline.Fatal || !strings.Contains(fmt.Sprint(err), "a serves another model under the name org/name (") {
				t.Errorf("err = %v", err)
			}
			if _, texts := a.counts(); texts != 1 {
				t.Errorf("the other model embedded %d texts", texts-1)
			}
		}
	})
}

func TestATrialDoesNotHoldUpTheOthersNorForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newServer("a"), newServer("b")
		b.took = time.Second
		f, _ := fallback(a, b)
		a.answersWith(pipeline.Transient)
		wantVector(t, f, "one")
		a.mu.Lock()
		a.took = time.Hour
		a.mu.Unlock()
		time.Sleep(time.Minute) //nolint:forbidigo // Time is virtual.
		start := time.Now()
		var took []time.Duration
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				wantVector(t, f, "two")
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(start))
			})
		}
		wg.Wait()
		slices.Sort(took)
		if want := []time.Duration{time.Second, time.Second, time.Second, 11 * time.Second}; !slices.Equal(took, want) {
			t.Errorf("calls took %v, want %v", took, want)
		}
	})
}

func TestWorkersSwitchTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newServer("a"), newServer("b")
		f, told := fallback(a, b)
		wantVector(t, f, "one")
		a.mu.Lock()
		a.took = time.Hour
		a.mu.Unlock()
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 7 {
			wg.Go(func() { wantVector(t, f, fmt.Sprint("waits ", i)) })
		}
		synctest.Wait()
		a.mu.Lock()
		a.took = time.Second
		a.mu.Unlock()
		a.answersWith(pipeline.NotServed)
		wg.Go(func() { wantVector(t, f, "finds out") })
		wg.Wait()
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %s, want all to leave with the first that finds out", took)
		}
		if asked, texts := b.counts(); asked != 9 || texts != 8 {
			t.Errorf("the second endpoint was asked %d times for %d texts, want one probe and 8 calls", asked, texts)
		}
		told.want(t, "a left", "b taken")
	})
}
