// Command bench measures vecload as a person would run it: the program as a
// child process, between an embedding server and a Qdrant that run in other
// processes and cost little, on a corpus that it makes. See
// docs/performance.md.
//
//	bench [run]    documents a second, CPU time and memory, case by case
//	bench stages   reading, embedding and writing, each alone
//	bench memory   how memory develops within a run, and with its size
//	bench scale    what a document costs in corpora of different sizes
//	bench chart    draw what was measured
//	bench profile  CPU and heap profiles of a case
//	bench corpus   write a corpus
//
// Each takes -help. The commands endpoint, qdrant, plain and bare are the other
// processes of a measurement: servers that print their address and serve
// until their standard input ends, and the programs to compare with.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	command := "run"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command, args = args[0], args[1:]
	}
	if command == "endpoint" || command == "qdrant" {
		debug.SetGCPercent(400) // servers shall cost little, and hold little
	}
	switch command {
	case "run":
		return runCases(ctx, args, stdout, stderr)
	case "stages":
		return runStages(ctx, args, stdout, stderr)
	case "memory":
		return runMemory(ctx, args, stdout, stderr)
	case "scale":
		return runScale(ctx, args, stdout, stderr)
	case "chart":
		return runChart(ctx, args, stdout)
	case "profile":
		return runProfile(ctx, args, stdout, stderr)
	case "corpus":
		return runCorpus(args, stdout)
	case "endpoint":
		return serveEndpoint(ctx, args, stdin, stdout)
	case "qdrant":
		return serveQdrant(args, stdin, stdout) //nolint:contextcheck // it ends with its input
	case "plain":
		return runPlain(ctx, args, stdout)
	case "bare":
		return runBare(ctx, args, stdout)
	}
	return fmt.Errorf("unknown command %q: run, stages, memory, scale, chart, profile or corpus", command)
}

// runCorpus writes one corpus and prints its file.
func runCorpus(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("bench corpus", flag.ContinueOnError)
	var c corpus
	folder := flags.String("dir", ".", "write into `DIR`")
	flags.IntVar(&c.Documents, "docs", 100_000, "`N` documents")
	flags.IntVar(&c.Words, "words", 100, "`N` words a document")
	flags.StringVar(&c.Format, "format", "jsonl", "jsonl, jsonl.gz or parquet")
	if err := flags.Parse(args); err != nil {
		return err
	}
	name, err := c.ensure(*folder)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, name)
	return err
}
