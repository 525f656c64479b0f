package embedders_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
)

// trials embeds a text each second and returns the seconds in which a was
// asked.
func trials(t *testing.T, f *embedders.Fallback, a *server, seconds int) []int {
	t.Helper()
	var at []int
	for second := range seconds {
		before, _ := a.counts()
		wantVector(t, f, "text")
		if after, _ := a.counts(); after != before {
			at = append(at, second)
		}
		time.Sleep(time.Second) //nolint:forbidigo // Time is virtual.
	}
	return at
}

func TestTheCoolDownDoublesUpToItsMaximum(t *testing.T) {
	t.Parallel()
	for class, want := range map[pipeline.Class][]int{
		pipeline.Transient: {0, 30, 90, 210, 450, 750, 1050},
		pipeline.NotServed: {0, 300, 600, 900},
		pipeline.Denied:    {0, 300, 600, 900},
	} {
		synctest.Test(t, func(t *testing.T) {
			a, b := newServer("a"), newServer("b")
			f, _ := fallback(a, b)
			wantVector(t, f, "first")
			a.answersWith(class)
			if got := trials(t, f, a, 1100); !slices.Equal(got, want) {
				t.Errorf("%s: tried in the seconds %v, want %v", class, got, want)
			}
		})
	}
}

func TestAnEndpointThatWasWellForLongCoolsDownAsAtFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newServer("a"), newServer("b")
		f, told := fallback(a, b)
		wantVector(t, f, "first")
		a.answersWith(pipeline.Transient)
		trials(t, f, a, 100) // the cool-down is two minutes now
		a.set(nil)
		trials(t, f, a, 500)
		a.answersWith(pipeline.Transient)
		if got, want := trials(t, f, a, 80), []int{0, 30}; !slices.Equal(got, want) {
			t.Errorf("tried in the seconds %v, want %v", got, want)
		}
		told.want(t, "a left", "b taken", "a again", "a left", "b taken")
	})
}

func TestARunEndsAtOnceWhenAllFailTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newServer("a"), newServer("b")
		f, _ := fallback(a, b)
		wantVector(t, f, "first")
		a.answersWith(pipeline.Transient)
		b.answersWith(pipeline.Transient)
		a.took, b.took = 40*time.Second, 40*time.Second // longer than a cool-down
		start := time.Now()
		asked, _ := a.counts()
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if _, err := f.Embed(t.Context(), []string{"text"}); pipeline.Classify(err) != pipeline.Transient {
					t.Errorf("err = %v", err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took != 120*time.Second {
			t.Errorf("took %s, want one failure of each, and another of the first, which cooled down meanwhile", took)
		}
		ofA, _ := a.counts()
		if ofB, _ := b.counts(); ofA-asked != 6 || ofB != 1 {
			t.Errorf("asked %d and %d times, want the 5 calls and one search", ofA-asked, ofB)
		}
	})
}
