package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
)

// The exit codes; README.md and `vecload --help` list them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitMisuse      = 2   // wrong use or configuration
	exitRejects     = 3   // done, but some documents were rejected
	exitNotServed   = 4   // no endpoint serves the model
	exitDenied      = 5   // no right or no credit
	exitInterrupted = 130 // as a shell says of a process that SIGINT ended
)

// errRejects ends a run that was completed but rejected documents.
var errRejects = errors.New("some documents were rejected")

// errInterrupted is the cause of a context that a second signal ended.
var errInterrupted = errors.New("interrupted")

// usageError is a wrong use of the command line.
type usageError struct {
	err      error
	hint     string
	unparsed bool // the parser found it, so that no command has begun
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// exitCode is the only place where an error becomes an exit code.
func exitCode(err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRejects):
		return exitRejects
	case errors.Is(err, pipeline.ErrStopped), errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitMisuse
	}
	if _, ok := errors.AsType[*configs.Error](err); ok {
		return exitMisuse
	}
	switch pipeline.Classify(err) {
	case pipeline.Misconfigured:
		return exitMisuse
	case pipeline.NotServed:
		return exitNotServed
	case pipeline.Denied:
		return exitDenied
	case pipeline.Fatal, pipeline.Transient, pipeline.Warming, pipeline.Throttled, pipeline.Oversize, pipeline.Rejected:
		return exitFailed
	}
	return exitFailed
}

// printError tells the user what happened and, on a line of its own, what to
// do about it. What the summary has said already is not said twice.
func printError(w io.Writer, err error) {
	switch {
	case err == nil, errors.Is(err, errRejects), errors.Is(err, pipeline.ErrStopped):
		return
	case errors.Is(err, errInterrupted), errors.Is(err, errResolved), errors.Is(err, errDiffers):
		return
	}
	if problems, ok := errors.AsType[*configs.Error](err); ok {
		fmt.Fprintln(w, problems.Error())
		return
	}
	fmt.Fprintf(w, "vecload: %s\n", printableLines(err.Error()))
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(w, "  → %s\n", printableLines(hint))
	}
}

// printableLines is [printable] for a text of several lines. Errors name files,
// columns and ids, which are called as somebody liked.
func printableLines(s string) string {
	lines := strings.Split(strings.ToValidUTF8(s, "\uFFFD"), "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

// hintOf says what the user can do about err, "" when nothing is known.
func hintOf(err error) string {
	if usage, ok := errors.AsType[*usageError](err); ok {
		return usage.hint
	}
	return pipeline.Hint(err)
}
