package qdrant

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// showing is an optimizer that shows one state after the other.
type showing struct {
	states []State
	seen   []State
	nudges int
}

func (s *showing) waiter() waiter {
	return waiter{
		every: time.Second,
		look: func(context.Context) (State, error) {
			if len(s.states) == 0 {
				return State{}, errors.New("nobody should look any more")
			}
			state := s.states[0]
			s.states = s.states[1:]
			return state, nil
		},
		nudge:    func(context.Context) error { s.nudges++; return nil },
		progress: func(state State) { s.seen = append(s.seen, state) },
	}
}

func TestWaitingEndsAfterThreeGoodLooksInARow(t *testing.T) {
	t.Parallel()
	green, yellow := State{Status: "green"}, State{Status: "yellow"}
	for name, test := range map[string]struct {
		states  []State
		settled []int
		took    time.Duration
	}{
		"at once":                {[]State{green, green, green}, []int{1, 2, 3}, 2 * time.Second},
		"after work":             {[]State{yellow, green, green, green}, []int{0, 1, 2, 3}, 3 * time.Second},
		"between two steps":      {[]State{green, green, yellow, green, green, green}, []int{1, 2, 0, 1, 2, 3}, 5 * time.Second},
		"green with a queue":     {[]State{{Status: "green", Queued: 1}, green, green, green}, []int{0, 1, 2, 3}, 3 * time.Second},
		"green and not visible":  {[]State{{Status: "green", Deferred: 7}, green, green, green}, []int{0, 1, 2, 3}, 3 * time.Second},
		"a status nobody knows":  {[]State{{Status: "blue"}, green, green, green}, []int{0, 1, 2, 3}, 3 * time.Second},
		"green, then with a job": {[]State{green, {Status: "green", Queued: 1}, green, green, green}, []int{1, 0, 1, 2, 3}, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &showing{states: test.states}
				start := time.Now()
				if err := s.waiter().wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took != test.took {
					t.Errorf("it took %s, want %s", took, test.took)
				}
				var settled []int
				for _, state := range s.seen {
					settled = append(settled, state.Settled)
				}
				if !slices.Equal(settled, test.settled) {
					t.Errorf("good looks in a row were told as %v, want %v", settled, test.settled)
				}
				if s.nudges != 0 {
					t.Errorf("the optimizer was told %d times to begin", s.nudges)
				}
			})
		})
	}
}

func TestAPendingOptimizerIsToldToBeginNowAndThen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &showing{}
		for range 21 {
			s.states = append(s.states, State{Status: "grey"})
		}
		s.states = append(s.states, State{Status: "green"}, State{Status: "green"}, State{Status: "green"})
		if err := s.waiter().wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.nudges != 3 {
			t.Errorf("in 21 looks it was told %d times, want 3", s.nudges)
		}
	})
}

func TestWaitingHearsItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		w := (&showing{}).waiter()
		w.look = func(context.Context) (State, error) { return State{Status: "yellow"}, nil }
		start := time.Now()
		if err := w.wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait: %v", err)
		}
		if took := time.Since(start); took != 90*time.Second {
			t.Errorf("it ended after %s", took)
		}
	})
}
