package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// sickFrom is an embedding server that answers requests from number n on as
// sick does, and those before as it should. One is answered in any case: what
// servers are asked about themselves.
func sickFrom(t *testing.T, n int64, sick http.HandlerFunc) (url string) {
	t.Helper()
	stub := stubserver.New(stubserver.Options{})
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) >= n {
			sick(w, r)
			return
		}
		stub.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// hangs answers nothing. A server sees that its client is gone only once it has
// read the body.
func hangs(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func isDown(w http.ResponseWriter, _ *http.Request) { http.Error(w, "down", http.StatusBadGateway) }

func asksToWait(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "250")
	http.Error(w, "too many", http.StatusTooManyRequests)
}

// child is the program in a process of its own that was told to stop.
type child struct {
	code           int
	took           time.Duration // from the signal to the end
	stdout, stderr string
	report         runReport
}

// stopped runs the program, sends it a signal when it says something on
// standard error, and waits for its end.
func stopped(t *testing.T, report, says string, signal os.Signal, args ...string) child {
	t.Helper()
	said := make(chan struct{})
	stderr := &told{text: says, tell: func() { close(said) }}
	var stdout bytes.Buffer
	command := exec.Command("vecload", append(args, "--report", report)...)
	command.Stdout, command.Stderr = &stdout, stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	var err error
	select {
	case <-said:
	case err = <-ended:
		t.Fatalf("it ended before it said %q: %v\n%s%s", says, err, stdout.String(), stderr.buffer.String())
	}
	start := time.Now()
	if err := command.Process.Signal(signal); err != nil {
		t.Error(err)
	}
	err = <-ended
	c := child{took: time.Since(start), stdout: stdout.String(), stderr: stderr.buffer.String()}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		c.code = exit.ExitCode()
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatalf("no report: %v\n%s%s", err, c.stdout, c.stderr)
	}
	if err := json.Unmarshal(text, &c.report); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAnInterruptEndsWaitingOfEveryKind(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		from  int64 // the first request that finds the server sick
		sick  http.HandlerFunc
		two   bool   // there are two such servers
		says  string // what is said when it waits
		reads bool   // it had begun to read
	}{
		{"for a model to load before the corpus is read", 1, isDown, false, "warming up", false},
		{"for one of two endpoints before the corpus is read", 1, isDown, true, "warming up", false},
		{"for a server that fails", 4, isDown, false, "try 1 failed", true},
		{"for a server that asks for it", 4, asksToWait, false, "the endpoint asks to wait", true},
		{"for a server that is left alone", 4, isDown, false, "the endpoint is left alone", true},
		{"for one of two endpoints", 4, isDown, true, "no endpoint is left", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			config := "embed:\n  model: org/name\n  endpoints:\n    - tei: {url: " + sickFrom(t, test.from, test.sick) + "}\n"
			if test.two {
				config += "    - tei: {url: " + sickFrom(t, test.from, test.sick) + "}\n"
			}
			if err := os.WriteFile(filepath.Join(dir, "c.yaml"), []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			c := stopped(t, filepath.Join(dir, "report.json"), test.says, syscall.SIGTERM,
				"run", corpusOf(t, 200), "-c", filepath.Join(dir, "c.yaml"), "--batch", "4", "--sqlite", filepath.Join(dir, "index.db"))
			if c.code != exitInterrupted || c.report.Outcome != "interrupted" || c.took > 10*time.Second {
				t.Errorf("exit code %d, outcome %s, after %v; want 130, interrupted, soon\n%s", c.code, c.report.Outcome, c.took, c.stderr)
			}
			if strings.Contains(c.stderr, "stopping now") {
				t.Error("it took all of its grace")
			}
			if got := c.report.Read > 0; got != test.reads {
				t.Errorf("%d documents read", c.report.Read)
			}
			if test.reads && (c.report.Unfinished == 0 || !strings.Contains(c.stdout, "unfinished")) || !strings.Contains(c.stdout, "Stopped") {
				t.Errorf("the summary does not say what is left:\n%s", c.stdout)
			}
		})
	}
}

