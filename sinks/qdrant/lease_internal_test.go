package qdrant

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

const term = 30 * time.Second

// memory is a board that virtual time knows: each call takes its time before
// and after it does something, may fail before or after, and may read from a
// node that lags behind its last writes.
type memory struct {
	mu       sync.Mutex
	random   *rand.Rand
	delay    time.Duration // at most, before and after
	failures float64       // share of the calls
	lag      int           // changes that a reading may miss
	history  []map[string]*pb.Value
}

func newMemory(seed uint64) *memory {
	return &memory{
		random:  rand.New(rand.NewPCG(seed, 3)), //nolint:gosec // a test wants the same faults each time
		history: []map[string]*pb.Value{{}},
	}
}

func (m *memory) roll() (before, after time.Duration, fail bool, lag int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.delay > 0 {
		before, after = time.Duration(m.random.Int64N(int64(m.delay))), time.Duration(m.random.Int64N(int64(m.delay)))
	}
	if m.lag > 0 {
		lag = m.random.IntN(m.lag + 1)
	}
	return before, after, m.random.Float64() < m.failures, lag
}

// call does do in the middle of a call that may fail before or after.
func (m *memory) call(ctx context.Context, do func(lag int)) error {
	before, after, fail, lag := m.roll()
	if err := sleep(ctx, before); err != nil {
		return err
	}
	if fail && before < after {
		return &pipeline.Error{Class: pipeline.Transient, Err: errors.New("did not arrive")}
	}
	do(lag)
	if err := sleep(ctx, after); err != nil {
		return err
	}
	if fail {
		return &pipeline.Error{Class: pipeline.Transient, Err: errors.New("the answer was lost")}
	}
	return nil
}

func (m *memory) read(ctx context.Context) (seen notices, err error) {
	err = m.call(ctx, func(lag int) {
		m.mu.Lock()
		defer m.mu.Unlock()
		seen = decodeNotices(m.history[max(0, len(m.history)-1-lag)])
	})
	return seen, err
}

func (m *memory) write(ctx context.Context, change change) error {
	values := change.encode()
	return m.call(ctx, func(int) {
		m.mu.Lock()
		defer m.mu.Unlock()
		now := maps.Clone(m.history[len(m.history)-1])
		for key, value := range values {
			if now[key] = value; decodeValue(value).IsNull() {
				delete(now, key)
			}
		}
		m.history = append(m.history, now)
	})
}

// sleepy is the board of a process that stands still for some terms after
// some of its calls, until it is awake. It hears no context meanwhile.
type sleepy struct {
	board

	random *rand.Rand
	share  float64
}

func (s *sleepy) nap(ctx context.Context) {
	if s.random.Float64() < s.share {
		_ = sleep(context.WithoutCancel(ctx), time.Duration(s.random.Int64N(int64(3*term))))
	}
}

func (s *sleepy) read(ctx context.Context) (notices, error) {
	defer s.nap(ctx)
	return s.board.read(ctx)
}

func (s *sleepy) write(ctx context.Context, change change) error {
	defer s.nap(ctx)
	return s.board.write(ctx, change)
}

func (m *memory) now() notices {
	m.mu.Lock()
	defer m.mu.Unlock()
	return decodeNotices(m.history[len(m.history)-1])
}

func ask(ctx context.Context, b board, run string, isDead func(pipeline.Holder) bool) (*lease, error) {
	x := &Index{options: Options{Collection: "docs", RetryBudget: 10 * term}, address: address{host: "localhost", port: 6334}}
	got, err := newAsking(x, b, pipeline.Holder{Run: run, Host: "host", PID: 7}, term, isDead).serve(ctx)
	l, _ := got.(*lease)
	return l, err
}

// TestAtMostOneRunHoldsTheLease lets runs come, die and pause in all kinds of
// weather, and wants that never two believe that they have the lease.
func TestAtMostOneRunHoldsTheLease(t *testing.T) {
	t.Parallel()
	for name, weather := range map[string]struct {
		delay    time.Duration
		failures float64
		lag      int
		naps     float64
	}{
		"calm": {delay: time.Millisecond}, "slow": {delay: 8 * time.Second}, "failing": {delay: time.Second, failures: 0.3},
		"lagging": {delay: time.Second, lag: 3}, "sleepy": {delay: time.Second, naps: 0.1},
		"all of it": {5 * time.Second, 0.2, 3, 0.1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			served := 0
			for seed := range uint64(60) {
				synctest.Test(t, func(t *testing.T) {
					m := newMemory(seed)
					m.delay, m.failures, m.lag = weather.delay, weather.failures, weather.lag
					served += contest(t, m, seed, weather.naps)
				})
			}
			if served < 15 { // a call that fails ends the asking here
				t.Errorf("%d runs were served in 60 contests", served)
			}
		})
	}
}

// contest lets eight runs ask, some of which die, and returns how many were
// served.
func contest(t *testing.T, m *memory, seed uint64, naps float64) int {
	t.Helper()
	var holders, served atomic.Int64
	var group sync.WaitGroup
	for i := range 8 {
		random := rand.New(rand.NewPCG(seed, uint64(i))) //nolint:gosec // as above
		group.Go(func() {
			if random.IntN(3) > 0 { // most come at the same moment
				_ = sleep(t.Context(), time.Duration(random.Int64N(int64(3*term))))
			}
			b := &sleepy{m, random, naps}
			l, err := ask(t.Context(), b, fmt.Sprintf("run-%d", i), nil)
			if err != nil {
				return // busy, or a call failed
			}
			served.Add(1)
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.Int64N(int64(8*term))))
			defer cancel()
			var writing sync.WaitGroup
			writing.Go(func() { writeAlong(ctx, t, l, &holders, seed) })
			_ = l.Keep(ctx)
			cancel()
			writing.Wait()
			if random.IntN(2) == 0 { // the others die
				_ = l.Release(t.Context(), true)
			}
		})
	}
	group.Wait()
	return int(served.Load())
}

