package sqlite_test

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/sqlite"
)

func acquire(tb testing.TB, index *sqlite.Index, run string) pipeline.Lease {
	tb.Helper()
	lease, err := index.Acquire(tb.Context(), pipeline.Holder{Run: run, Host: "here", PID: 1}, nil)
	if err != nil {
		tb.Fatalf("Acquire for %s: %v (%s)", run, err, pipeline.Hint(err))
	}
	return lease
}

// leased makes an index with the term that runs have.
func leased(tb testing.TB, path string) *sqlite.Index {
	tb.Helper()
	index, err := sqlite.New(sqlite.Options{Path: path})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = index.Close() })
	if err := index.Prepare(tb.Context(), spaces()); err != nil {
		tb.Fatal(err)
	}
	return index
}

func TestWhoLostTheLeaseChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "index.db")
		slept, heir, other := leased(t, path), leased(t, path), leased(t, path)
		lost := acquire(t, slept, "slept")
		all := points("a", "b")
		if err := slept.Write(t.Context(), all); err != nil {
			t.Fatalf("Write with a lease: %v", err)
		}
		lease := acquire(t, heir, "heir")
		for name, change := range map[string]func(*sqlite.Index) error{
			"Write":  func(x *sqlite.Index) error { return x.Write(t.Context(), points("c")) },
			"Update": func(x *sqlite.Index) error { return x.Update(t.Context(), all[:1]) },
			"Delete": func(x *sqlite.Index) error {
				return x.Delete(t.Context(), "text", []pipeline.PointID{pipeline.NewPointID("text", "c", 0)})
			},
		} {
			err := change(slept)
			wantError(t, err, pipeline.Fatal, `"heir"`, "held up")
			if !errors.Is(err, pipeline.ErrBusy) {
				t.Errorf("%s: %v", name, err)
			}
			// Nothing keeps the heir from it, or a handle that never had a lease.
			for _, x := range []*sqlite.Index{heir, other} {
				if err := change(x); err != nil {
					t.Errorf("%s by another handle: %v", name, err)
				}
			}
		}
		if err := lease.Release(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		wantError(t, slept.Write(t.Context(), points("d")), pipeline.Fatal, "gone", "again")
		wantError(t, lost.Release(t.Context(), true), pipeline.Fatal, "gone", "again")
		// With a new lease it may.
		lease = acquire(t, slept, "slept-again")
		if !lease.Clean() {
			t.Error("what was lost made the index unclean")
		}
		for range 2 {
			if err := lease.Release(t.Context(), true); err != nil {
				t.Errorf("Release: %v", err)
			}
		}
		if err := slept.Write(t.Context(), points("d")); err != nil {
			t.Errorf("Write after the lease was given back: %v", err)
		}
	})
}

func TestALeaseIsDeadAfterAMinute(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		later time.Duration // when the heir comes
		want  time.Duration // how long it waits
	}{
		{"at once", 0, time.Minute},
		{"soon", 20 * time.Second, 40 * time.Second},
		{"the next day", 24 * time.Hour, 0},
		{"after the clock was set back", -24 * time.Hour, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "index.db")
				index, heir := leased(t, path), leased(t, path)
				acquire(t, index, "dead")
				if test.later > 0 {
					<-time.After(test.later)
				} else {
					// As many milliseconds later as the clock is set back.
					execute(t, path, `UPDATE meta SET value = json_set(value, '$.renewed', (value ->> '$.renewed') + `+
						milliseconds(-test.later)+`) WHERE key = 'lease'`)
				}
				began := time.Now()
				acquire(t, heir, "heir")
				if took := time.Since(began).Round(time.Second); took != test.want {
					t.Errorf("the lease was taken over after %v, want %v", took, test.want)
				}
			})
		})
	}
}

func milliseconds(d time.Duration) string {
	return strconv.FormatInt(d.Milliseconds(), 10)
}

func TestALeaseThatCannotBeRenewedIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "index.db")
		index := leased(t, path)
		lease := acquire(t, index, "a")
		kept := make(chan error, 1)
		go func() { kept <- lease.Keep(t.Context()) }()
		<-time.After(time.Hour)
		synctest.Wait()
		select {
		case err := <-kept:
			t.Fatalf("Keep ends after an hour with %v", err)
		default:
		}
		execute(t, path, `DROP TABLE meta`)
		began := time.Now()
		err := <-kept
		if took := time.Since(began); took < 40*time.Second || took > 80*time.Second {
			t.Errorf("Keep goes on for %v without a renewal", took)
		}
		if pipeline.Classify(err) != pipeline.Fatal || !strings.Contains(err.Error(), "not renewed for 1m0s") {
			t.Errorf("Keep ends with %v", err)
		}
	})
}

func TestALeaseThatCannotBeReadIsTold(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", "null", `{"token":1}`, `{"run":"a"}`, `[]`} {
		path := filepath.Join(t.TempDir(), "index.db")
		index := prepared(t, path)
		execute(t, path, `INSERT INTO meta VALUES ('lease', '`+text+`')`)
		_, err := index.Acquire(t.Context(), pipeline.Holder{Run: "a"}, nil)
		wantError(t, err, pipeline.Fatal, "lease", "damaged")
	}
}
