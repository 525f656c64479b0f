package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// helper is a server in a process of its own. It ends when this process ends,
// however that comes: its standard input ends with it.
type helper struct {
	url    string
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout *bufio.Reader
	before float64 // seconds of CPU that do not count
}

// startHelper runs a command of this program, and waits until it serves.
func startHelper(ctx context.Context, stderr io.Writer, args ...string) (*helper, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...) //nolint:gosec // this very program
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	h := &helper{cmd: cmd, stdin: stdin, stdout: bufio.NewReader(stdout)}
	line, err := h.stdout.ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("bench %s did not start: %w", args[0], err), stdin.Close(), cmd.Wait())
	}
	h.url = strings.TrimSpace(line)
	return h, nil
}

// restart counts the server's CPU time from now on.
func (h *helper) restart() { h.before = cpuOf(h.cmd.Process.Pid) }

// stop ends the server and returns what it served.
func (h *helper) stop() (s served, err error) {
	err = h.stdin.Close()
	err = errors.Join(err, json.NewDecoder(h.stdout).Decode(&s))
	err = errors.Join(err, h.cmd.Wait())
	s.cpu = (h.cmd.ProcessState.UserTime() + h.cmd.ProcessState.SystemTime()).Seconds() - h.before
	return s, err
}
