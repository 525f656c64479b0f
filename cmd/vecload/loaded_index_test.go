package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// loader runs the program over a corpus of its own, as a child process, into
// one index.
type loader struct {
	dir    string
	tei    string // the endpoint
	index  string // of the configuration, as YAML
	secret string // what no output may hold
	flags  []string

	// held is called in the middle of a run, while the endpoint waits with an
	// answer; nil: nothing is.
	held  func(t *testing.T, index string)
	asked atomic.Int64
}

// newLoader has an endpoint of its own; index is what stands below index: in
// the configuration.
func newLoader(t *testing.T, index string) *loader {
	t.Helper()
	l := &loader{dir: t.TempDir(), index: index, secret: "open-sesame"}
	stub := stubserver.New(stubserver.Options{})
	const middle = 5 // of twenty requests, or of seven when some documents have changed
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.asked.Add(1) == middle && l.held != nil {
			l.held(t, filepath.Join(l.dir, "index.db"))
		}
		stub.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	l.tei = server.URL
	return l
}

// corpus writes documents d0 to dN, and returns how many. When they have
// changed, one of three has another text, one of three another number, and one
// of ten is not there any more.
func (l *loader) corpus(t *testing.T, n int, changed bool) (written int64) {
	t.Helper()
	var lines strings.Builder
	for i := range n {
		if changed && i%10 == 9 {
			continue
		}
		written++
		text, number := fmt.Sprintf("the text of document %d", i), i
		if changed && i%3 == 0 {
			text = fmt.Sprintf("other words for document %d", i)
		}
		if changed && i%3 == 1 {
			number += 1000
		}
		fmt.Fprintf(&lines, "{\"id\":\"d%d\",\"text\":%q,\"n\":%d}\n", i, text, number)
	}
	if err := os.WriteFile(filepath.Join(l.dir, "docs.jsonl"), []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return written
}

// ran is how a run ended.
type ran struct {
	code   int
	stderr string
	report runReport
	took   time.Duration
}

// load runs the program once, within a minute. prepare may change the command,
// and started is told of the process; either may be nil.
func (l *loader) load(t *testing.T, prepare func(*exec.Cmd), started func(*os.Process)) ran {
	t.Helper()
	config := "source: {path: docs.jsonl, id: id, text: text}\n" +
		"embed: {model: org/name, batch: {texts: 8}, in_flight: 2, endpoints: [{tei: {url: \"" + l.tei + "\"}}]}\n" +
		"index:\n" + l.index
	if err := os.WriteFile(filepath.Join(l.dir, "vecload.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	l.asked.Store(0)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "vecload", append([]string{"run", "--json"}, l.flags...)...)
	command.Dir = l.dir
	command.Env = append(os.Environ(), "QDRANT_KEY="+l.secret)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if prepare != nil {
		prepare(command)
	}
	began := time.Now()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if started != nil {
		started(command.Process)
	}
	err := command.Wait()
	out := ran{stderr: stderr.String(), took: time.Since(began)}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		out.code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(stdout.Bytes(), &out.report); err != nil {
		t.Fatalf("the report is no JSON: %v\n%s\n%s", err, stdout.String(), stderr.String())
	}
	if strings.Contains(out.stderr+stdout.String(), l.secret) {
		t.Errorf("the key is told:\n%s%s", out.stderr, stdout.String())
	}
	return out
}

// wantDone wants a run that has brought all n documents into the index.
func (r ran) wantDone(t *testing.T, n int64) {
	t.Helper()
	if r.code != exitDone || r.report.Read != n || r.report.Written+r.report.Unchanged != n {
		t.Errorf("exit code %d, read %d, written %d, unchanged %d; want 0 and %d documents\n%s",
			r.code, r.report.Read, r.report.Written, r.report.Unchanged, n, r.stderr)
	}
}

// loadWhole makes a corpus and loads it without a fault.
func (l *loader) loadWhole(t *testing.T, n int, changed bool) {
	t.Helper()
	written := l.corpus(t, n, changed)
	l.load(t, nil, nil).wantDone(t, written)
}

// lines are those of a text, as a set.
func lines(text string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(text) {
		out[line] = true
	}
	return out
}

// wantAmong wants every line of a dump to be one of others.
func wantAmong(t *testing.T, got string, others ...string) {
	t.Helper()
	known := lines(strings.Join(others, ""))
	for line := range lines(got) {
		if !known[line] {
			t.Errorf("the index holds what no run without faults writes: %.300s", line)
			return
		}
	}
}