// What a pod gets that is told to stop while its endpoint does not answer.
func TestARunThatIsToldToStopEndsWithinItsGrace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	corpus, rejects, report := filepath.Join(dir, "docs.jsonl"), filepath.Join(dir, "rejects.jsonl"), filepath.Join(dir, "report.json")
	text, err := os.ReadFile(corpusOf(t, 100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(corpus, append([]byte("{\"id\":\"empty\",\"text\":\"\"}\n"), text...), 0o600); err != nil {
		t.Fatal(err)
	}
	arrived := make(chan struct{}, 100)
	url := sickFrom(t, 6, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		hangs(w, r)
	})
	args := func(url string) []string {
		return []string{
			"run", corpus, "--model", "org/name", "--tei", url, "--batch", "4", "--in-flight", "2", "--timeout", "2m",
			"--text", "text", "--id", "id", "--sqlite", filepath.Join(dir, "index.db"), "--rejects", rejects,
		}
	}
	said := make(chan struct{})
	stderr := &told{text: "stopping:", tell: func() { close(said) }}
	var stdout bytes.Buffer
	command := exec.Command("vecload", append(args(url), "--report", report, "--grace", "700ms")...)
	command.Stdout, command.Stderr = &stdout, stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	<-arrived
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	start := time.Now()
	if err := command.Wait(); command.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("%v, want exit code 130\n%s", err, stderr.buffer.String())
	}
	<-said
	if took := time.Since(start); took < 700*time.Millisecond || took > 20*time.Second {
		t.Errorf("it ended after %v, want the grace and little more", took)
	}
	for _, want := range []string{"for 700ms at most", "stopping now"} {
		if !strings.Contains(stderr.buffer.String(), want) {
			t.Errorf("it did not say %q:\n%s", want, stderr.buffer.String())
		}
	}
	if !strings.Contains(stdout.String(), "unfinished") {
		t.Errorf("the summary does not say what is left:\n%s", stdout.String())
	}
	var told runReport
	if text, err = os.ReadFile(report); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &told); err != nil {
		t.Fatal(err)
	}
	if told.Outcome != "interrupted" || told.Unfinished == 0 || told.Rejected != 1 || told.Read != told.Written+told.Rejected+told.Unfinished {
		t.Errorf("the report says %+v", told)
	}
	if text, err = os.ReadFile(rejects); err != nil || bytes.Count(text, []byte("\n")) != 1 || !json.Valid(text) {
		t.Errorf("the rejects are %q, %v; want one whole line", text, err)
	}

	// The lease was given back: the next run begins at once, and goes on.
	well := httptest.NewServer(stubserver.New(stubserver.Options{}))
	defer well.Close()
	again := exec.Command("vecload", append(args(well.URL), "--json")...)
	out, _ := again.Output()
	if err := json.Unmarshal(out, &told); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if told.ExitCode != exitRejects || told.Written+told.Unchanged != 100 || told.Unchanged == 0 {
		t.Errorf("the next run says %+v, want 100 documents in the index and one rejected", told)
	}
}

func TestAnInterruptEndsTheWaitForALease(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	corpus, index := corpusOf(t, 100), filepath.Join(dir, "index.db")
	arrived := make(chan struct{}, 100)
	url := sickFrom(t, 4, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		hangs(w, r)
	})
	first := exec.Command("vecload", "run", corpus, "--model", "org/name", "--tei", url, "--batch", "4", "--sqlite", index)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	<-arrived
	defer func() {
		_ = first.Process.Kill()
		_ = first.Wait()
	}()
	well := httptest.NewServer(stubserver.New(stubserver.Options{}))
	defer well.Close()
	c := stopped(t, filepath.Join(dir, "report.json"), "waiting to see", os.Interrupt,
		"run", corpus, "--model", "org/name", "--tei", well.URL, "--sqlite", index)
	if c.code != exitInterrupted || c.report.Outcome != "interrupted" || c.report.Read != 0 || c.took > 10*time.Second {
		t.Errorf("exit code %d, outcome %s, %d read, after %v; want 130, interrupted, 0, soon\n%s",
			c.code, c.report.Outcome, c.report.Read, c.took, c.stderr)
	}
}
