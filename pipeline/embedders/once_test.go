package embedders_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

func TestOnceKeepsTheContract(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(*testing.T) pipeline.Embedder { return embedders.NewOnce(&picky{}, 0) })
}

// wantVectors compares vectors with those of the texts.
func wantVectors(t *testing.T, v pipeline.Vectors, texts ...string) {
	t.Helper()
	if v.Len() != len(texts) {
		t.Fatalf("%d vectors, want %d", v.Len(), len(texts))
	}
	for i, text := range texts {
		if want := stubserver.Hash(4)(text); !slices.Equal(v.At(i), want) {
			t.Errorf("vector %d is not that of %q", i, text)
		}
	}
}

func TestATextIsEmbeddedOnce(t *testing.T) {
	t.Parallel()
	inner := &picky{}
	once := embedders.NewOnce(inner, 0)
	for _, texts := range [][]string{{"a", "b", "a"}, {"b", "c", "c", "a"}, {"a", "b", "c"}} {
		v, err := once.Embed(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		wantVectors(t, v, texts...)
		clear(v.Data) // what the caller does to its vectors is its own
	}
	if want := []int{2, 1}; !slices.Equal(inner.calls, want) {
		t.Errorf("calls of %v texts, want %v", inner.calls, want)
	}
}

func TestRefusalsAreTheTextsOwn(t *testing.T) {
	t.Parallel()
	once := embedders.NewOnce(&picky{}, 0)
	if v, err := once.Embed(t.Context(), []string{"a"}); err != nil {
		t.Fatal(v, err)
	}
	v, err := once.Embed(t.Context(), []string{"never", "a", "b", "never"})
	p, partial := errors.AsType[*pipeline.PartialError](err)
	if !partial || len(p.Failed) != 2 || p.Failed[0] == nil || p.Failed[3] == nil {
		t.Fatalf("error %v, want the refusals of texts 0 and 3", err)
	}
	wantVectors(t, v, "a", "b")
	_, err = once.Embed(t.Context(), []string{"never"})
	if p, partial := errors.AsType[*pipeline.PartialError](err); err == nil || partial && len(p.Failed) != 1 {
		t.Errorf("the text alone gives %v", err)
	}
}

// slow takes a second for each call, and fails those of the given numbers.
type slow struct {
	picky

	fail map[int]error

	mutex sync.Mutex
	n     int
}

func (s *slow) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	s.mutex.Lock()
	s.n++
	err := s.fail[s.n]
	s.mutex.Unlock()
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return pipeline.Vectors{}, ctx.Err()
	}
	if err != nil {
		return pipeline.Vectors{}, err
	}
	return s.picky.Embed(ctx, texts)
}

func TestWhoAsksForATextOnTheWayWaitsForIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fail  error
		calls int
	}{
		"and gets it":                     {nil, 2},
		"and asks when the other failed":  {failure(pipeline.Transient, "gone"), 3},
		"and asks when it was cut short":  {context.Canceled, 3},
		"and asks when it was too large":  {failure(pipeline.Oversize, "large"), 3},
		"and asks when others were wrong": {failure(pipeline.Rejected, "one of them"), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				inner := &slow{fail: map[int]error{1: test.fail}}
				once := embedders.NewOnce(inner, 0)
				first := make(chan error, 1)
				go func() {
					_, err := once.Embed(t.Context(), []string{"a", "b"})
					first <- err
				}()
				synctest.Wait()
				v, err := once.Embed(t.Context(), []string{"b", "c"})
				if err != nil {
					t.Fatal(err)
				}
				wantVectors(t, v, "b", "c")
				if err := <-first; !errors.Is(err, test.fail) {
					t.Errorf("the first call ended with %v, want %v", err, test.fail)
				}
				if inner.n != test.calls {
					t.Errorf("%d calls, want %d", inner.n, test.calls)
				}
			})
		})
	}
}

func TestWhoWaitsForATextMayGiveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		once := embedders.NewOnce(&slow{}, 0)
		go func() { _, _ = once.Embed(t.Context(), []string{"a"}) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := once.Embed(ctx, []string{"a"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		time.Sleep(time.Minute) //nolint:forbidigo // Time is virtual; the first call ends.
	})
}

func TestVectorsAreKeptInBoundedMemory(t *testing.T) {
	t.Parallel()
	inner := &picky{}
	once := embedders.NewOnce(inner, 10*(4*4+1024+200)) // room for ten
	texts := func(from, to int) (list []string) {
		for i := from; i < to; i++ {
			list = append(list, fmt.Sprint(i))
		}
		return list
	}
	for _, list := range [][]string{texts(0, 8), texts(4, 14), texts(4, 14), texts(0, 4)} {
		v, err := once.Embed(t.Context(), list)
		if err != nil {
			t.Fatal(err)
		}
		wantVectors(t, v, list...)
	}
	// The first four had to go for the last ones.
	if want := []int{8, 6, 4}; !slices.Equal(inner.calls, want) {
		t.Errorf("calls of %v texts, want %v", inner.calls, want)
	}
}
