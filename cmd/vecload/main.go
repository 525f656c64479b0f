// Command vecload turns a corpus of documents into a vector index and keeps
// it fresh.
//
// Package main is the composition root: one file a command, assemble.go
// where sources, embedders and indexes are put together, exit.go where errors
// become exit codes. Nothing else of the program knows more than one adapter.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
)

// version and commit are set by the linker (see the Makefile).
var version, commit string

// process is what a command may touch of the process it runs in.
type process struct {
	args      []string // without the program's name
	stdin     *os.File
	stdout    io.Writer
	stderr    io.Writer
	lookupEnv func(string) (string, bool)
	signals   <-chan os.Signal // SIGINT and SIGTERM
}

func main() {
	// net/http writes what a server sends unasked to the standard logger,
	// word for word; nothing else uses it.
	log.SetOutput(io.Discard)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(run(context.Background(), process{
		args:      os.Args[1:],
		stdin:     os.Stdin,
		stdout:    os.Stdout,
		stderr:    os.Stderr,
		lookupEnv: os.LookupEnv,
		signals:   signals,
	}))
}
