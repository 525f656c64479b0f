package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// build builds the program that is killed, as `make build` does.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "vecload")
	if runtime.GOOS == "windows" {
		t.Skip("there are no such signals")
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", program, "../vecload")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build vecload: %v\n%s", err, out)
	}
	return program
}

// TestKilledRunsEndInTheIndexOfOneThatWasNot is the short form of
// `make torture`: each combination is killed while it fills an index and while
// it refreshes it.
func TestKilledRunsEndInTheIndexOfOneThatWasNot(t *testing.T) {
	t.Parallel()
	const seed, kills = 1, 10
	program := build(t)
	server, err := qdrantserver.Start(qdrantserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	tally := newTally()
	t.Cleanup(func() { // when all stories are told
		if err := tally.print(t.Output()); err != nil {
			t.Error(err)
		}
		if n := tally.kills(); n < kills && !t.Failed() {
			t.Errorf("%d kills, want %d", n, kills)
		}
		for _, c := range combinations() {
			if r := tally.rows[c]; (r == nil || r.kills == 0) && !t.Failed() {
				t.Errorf("%s was never killed", c)
			}
		}
	})
	for _, c := range combinations() {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			p := plan{
				combination: c, program: program, qdrant: server.URL(), folder: filepath.Join(t.TempDir(), "story"),
				seed: seed, documents: 150, phases: 2, kills: 1, surely: true,
			}
			if err := p.tell(t.Context(), tally); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheHarnessSeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	whole := newSnapshot()
	whole.points = map[string]string{"1": "one", "2": "two"}
	whole.of = map[string]string{"1": "a", "2": "b"}
	tests := []struct {
		name   string
		change func(s *snapshot)
	}{
		{"a point is missing", func(s *snapshot) { delete(s.points, "1") }},
		{"a point is too many", func(s *snapshot) { s.points["3"] = "three" }},
		{"a vector differs", func(s *snapshot) { s.points["2"] = "other" }},
		{"the index is another one", func(s *snapshot) { s.about = "other" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			changed := newSnapshot()
			for id, point := range whole.points {
				changed.points[id], changed.of[id] = point, whole.of[id]
			}
			if err := equal(changed, whole, nil); err != nil {
				t.Fatal(err)
			}
			tt.change(&changed)
			if equal(changed, whole, nil) == nil {
				t.Error("nothing was seen")
			}
		})
	}
}

func TestOnlySomeEndsAreGoodOnes(t *testing.T) {
	t.Parallel()
	interrupted := runReport{Outcome: "interrupted", ExitCode: 130}
	for _, tt := range []struct {
		name string
		end  ended
		good bool
	}{
		{"done", ended{code: 0}, true},
		{"done, with rejects", ended{code: 3, sent: true}, true},
		{"killed", ended{code: -1, killed: true, sent: true}, true},
		{"killed by somebody else", ended{code: -1, killed: true}, false},
		{"asked to end", ended{code: 130, sent: true, reported: true, report: interrupted}, true},
		{"nobody asked", ended{code: 130, reported: true, report: interrupted}, false},
		{"without a report", ended{code: 130, sent: true}, false},
		{"with another report", ended{code: 130, sent: true, reported: true, report: runReport{Outcome: "failed", ExitCode: 1}}, false},
		{"failed", ended{code: 1}, false},
		{"kept waiting", ended{code: 0, stderr: "waiting to see whether that run is still alive"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := checkEnd(&tt.end); (err == nil) != tt.good {
				t.Errorf("checkEnd: %v", err)
			}
		})
	}
}

func TestAReportWhoseNumbersDoNotAddUpIsRefused(t *testing.T) {
	t.Parallel()
	if err := (runReport{Read: 10, Written: 5, Unchanged: 2, Rejected: 1, Unfinished: 2}).check(); err != nil {
		t.Error(err)
	}
	if err := (runReport{Read: 10, Written: 5, Unchanged: 2, Rejected: 1}).check(); err == nil {
		t.Error("two documents are missing, and nothing was seen")
	}
}

func TestAReaderSeesTheOldIndexThenTheNewOneAndNothingElse(t *testing.T) {
	t.Parallel()
	before, after, half := &glance{10, 0}, &glance{12, 3}, &glance{11, 0}
	for _, tt := range []struct {
		name   string
		states []*glance
		sees   []*glance
		good   bool
	}{
		{"the old one, then the new one", []*glance{before, after}, []*glance{before, before, after}, true},
		{"none, then the new one", []*glance{nil, after}, []*glance{nil, after, after}, true},
		{"half of it", []*glance{before, after}, []*glance{before, half}, false},
		{"none in between", []*glance{before, after}, []*glance{before, nil, after}, false},
		{"the old one again", []*glance{before, after}, []*glance{after, before}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			views := &views{sees: tt.sees, all: stop}
			err := new(reader).read(ctx, views, tt.states)
			if (err == nil) != tt.good {
				t.Errorf("the reader: %v", err)
			}
		})
	}
}

// views is a store that shows what it was told to, and then calls all.
type views struct {
	store

	sees []*glance
	all  func()
}

func (v *views) look(context.Context) (glance, error) {
	if len(v.sees) == 0 {
		v.all()
		return glance{}, context.Canceled
	}
	now := v.sees[0]
	v.sees = v.sees[1:]
	if now == nil {
		return glance{}, errNothing
	}
	return *now, nil
}
