package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// patience is how long a run may take that is not killed.
	patience = 2 * time.Minute
	// grace is how long one may take that was asked to end: the time that the
	// endpoint and the index need for an answer here, and much more.
	grace = 10 * time.Second
	// wait is how long a run may take longer than one that follows nobody who
	// was killed, or a little less than the shortest lease that it would have
	// waited for.
	wait = 25 * time.Second
)

// runReport is what vecload says of a run.
type runReport struct {
	Outcome    string `json:"outcome"`
	ExitCode   int    `json:"exit_code"`
	Error      string `json:"error"`
	Published  string `json:"published"`
	Read       int64  `json:"read"`
	Written    int64  `json:"written"`
	Unchanged  int64  `json:"unchanged"`
	Rejected   int64  `json:"rejected"`
	Unfinished int64  `json:"unfinished"`
	Deleted    int64  `json:"deleted"`
	Requests   int64  `json:"requests"`
}

// check finds out whether the numbers add up.
func (r runReport) check() error {
	if r.Read != r.Written+r.Unchanged+r.Rejected+r.Unfinished {
		return fmt.Errorf("the report's numbers do not add up: %+v", r)
	}
	return nil
}

// ended is how a run ended.
type ended struct {
	code     int
	killed   bool // by a signal that it did not catch
	sent     bool // a signal was sent before it ended
	after    time.Duration
	took     time.Duration
	report   runReport
	reported bool
	stderr   string
}

// finished reports whether the run came to its end.
func (e *ended) finished() bool { return !e.killed && (e.code == 0 || e.code == 3) }

// child is the program, and where it runs.
type child struct {
	program string
	folder  string
	events  *events
}

// run starts the program and waits for its end. It is killed at the moment,
// unless that is nil or the run ends before. prepare is called with the
// number of the run before it starts.
func (c child) run(ctx context.Context, at *moment, watch func(ctx context.Context, what string) error, prepare func(run int) error, args ...string) (ended, error) {
	if at == nil {
		at = &moment{event: "never"}
	}
	reportFile := filepath.Join(c.folder, "report.json")
	if err := os.Remove(reportFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		return ended{}, err
	}
	run, hit, dead := c.events.begin(at.event, at.nth, at.hold)
	defer close(dead)
	if err := prepare(run); err != nil {
		return ended{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, c.program, append([]string{"run", "-c", "vecload.yaml", "--report", "report.json"}, args...)...) //nolint:gosec // what is tried
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.folder, &stdout, &stderr
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return ended{}, err
	}
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()

	if what, ok := strings.CutPrefix(at.event, "file "); ok {
		seen := make(chan struct{})
		watching, stop := context.WithCancel(ctx)
		watched := make(chan struct{})
		go func() {
			defer close(watched)
			if watch(watching, what) == nil {
				close(seen)
			}
		}()
		defer func() {
			stop()
			<-watched
		}()
		hit = seen
	}
	out := ended{}
	err := out.end(cmd, at, started, hit, gone)
	out.took = time.Since(started)
	out.stderr = stderr.String()
	if ctx.Err() != nil {
		return out, fmt.Errorf("vecload did not end within %s:\n%s", patience, out.stderr)
	}
	if text, err := os.ReadFile(reportFile); err == nil {
		out.reported = true
		if err := errors.Join(json.Unmarshal(text, &out.report), out.report.check()); err != nil {
			return out, err
		}
	}
	return out, err
}

// end waits for the moment, sends the signal, and waits for the end.
func (e *ended) end(cmd *exec.Cmd, at *moment, started time.Time, hit <-chan struct{}, gone <-chan error) error {
	var failed error
	timer := time.NewTimer(at.delay)
	defer timer.Stop()
	if at.event != "" {
		select {
		case <-hit:
			timer.Reset(at.delay)
		case failed = <-gone:
			return e.note(cmd, failed)
		}
	}
	select {
	case <-timer.C:
	case failed = <-gone:
		return e.note(cmd, failed)
	}
	signal := syscall.SIGKILL
	if at.term {
		signal = syscall.SIGTERM
	}
	e.after = time.Since(started)
	e.sent = cmd.Process.Signal(signal) == nil
	if !at.term {
		return e.note(cmd, <-gone)
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case failed = <-gone:
		return e.note(cmd, failed)
	case <-late.C:
		_ = cmd.Process.Kill() // it is a failure already
		failed = <-gone
		return errors.Join(fmt.Errorf("vecload did not end within %s of SIGTERM", grace), e.note(cmd, failed))
	}
}

func (e *ended) note(cmd *exec.Cmd, err error) error {
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		return err
	}
	e.code = cmd.ProcessState.ExitCode()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok {
		e.killed = status.Signaled()
	}
	return nil
}
