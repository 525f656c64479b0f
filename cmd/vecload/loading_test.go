package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// secretToken is the token that runs of [loading] send. Nothing that the
// program writes may hold it.
const secretToken = "hf_" + "theTokenThatNobodyMaySee"

// loading is a run of the program over a corpus, as a child process.
type loading struct {
	kind, url string // of the endpoint, as its flag is called
	corpus    string
	index     string   // a file
	flags     []string // more of them
}

// loaded is what became of it.
type loaded struct {
	code   int
	stderr string
	report struct {
		Read, Written, Unchanged, Rejected, Unfinished int64
		Outcome                                        string
	}
	rejects []string // the lines of the file
	peak    int64    // bytes of memory
	took    time.Duration
}

// run starts the program and waits for its end, within three minutes.
func (l loading) run(t *testing.T) loaded {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	report, rejects := filepath.Join(t.TempDir(), "report.json"), filepath.Join(t.TempDir(), "rejects.jsonl")
	args := []string{
		"run", l.corpus, "--sqlite", l.index, "--batch", "8", "--in-flight", "2", "--quiet",
		"--report", report, "--rejects", rejects,
	}
	if l.kind != "" {
		args = append(args, "--model", "org/name", "--"+l.kind, l.url, "--token", "${VECLOAD_TEST_TOKEN}")
	}
	if l.kind == "raw" {
		args = append(args, "--input", "image", "--image", "picture")
	}
	command := exec.CommandContext(ctx, "vecload", append(args, l.flags...)...)
	// Nobody asks the real Hub.
	command.Env = append(os.Environ(), "VECLOAD_TEST_TOKEN="+secretToken, "HF_ENDPOINT=http://127.0.0.1:9")
	var out, stderr bytes.Buffer
	command.Stdout, command.Stderr = &out, &stderr
	began := time.Now()
	err := command.Run()
	done := loaded{stderr: stderr.String(), took: time.Since(began)}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && ctx.Err() == nil {
		done.code = exit.ExitCode()
	} else if err != nil {
		t.Fatalf("vecload %s: %v\n%s", strings.Join(args, " "), err, done.stderr)
	}
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		done.peak = usage.Maxrss
		if runtime.GOOS != "darwin" {
			done.peak *= 1024
		}
	}
	written, err := os.ReadFile(report)
	if err != nil {
		t.Fatalf("there is no report: %v\n%s", err, done.stderr)
	}
	if err := json.Unmarshal(written, &done.report); err != nil {
		t.Fatal(err)
	}
	refused, err := os.ReadFile(rejects)
	if err == nil {
		done.rejects = strings.Split(strings.TrimSuffix(string(refused), "\n"), "\n")
	}
	for what, text := range map[string]string{"standard output": out.String(), "standard error": done.stderr, "the report": string(written)} {
		if strings.Contains(text, secretToken) {
			t.Errorf("%s holds the token:\n%s", what, text)
		}
		if strings.Contains(text, "the text of document") {
			t.Errorf("%s holds the text of a document:\n%s", what, text)
		}
	}
	done.balanced(t)
	if done.peak > mostMemory {
		t.Errorf("the program took %d MB", done.peak>>20)
	}
	return done
}

// balanced makes sure that every document is accounted for.
func (l loaded) balanced(t *testing.T) {
	t.Helper()
	r := l.report
	if r.Read != r.Written+r.Unchanged+r.Rejected+r.Unfinished || r.Rejected != int64(len(l.rejects)) {
		t.Errorf("the report is not balanced: %+v, and %d lines of rejects", r, len(l.rejects))
	}
	if finished := l.code == exitDone || l.code == exitRejects; finished && r.Unfinished > 0 {
		t.Errorf("exit code %d, and %d documents are unfinished", l.code, r.Unfinished)
	}
}

// wantCode wants the run to have ended so.
func (l loaded) wantCode(t *testing.T, code int) {
	t.Helper()
	if l.code != code {
		t.Errorf("exit code %d, want %d: %s", l.code, code, l.stderr)
	}
}

// wantTold wants a message that names the endpoint and says what happened.
func (l loaded) wantTold(t *testing.T, words ...string) {
	t.Helper()
	for _, word := range append(words, "\n  → ") {
		if !strings.Contains(l.stderr, word) {
			t.Errorf("%q is not told: %s", word, l.stderr)
		}
	}
}

// wantIndex wants an index to hold the points that are wanted, all of them or,
// where the run was not finished, only such.
func wantIndex(t *testing.T, path, want string, all bool) {
	t.Helper()
	got := ""
	if _, err := os.Stat(path); err == nil {
		if got, err = dumpIndex(path); err != nil && all {
			t.Error(err)
			return
		}
	}
	if all && got == want {
		return
	}
	known := map[string]bool{}
	for line := range strings.Lines(want) {
		known[line] = true
	}
	points := 0
	for line := range strings.Lines(got) {
		points++
		if !known[line] {
			t.Errorf("a point that a run without faults does not make: %.200s", line)
			return
		}
	}
	if all {
		t.Errorf("the index holds %d points, and that of a run without faults %d", points, len(known))
	}
}
