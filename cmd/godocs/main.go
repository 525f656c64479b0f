// Command godocs makes a corpus of the documentation of the Go standard
// library, which is on every machine that has Go: one document an exported
// symbol, as JSON lines and as Parquet with the same content.
//
//	godocs -out DIR [-goroot DIR]
//
// It writes DIR/godocs.jsonl and DIR/godocs.parquet. The same version of Go
// gives the same files everywhere: what depends on the platform is taken as on
// linux/amd64.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "godocs:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("godocs", flag.ContinueOnError)
	folder := flags.String("out", "demo", "write godocs.jsonl and godocs.parquet into `DIR`")
	goroot := flags.String("goroot", "", "read the Go distribution in `DIR`; by default the one of the go command")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *goroot == "" {
		found, err := findGoroot(ctx)
		if err != nil {
			return err
		}
		*goroot = found
	}
	documents, err := extract(ctx, *goroot)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*folder, 0o755); err != nil {
		return err
	}
	jsonl := filepath.Join(*folder, "godocs.jsonl")
	parquet := filepath.Join(*folder, "godocs.parquet")
	if err := create(jsonl, documents, writeJSONL); err != nil {
		return err
	}
	if err := create(parquet, documents, writeParquet); err != nil {
		return err
	}
	packages := 0
	for _, d := range documents {
		if d.Kind == kindPackage {
			packages++
		}
	}
	_, err = fmt.Fprintf(out, "%d documents of %d packages\n%s\n%s\n", len(documents), packages, jsonl, parquet)
	return err
}

// findGoroot asks the go command, since the program may have been built on
// another machine.
func findGoroot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("ask the go command for GOROOT: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// create writes the documents into a file that is there whole or not at all.
func create(name string, documents []document, write func(io.Writer, []document) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err := write(f, documents); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