// writeAlong writes in every tenure of a lease, and wants to be alone in it.
func writeAlong(ctx context.Context, t *testing.T, l *lease, writing *atomic.Int64, seed uint64) {
	t.Helper()
	for ctx.Err() == nil {
		_ = l.index.tenure.during(ctx, func(ctx context.Context) error {
			if n := writing.Add(1); n > 1 {
				t.Errorf("seed %d: %d runs write", seed, n)
			}
			defer writing.Add(-1)
			return sleep(ctx, 2*term) // unless it is cut off
		})
	}
}

func TestARunThatStoodStillHasLostItsLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(1)
		first, err := ask(t.Context(), m, "first", nil)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		var waited []string
		second, err := ask(t.Context(), m, "second", func(h pipeline.Holder) bool {
			waited = append(waited, h.Run)
			return false
		})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < term || took > term+term/5 {
			t.Errorf("a dead lease was taken over after %s, its term is %s", took, term)
		}
		if cmp.Diff([]string{"first"}, waited) != "" {
			t.Errorf("it was told to wait for %q", waited)
		}
		if second.Clean() {
			t.Error("the run that died is taken for clean")
		}
		// The first wakes up. Even a change of it that comes late takes nothing away.
		if err := m.write(t.Context(), change{put: &first.own}); err != nil {
			t.Fatal(err)
		}
		err = first.Keep(t.Context())
		if pipeline.Classify(err) != pipeline.Fatal || !strings.Contains(err.Error(), "taken over by run second") {
			t.Errorf("Keep says %v", err)
		}
		if why, err := second.once(t.Context()); why != nil || err != nil {
			t.Errorf("the heir lost its lease: %v, %v", why, err)
		}
		if err := first.Release(t.Context(), true); err == nil {
			t.Error("Release of a lost lease gives no error")
		}
		if err := second.Release(t.Context(), false); err != nil {
			t.Error(err)
		}
		if left := m.now(); len(left.claims) != 0 || left.clean {
			t.Errorf("there is left %+v", left)
		}
	})
}

func TestALeaseOutlivesFailuresShorterThanItsTerm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(2)
		l, err := ask(t.Context(), m, "first", nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*term)
		defer cancel()
		var group sync.WaitGroup
		group.Go(func() {
			for range 4 {
				_ = sleep(ctx, 2*term)
				m.mu.Lock()
				m.failures = 1
				m.mu.Unlock()
				_ = sleep(ctx, term/2)
				m.mu.Lock()
				m.failures = 0
				m.mu.Unlock()
			}
		})
		if err := l.Keep(ctx); err != nil {
			t.Errorf("Keep: %v", err)
		}
		group.Wait()
		m.failures = 1
		began := time.Now()
		err = l.Keep(t.Context())
		if err == nil || !strings.Contains(err.Error(), "arrive") && !strings.Contains(err.Error(), "answer") {
			t.Errorf("Keep says %v", err)
		}
		if took := time.Since(began); took > 12*term {
			t.Errorf("a lease that cannot be renewed was kept for %s", took)
		}
	})
}

func TestWhoAskedAndDiedDoesNotBlockOthersForever(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		known bool // that it is dead
		most  time.Duration
	}{
		"seen by its claim":    {false, term + term/5},
		"known on its machine": {true, term / 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := newMemory(3)
				asked := claim{name: "a-died-asking.1", holder: pipeline.Holder{Run: "a-died-asking"}, beat: 1, term: term}
				clean := true
				if err := m.write(t.Context(), change{put: &asked, clean: &clean}); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				l, err := ask(t.Context(), m, "b", func(pipeline.Holder) bool {
					if time.Since(began) < term/looks {
						t.Error("it is asked whether somebody is dead who has only just been seen to ask")
					}
					return test.known
				})
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > test.most {
					t.Errorf("it was waited for %s", took)
				}
				if !l.Clean() {
					t.Error("a run that never had the lease left the index unclean")
				}
				if got := m.now(); len(got.claims) != 1 || got.clean {
					t.Errorf("while it is held there is %+v", got)
				}
			})
		})
	}
}

func TestAClaimSurvivesItsEncoding(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 3600)
	want := claim{
		name:   "r-1.2",
		holder: pipeline.Holder{Run: "r-1", Host: "host", PID: 12, Machine: "m", Since: time.Date(2026, 11, 20, 1, 2, 3, 4, zone)},
		held:   true, beat: 9, term: term,
	}
	clean := true
	values := change{put: &want, remove: []string{"gone"}, clean: &clean}.encode()
	if v, ok := values[claimPrefix+"gone"]; !ok || !decodeValue(v).IsNull() {
		t.Errorf("a claim is taken away by %v, want null", v)
	}
	values["vecload"], values["vecload_run_"], values["vecload_run_x"] = pb.NewValueStruct(nil), pb.NewValueStruct(nil), pb.NewValueString("x")
	got := decodeNotices(values)
	if diff := cmp.Diff(map[string]claim{"r-1.2": want}, got.claims, cmp.AllowUnexported(claim{})); diff != "" || !got.clean {
		t.Errorf("claims are, clean %v (-want +got):\n%s", got.clean, diff)
	}
	for _, run := range []string{"", "a b", "a_b", "ä"} {
		if checkRun(run) == nil {
			t.Errorf("%q is taken for the name of a run", run)
		}
	}
}
