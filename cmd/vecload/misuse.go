package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// reportBegin is how every report begins.
const reportBegin = "{\n  \"outcome\": "

// unread is the outcome of a command whose configuration cannot be read. It is
// reported all the same: nobody watches a night job.
func unread(c *cli.Context, err error) outcome {
	kept := append(c.Args().Slice(), configFile(c))
	return outcome{started: time.Now(), err: err, reportFile: misuseReport(c.String("report"), kept...)}
}

// misuseReport is the file that a report goes to while nobody knows yet what
// else a run reads and writes: nothing there is overwritten but a report. It is
// "" where there is no such file.
func misuseReport(path string, kept ...string) string {
	if path == "" || writable(path) != nil || regular(path) && !holdsReport(path) {
		return ""
	}
	if slices.ContainsFunc(kept, func(file string) bool { return sameFile(file, path) }) {
		return ""
	}
	return path
}

// holdsReport reports whether a file is missing, empty or begins as a report
// does.
func holdsReport(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	defer file.Close() //nolint:errcheck // opened for reading
	begin := make([]byte, len(reportBegin))
	n, err := io.ReadFull(file, begin)
	return n == 0 && errors.Is(err, io.EOF) || bytes.Equal(begin, []byte(reportBegin))
}

// reportMisuse writes the report of a command line that could not be
// understood as a whole, where it says where the report goes.
func reportMisuse(app *cli.App, args []string, err error) error {
	usage, ok := errors.AsType[*usageError](err)
	if !ok || !usage.unparsed || len(args) == 0 {
		return nil
	}
	command := app.Command(args[0])
	if command == nil || !takesValue(command, "report") {
		return nil
	}
	path := misuseReport(valueOf("report", args[1:]))
	if path == "" {
		return nil
	}
	return saveReport(path, outcome{started: time.Now(), err: err})
}

// valueOf is the value of an option on a command line, "" where there is none.
func valueOf(name string, args []string) string {
	for i, arg := range args {
		option, value, assigned := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch {
		case arg == "--":
			return ""
		case option != name || !strings.HasPrefix(arg, "-"):
		case assigned:
			return value
		case i+1 < len(args) && !strings.HasPrefix(args[i+1], "--"):
			return args[i+1]
		}
	}
	return ""
}
