package sinktest

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// LeaseTerm is the term of the leases of each index that is tested: Open
// gives it as an option. Against a server time is real, and the cases wait for
// terms to end, so it is short; it is long enough for a holder on a busy
// machine to renew its lease in, which it does every third of the term.
const LeaseTerm = 2 * time.Second

// leaseCases test that one run at a time holds the index.
func leaseCases() []testCase {
	return []testCase{
		{"ASecondRunIsRefused", aSecondRunIsRefused},
		{"AReleasedLeaseIsTakenAtOnce", aReleasedLeaseIsTakenAtOnce},
		{"CleanTellsHowTheRunBeforeEnded", cleanTellsHowTheRunBeforeEnded},
		{"ADeadLeaseIsTakenAfterItsTerm", aDeadLeaseIsTakenAfterItsTerm},
		{"ALeaseOfWhoIsKnownToBeDeadIsTakenAtOnce", aLeaseOfWhoIsKnownToBeDeadIsTakenAtOnce},
		{"AKeptLeaseIsNeverTaken", aKeptLeaseIsNeverTaken},
		{"WhoLostALeaseLearnsIt", whoLostALeaseLearnsIt},
		{"OfManyRunsOneIsServed", ofManyRunsOneIsServed},
		{"OfManyHeirsOneIsServed", ofManyHeirsOneIsServed},
		{"WhoWaitsForALeaseHearsItsContext", whoWaitsForALeaseHearsItsContext},
		{"ALeaseNeedsPrepare", aLeaseNeedsPrepare},
	}
}

func holder(run string) pipeline.Holder {
	return pipeline.Holder{
		Run: "run-" + run, Host: "host-of-" + run, PID: 4000 + len(run),
		Since: time.Date(2026, 11, 20, 10, 30, len(run), 0, time.UTC), Machine: "machine-of-" + run,
	}
}

func acquire(t *testing.T, index pipeline.Leaser, run string) pipeline.Lease {
	t.Helper()
	lease, err := index.Acquire(t.Context(), holder(run), nil)
	if err != nil {
		t.Fatalf("Acquire for %s: %v (%s)", run, err, pipeline.Hint(err))
	}
	return lease
}

func release(t *testing.T, lease pipeline.Lease, finished bool) {
	t.Helper()
	if err := lease.Release(t.Context(), finished); err != nil {
		t.Fatalf("Release: %v (%s)", err, pipeline.Hint(err))
	}
}

// keep renews a lease until the function that it returns is called, or the
// test ends. A lease that is lost meanwhile is an error of the test.
func keep(t *testing.T, lease pipeline.Lease) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if err := lease.Keep(ctx); err != nil {
			t.Errorf("Keep: %v", err)
		}
	})
	stop = func() { cancel(); group.Wait() }
	t.Cleanup(stop)
	return stop
}

// wantBusy wants a refusal that names the run that holds the lease.
func wantBusy(t *testing.T, index pipeline.Leaser, run, holds string) {
	t.Helper()
	_, err := index.Acquire(t.Context(), holder(run), nil)
	if !errors.Is(err, pipeline.ErrBusy) {
		t.Fatalf("Acquire for %s gives %v, want %v", run, err, pipeline.ErrBusy)
	}
	wantClass(t, err, pipeline.Fatal)
	if h := holder(holds); !strings.Contains(err.Error(), h.Run) || !strings.Contains(err.Error(), h.Host) {
		t.Errorf("the refusal does not name %s on %s: %q", h.Run, h.Host, err)
	}
	if pipeline.Hint(err) == "" {
		t.Errorf("%q has no hint", err)
	}
}

func aSecondRunIsRefused(t *testing.T, open Open) {
	t.Helper()
	first, second := prepared(t, open), prepared(t, open)
	lease := acquire(t, first, "a")
	stop := keep(t, lease)
	wantBusy(t, second, "b", "a")
	wantBusy(t, first, "b", "a") // also by the same handle
	stop()
	release(t, lease, true)
	lease = acquire(t, second, "bb")
	keep(t, lease)
	wantBusy(t, first, "a", "bb")
}

func aReleasedLeaseIsTakenAtOnce(t *testing.T, open Open) {
	t.Helper()
	index, other := prepared(t, open), prepared(t, open)
	for i := range 4 {
		lease, err := index.Acquire(t.Context(), holder(strconv.Itoa(i)), func(h pipeline.Holder) bool {
			t.Errorf("run %d waits for %+v, who gave the lease back", i, h)
			return false
		})
		if err != nil {
			t.Fatalf("Acquire: %v", err)
		}
		if i%2 == 0 {
			keep(t, lease)() // was renewed at times
		}
		release(t, lease, i < 2)
		index, other = other, index
	}
}

func cleanTellsHowTheRunBeforeEnded(t *testing.T, open Open) {
	t.Helper()
	index, other := prepared(t, open), prepared(t, open)
	clean := false // of a new index
	for i, finished := range []bool{false, true, true, false, false, true} {
		lease := acquire(t, index, strconv.Itoa(i))
		if lease.Clean() != clean {
			t.Errorf("run %d: Clean is %v, want %v", i, lease.Clean(), clean)
		}
		release(t, lease, finished)
		clean = finished
		index, other = other, index
	}
	// The last one was finished; the next one dies.
	if !acquire(t, index, "dies").Clean() {
		t.Error("Clean is false after a run that ended well")
	}
	lease := acquire(t, other, "heir")
	if lease.Clean() {
		t.Error("Clean is true after a run that died")
	}
	release(t, lease, true)
	if !acquire(t, index, "last").Clean() {
		t.Error("Clean is false after the heir ended well")
	}
}

