package qdrant

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// fail makes all calls fail from now on, or none.
func (m *memory) fail(all bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures = 0
	if all {
		m.failures = 1
	}
}

// kept is a lease that is being kept, and what ended that.
func kept(ctx context.Context, t *testing.T, m *memory) (l *lease, ended func() error) {
	t.Helper()
	l, err := ask(ctx, m, "first", nil)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var end error
	group.Go(func() { end = l.Keep(ctx) })
	return l, func() error {
		group.Wait()
		return end
	}
}

// canWrite reports whether the holder of a lease would write now.
func canWrite(l *lease) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	wrote := false
	_ = l.index.tenure.during(ctx, func(context.Context) error {
		wrote = true
		return nil
	})
	return wrote
}

func TestALeaseIsTakenAgainAfterAnOutageOfSeveralTerms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(4)
		ctx, cancel := context.WithCancel(t.Context())
		l, ended := kept(ctx, t, m)
		for range 3 {
			_ = sleep(ctx, term)
			m.fail(true)
			_ = sleep(ctx, 3*term)
			if canWrite(l) {
				t.Error("it writes although its term is over")
			}
			m.fail(false)
			_ = sleep(ctx, term/2)
			if !canWrite(l) {
				t.Error("it does not write although it could renew its lease")
			}
		}
		cancel()
		if err := ended(); err != nil {
			t.Errorf("Keep: %v", err)
		}
		if err := l.Release(t.Context(), true); err != nil {
			t.Error(err)
		}
		if left := m.now(); len(left.claims) != 0 || !left.clean {
			t.Errorf("there is left %+v", left)
		}
	})
}

func TestALeaseIsNotTakenAgainAfterAnotherHadIt(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]func(t *testing.T, heir *lease){
		"and has it":           func(*testing.T, *lease) {},
		"and ended":            func(t *testing.T, heir *lease) { end(t, heir, true) },
		"and ended in failure": func(t *testing.T, heir *lease) { end(t, heir, false) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := newMemory(5)
				// The first one is cut off from a server that others can reach.
				l, err := ask(t.Context(), m, "first", nil)
				if err != nil {
					t.Fatal(err)
				}
				heir, err := ask(t.Context(), m, "second", nil)
				if err != nil {
					t.Fatal(err)
				}
				then(t, heir)
				err = l.Keep(t.Context())
				if !errors.Is(err, errGone) && !errors.Is(err, errTaken) {
					t.Errorf("Keep says %v", err)
				}
				if canWrite(l) {
					t.Error("it writes although the lease is lost")
				}
			})
		})
	}
}

func end(t *testing.T, l *lease, finished bool) {
	t.Helper()
	if err := l.Release(t.Context(), finished); err != nil {
		t.Error(err)
	}
}

func TestALeaseThatNobodyCanRenewIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(6)
		l, ended := kept(t.Context(), t, m)
		began := time.Now()
		m.fail(true)
		if err := ended(); err == nil {
			t.Error("it is kept although nothing can be reached")
		}
		if took := time.Since(began); took < 10*term || took > 13*term {
			t.Errorf("it was given up after %s, its patience is %s", took, 10*term)
		}
		if canWrite(l) {
			t.Error("it writes although the lease is lost")
		}
	})
}

func TestWhoWaitsForALeaseHearsThatTheRunIsToStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		index, _ := scripted(t, &script{answers: []answer{completed}}, Options{})
		index.tenure.end()
		stop, halt := context.WithCancel(t.Context())
		defer halt()
		time.AfterFunc(term, halt)
		began := time.Now()
		err := index.Write(pipeline.WithStop(t.Context(), stop), onePoint())
		if !errors.Is(err, pipeline.ErrStopped) || time.Since(began) != term {
			t.Errorf("Write ends after %s with %v", time.Since(began), err)
		}
	})
}
