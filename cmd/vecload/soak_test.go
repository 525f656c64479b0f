package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// soak is how long each of the two long runs takes: `make soak` says 30m.
var soak = flag.Duration("soak", 0, "how long each soak test runs; 0 is two rounds")

// soaked is one index of a soak, which is refreshed round after round while
// its corpus changes.
type soaked struct {
	name   string
	corpus []string // a text for each document; "" where it is gone
	dir    string
	index  []string // the flags that say where it is
	rounds int
}

// change draws what happens to the corpus between two rounds, and writes it.
func (s *soaked) change(t *testing.T, r *rand.Rand) {
	t.Helper()
	for range 20 {
		i := r.IntN(len(s.corpus))
		s.corpus[i] = fmt.Sprintf("document %d says %d in round %d", i, r.IntN(1000), s.rounds)
	}
	for range 3 {
		s.corpus[r.IntN(len(s.corpus))] = ""
	}
	var lines bytes.Buffer
	for i, text := range s.corpus {
		if text != "" {
			fmt.Fprintf(&lines, "{\"id\":\"d%d\",\"text\":%q}\n", i, text)
		}
	}
	if err := os.WriteFile(filepath.Join(s.dir, "docs.jsonl"), lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// command runs vecload in this process, so that what it leaves behind is seen.
func (s *soaked) command(signals <-chan os.Signal, url, name string, more ...string) (code int, stderr string) {
	args := slices.Concat([]string{
		name, filepath.Join(s.dir, "docs.jsonl"), "--model", "org/name", "--tei", url, "--batch", "16",
	}, s.index, more)
	var out bytes.Buffer
	code = run(context.Background(), process{
		args: args, stdout: io.Discard, stderr: &out, signals: signals,
		lookupEnv: func(string) (string, bool) { return "", false },
	})
	return code, out.String()
}

// TestRoundsOfFaultsLeaveNothingBehind refreshes indexes again and again in
// this process while the network, the endpoint and Qdrant fail. Whatever a run
// ended with, the next one without faults has to leave the index that verify
// finds to be the corpus; and goroutines, files and memory have to come back
// to where they were.
//
//nolint:paralleltest // it counts what the whole process holds
func TestRoundsOfFaultsLeaveNothingBehind(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	longest := 1500 * time.Millisecond
	if *soak == 0 {
		longest = 200 * time.Millisecond
	}
	weather := newWeather(t, longest)
	weather.answers = append(weather.answers, lasting()...)
	var all []*soaked
	for _, s := range []soaked{
		{name: "sqlite in place", index: []string{"--sqlite", "index.db"}},
		{name: "sqlite by alias", index: []string{"--sqlite", "built.db"}},
		{name: "qdrant in place", index: []string{"--qdrant", "URL", "--collection", "docs"}},
		{name: "qdrant by alias", index: []string{"--qdrant", "URL", "--collection", "readers"}},
	} {
		s.dir, s.corpus = t.TempDir(), make([]string, 300)
		for i, arg := range s.index {
			switch {
			case arg == "URL":
				s.index[i] = "http://" + weather.index.addr
			case strings.HasSuffix(arg, ".db"):
				s.index[i] = filepath.Join(s.dir, arg)
			}
		}
		for i := range s.corpus {
			s.corpus[i] = fmt.Sprintf("document %d", i)
		}
		all = append(all, &s)
	}
	if *soak == 0 {
		all = all[3:]
	}

	ended := map[int]int{} // by exit code, of runs with faults
	var samples []sample
	began := time.Now()
	for len(samples) < 2 || time.Since(began) < *soak {
		for _, s := range all {
			s.rounds++
			ended[s.round(t, r, weather)]++
			if t.Failed() {
				t.Fatalf("%s, round %d, seed %d", s.name, s.rounds, seed)
			}
		}
		weather.server.CloseClientConnections()
		samples = append(samples, takeSample(time.Since(began), samples))
	}
	t.Logf("%d runs with faults, by exit code %v", len(all)*len(samples), ended)
	checkSamples(t, samples)
}

// round changes a corpus and runs it with faults, then without, and verifies.
// It returns the exit code of the first.
func (s *soaked) round(t *testing.T, r *rand.Rand, w *weather) int {
	t.Helper()
	s.change(t, r)
	more := []string{"--delete-missing", "--max-delete", "90%", "--quiet", "--rejects", filepath.Join(s.dir, "rejects.jsonl")}
	if strings.HasSuffix(s.name, "alias") {
		more = append(more, "--publish", "alias")
		if s.rounds%3 == 0 {
			more = append(more, "--rebuild")
		}
	}
	signals := make(chan os.Signal, 2)
	if r.IntN(4) == 0 {
		interrupt := time.AfterFunc(time.Duration(r.IntN(300))*time.Millisecond, func() { signals <- syscall.SIGTERM })
		defer interrupt.Stop()
	}
	over := w.storm(t, r)
	code, out := s.command(signals, "http://"+w.endpoint.addr, "run", append(more, "--retry-for", "2s", "--timeout", "1s")...)
	over()
	switch code {
	case exitDone, exitFailed, exitMisuse, exitNotServed, exitInterrupted: // a web page at first looks like a wrong address
	default:
		t.Errorf("with faults: exit code %d\n%s", code, out)
	}
	if again, out := s.command(nil, "http://"+w.endpoint.addr, "run", more...); again != exitDone {
		t.Errorf("without faults, after %d: exit code %d\n%s", code, again, out)
	}
	if code, out := s.command(nil, "http://"+w.endpoint.addr, "verify", "--quiet"); code != exitDone {
		t.Errorf("verify: exit code %d\n%s", code, out)
	}
	return code
}

// newWeather starts an endpoint and a Qdrant behind proxies. A fault lasts at
// most about as long as longest.
func newWeather(t *testing.T, longest time.Duration) *weather {
	t.Helper()
	index, err := qdrantserver.Start(qdrantserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(index.Stop)
	w := &weather{longest: longest, answers: passing(), qdrant: index, index: newProxied(t, index.Addr())}
	w.server = w.startEndpoint()
	t.Cleanup(w.server.Close)
	w.endpoint = newProxied(t, w.server.Listener.Addr().String())
	return w
}
