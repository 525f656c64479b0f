package embedders_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
)

// described is an embedder whose server answers questions as it is told to.
type described struct {
	mu      sync.Mutex
	answers []error // of the questions, one after the other; then nil
	asked   int
	sizes   []int // of the calls
}

func (d *described) Describe(context.Context) (embedders.Known, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	if len(d.answers) > 0 {
		err := d.answers[0]
		d.answers = d.answers[1:]
		if err != nil {
			return embedders.Known{}, err
		}
	}
	return embedders.Known{Texts: 2}, nil
}

func (d *described) Embed(_ context.Context, texts []string) (pipeline.Vectors, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sizes = append(d.sizes, len(texts))
	data := make([]float32, len(texts))
	for i := range data {
		data[i] = 1
	}
	return pipeline.Vectors{Dim: 1, Data: data}, nil
}

func TestAServerIsAskedBeforeTheFirstCall(t *testing.T) {
	t.Parallel()
	server := &described{}
	var split *embedders.Split
	learned := 0
	asked := embedders.NewAsked(server, func(k embedders.Known) {
		learned++
		split.Learn(k)
	})
	split = embedders.NewSplit(asked, embedders.SplitOptions{})
	if _, err := split.Embed(t.Context(), []string{"probe"}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if v, err := split.Embed(t.Context(), []string{"a", "b", "c"}); err != nil || v.Len() != 3 {
				t.Errorf("%d vectors, %v", v.Len(), err)
			}
		})
	}
	wg.Wait()
	if server.asked != 1 || learned != 1 {
		t.Errorf("asked %d times, learned %d times, want once", server.asked, learned)
	}
	for _, size := range server.sizes {
		if size > 2 {
			t.Errorf("a call of %d texts was sent to a server that takes 2", size)
		}
	}
}

func TestAnswersToTheQuestionDecideAboutTheCall(t *testing.T) {
	t.Parallel()
	of := func(class pipeline.Class) error {
		return &pipeline.Error{Class: class, Err: errors.New("x")}
	}
	tests := []struct {
		name    string
		answers []error
		calls   int
		fails   bool // the last call
		asked   int
	}{
		{"another model", []error{of(pipeline.NotServed)}, 1, true, 1},
		{"no right", []error{of(pipeline.Denied)}, 1, true, 1},
		{"a failure of an unknown kind", []error{errors.New("x")}, 1, true, 1},
		{"loading, then known", []error{of(pipeline.Warming)}, 3, false, 2},
		{"never answers", []error{of(pipeline.Transient), of(pipeline.Throttled), of(pipeline.Transient), of(pipeline.Transient)}, 9, false, 3},
		{"refused, then served", []error{of(pipeline.Denied)}, 2, false, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := &described{answers: test.answers}
			asked := embedders.NewAsked(server, func(embedders.Known) {})
			var err error
			for range test.calls {
				_, err = asked.Embed(t.Context(), []string{"a"})
			}
			if (err != nil) != test.fails || server.asked != test.asked {
				t.Errorf("%v after %d questions, want %d", err, server.asked, test.asked)
			}
		})
	}
}

func TestAnEmbedderThatCannotBeAskedIsNot(t *testing.T) {
	t.Parallel()
	inner := embedder(func(context.Context, []string) (pipeline.Vectors, error) {
		return pipeline.Vectors{Dim: 1, Data: []float32{1}}, nil
	})
	asked := embedders.NewAsked(inner, nil)
	if v, err := asked.Embed(t.Context(), []string{"a"}); err != nil || v.Len() != 1 {
		t.Errorf("%v, %v", v, err)
	}
}