func aLeaseOfWhoIsKnownToBeDeadIsTakenAtOnce(t *testing.T, open Open) {
	t.Helper()
	index, other := prepared(t, open), prepared(t, open)
	acquire(t, index, "dead")
	began := time.Now()
	lease, err := other.Acquire(t.Context(), holder("heir"), func(h pipeline.Holder) bool { return h.Run == holder("dead").Run })
	if err != nil {
		t.Fatalf("Acquire of a dead lease: %v (%s)", err, pipeline.Hint(err))
	}
	if took := time.Since(began); took > LeaseTerm*3/4 {
		t.Errorf("the lease of a run that is known to be dead was taken over after %v", took)
	}
	if lease.Clean() {
		t.Error("a run that died left the index clean")
	}
	keep(t, lease)
	wantBusy(t, index, "third", "heir")
}

func aDeadLeaseIsTakenAfterItsTerm(t *testing.T, open Open) {
	t.Helper()
	index, other := prepared(t, open), prepared(t, open)
	began := time.Now()
	acquire(t, index, "dead")
	var waited []pipeline.Holder
	lease, err := other.Acquire(t.Context(), holder("heir"), func(h pipeline.Holder) bool {
		waited = append(waited, h)
		return false
	})
	took := time.Since(began)
	if err != nil {
		t.Fatalf("Acquire of a dead lease: %v (%s)", err, pipeline.Hint(err))
	}
	// A few milliseconds of a clock that is kept in whole ones.
	if took < LeaseTerm-5*time.Millisecond {
		t.Errorf("a lease was taken over %v after it was taken, and its term is %v", took, LeaseTerm)
	}
	if took > 2*LeaseTerm {
		t.Errorf("a dead lease was taken over after %v, and its term is %v", took, LeaseTerm)
	}
	if want := holder("dead"); len(waited) != 1 {
		t.Errorf("it was asked %d times whether the holder is dead", len(waited))
	} else if got := waited[0]; got.Run != want.Run || got.Host != want.Host || got.PID != want.PID || got.Machine != want.Machine || !got.Since.Equal(want.Since) {
		t.Errorf("it waited for %+v, want %+v", got, want)
	}
	keep(t, lease)
	wantBusy(t, index, "third", "heir")
}

func aKeptLeaseIsNeverTaken(t *testing.T, open Open) {
	t.Helper()
	index, other := prepared(t, open), prepared(t, open)
	keep(t, acquire(t, index, "a"))
	for began := time.Now(); time.Since(began) < 5*LeaseTerm/2; {
		wantBusy(t, other, "b", "a")
	}
}

func whoLostALeaseLearnsIt(t *testing.T, open Open) {
	t.Helper()
	index, other := prepared(t, open), prepared(t, open)
	lost := acquire(t, index, "lost")
	lease := acquire(t, other, "heir")
	keep(t, lease)
	err := lost.Keep(t.Context())
	if err == nil {
		t.Fatal("Keep of a lease that another run has says nothing")
	}
	wantClass(t, err, pipeline.Fatal)
	// What it gives back is no longer its own.
	_ = lost.Release(t.Context(), true)
	wantBusy(t, index, "third", "heir")
}

func ofManyRunsOneIsServed(t *testing.T, open Open) {
	t.Helper()
	index, other := prepared(t, open), prepared(t, open)
	oneOf(t, []pipeline.Leaser{index, other, index, other, index, other})
}

func ofManyHeirsOneIsServed(t *testing.T, open Open) {
	t.Helper()
	index, other := prepared(t, open), prepared(t, open)
	acquire(t, index, "dead")
	oneOf(t, []pipeline.Leaser{index, other, index, other})
}

// oneOf lets all ask for the lease at the same moment, and wants that at most
// one gets it while those that get it keep it.
func oneOf(t *testing.T, all []pipeline.Leaser) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	start := make(chan struct{})
	var mu sync.Mutex
	var served []string
	var asked, kept sync.WaitGroup
	for i, index := range all {
		run := holder(strconv.Itoa(i))
		asked.Go(func() {
			<-start
			lease, err := index.Acquire(ctx, run, nil)
			if errors.Is(err, pipeline.ErrBusy) {
				return
			}
			if err != nil {
				t.Errorf("Acquire: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			served = append(served, run.Run)
			kept.Go(func() {
				if err := lease.Keep(ctx); err != nil {
					t.Errorf("Keep: %v", err)
				}
			})
		})
	}
	close(start)
	asked.Wait()
	cancel()
	kept.Wait()
	if len(served) > 1 {
		t.Errorf("%d runs have the lease at once: %q", len(served), served)
	}
}

func whoWaitsForALeaseHearsItsContext(t *testing.T, open Open) {
	t.Helper()
	index, other := prepared(t, open), prepared(t, open)
	lease := acquire(t, index, "a")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := other.Acquire(ctx, holder("b"), func(pipeline.Holder) bool {
		cancel()
		return false
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Acquire under a cancelled context gives %v", err)
	}
	if err := lease.Keep(ctx); err != nil {
		t.Errorf("Keep whose context is done gives %v", err)
	}
	// It took nothing.
	release(t, lease, true)
	if !acquire(t, other, "c").Clean() {
		t.Error("who gave up waiting left the index unclean")
	}
}

func aLeaseNeedsPrepare(t *testing.T, open Open) {
	t.Helper()
	prepared(t, open)
	index := opened(t, open)
	if _, err := index.Acquire(t.Context(), holder("a"), nil); err == nil {
		t.Error("Acquire before Prepare gives no error")
	} else {
		wantClass(t, err, pipeline.Fatal)
	}
}
