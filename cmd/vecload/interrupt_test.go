package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// told calls tell when text was written to it for the first time.
type told struct {
	text string
	tell func()

	mutex  sync.Mutex
	buffer bytes.Buffer
	done   bool
}

func (w *told) Write(p []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	n, err := w.buffer.Write(p)
	if !w.done && strings.Contains(w.buffer.String(), w.text) {
		w.done = true
		w.tell()
	}
	return n, err
}

// slow is an embedding server that holds back its answers from the third
// request on until it is released. arrived is closed when that request is in.
func slow(t *testing.T) (url string, arrived <-chan struct{}, release func()) {
	t.Helper()
	stub := stubserver.New(stubserver.Options{})
	in, out := make(chan struct{}), make(chan struct{})
	requests := 0
	var mutex sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		requests++
		number := requests
		mutex.Unlock()
		if number == 3 {
			close(in)
		}
		if number >= 3 {
			select {
			case <-out:
			case <-r.Context().Done():
				return
			}
		}
		stub.ServeHTTP(w, r)
	}))
	release = sync.OnceFunc(func() { close(out) })
	t.Cleanup(func() {
		release()
		server.Close()
	})
	return server.URL, in, release
}

// interrupted runs a corpus of 64 documents in batches of 8 against a slow
// server, interrupts it once and calls then when the program has said so.
func interrupted(t *testing.T, then func(signals chan<- os.Signal, release func())) (code int, report runReport) {
	t.Helper()
	dir := t.TempDir()
	corpus := filepath.Join(dir, "docs.jsonl")
	var lines strings.Builder
	for i := range 64 {
		lines.WriteString(`{"id":` + strconv.Itoa(i) + `,"text":"document ` + strconv.Itoa(i) + "\"}\n")
	}
	if err := os.WriteFile(corpus, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	url, arrived, release := slow(t)
	signals := make(chan os.Signal, 2)
	stderr := &told{text: "stopping", tell: func() { then(signals, release) }}
	go func() {
		<-arrived
		signals <- os.Interrupt
	}()
	var stdout bytes.Buffer
	code = run(context.Background(), process{
		args: []string{
			"run", corpus, "--model", "org/name", "--tei", url, "--batch", "8", "--in-flight", "1",
			"--sqlite", filepath.Join(dir, "index.db"), "--rejects", filepath.Join(dir, "rejects.jsonl"), "--json",
		},
		stdout: &stdout, stderr: stderr, signals: signals,
		lookupEnv: func(string) (string, bool) { return "", false },
	})
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatalf("the report is no JSON: %v\n%s\n%s", err, stdout.String(), stderr.buffer.String())
	}
	return code, report
}

// The tests that run commands in this process are not parallel: urfave/cli
// keeps its help flag in a package variable.

//nolint:paralleltest // see above
func TestOneInterruptFinishesWhatIsInFlight(t *testing.T) {
	code, report := interrupted(t, func(_ chan<- os.Signal, release func()) { release() })
	if code != exitInterrupted || report.Outcome != "interrupted" {
		t.Errorf("exit code %d, outcome %q; want 130, interrupted", code, report.Outcome)
	}
	if report.Written != 8 || report.Unfinished != report.Read-8 || report.Read == 64 {
		t.Errorf("read %d, written %d, unfinished %d; want the batch that was in flight written, and not the whole corpus read",
			report.Read, report.Written, report.Unfinished)
	}
}

//nolint:paralleltest // see above
func TestTwoInterruptsStopNow(t *testing.T) {
	code, report := interrupted(t, func(signals chan<- os.Signal, _ func()) { signals <- syscall.SIGTERM })
	if code != exitInterrupted || report.Outcome != "interrupted" {
		t.Errorf("exit code %d, outcome %q; want 130, interrupted", code, report.Outcome)
	}
	// The one batch that was answered may still have been on its way into
	// the index.
	if report.Written > 8 || report.Unfinished != report.Read-report.Written {
		t.Errorf("written %d of %d read, unfinished %d; want at most the batch that was answered", report.Written, report.Read, report.Unfinished)
	}
}
