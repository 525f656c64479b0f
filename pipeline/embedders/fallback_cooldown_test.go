package embedders_test

import (
	"slices"
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
