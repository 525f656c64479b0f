package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// choice is what the flags of a call ask for.
type choice struct {
	vecload, folder, json string
	docs, repeats         int
	only                  string
	list                  bool
	override              scenario // what is not zero replaces what a case says
}

func (c *choice) flags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.StringVar(&c.vecload, "vecload", "./bin/vecload", "measure `PROGRAM`")
	flags.StringVar(&c.folder, "dir", filepath.Join(os.TempDir(), "vecload-bench"), "keep corpora in `DIR`")
	flags.StringVar(&c.json, "json", "", "write the results as JSON to `FILE`")
	return flags
}

func (c *choice) parse(args []string) error {
	flags := c.flags("bench run")
	flags.StringVar(&c.only, "case", "", "run `NAMES`, separated by commas; \"all\" runs all; by default a set of a few minutes")
	flags.BoolVar(&c.list, "list", false, "list the cases")
	flags.IntVar(&c.docs, "docs", 100_000, "`N` documents; the case latency has twice as many")
	flags.IntVar(&c.repeats, "n", 5, "measure `N` times, and tell the medians")
	flags.IntVar(&c.override.Corpus.Words, "words", 0, "`N` words a document")
	flags.StringVar(&c.override.Corpus.Format, "format", "", "jsonl, jsonl.gz or parquet")
	flags.IntVar(&c.override.Dim, "dim", 0, "`N` numbers a vector")
	flags.IntVar(&c.override.Batch, "batch", 0, "`N` texts a request")
	flags.IntVar(&c.override.InFlight, "in-flight", 0, "`N` requests at once")
	flags.DurationVar(&c.override.Latency, "latency", 0, "`DURATION` of each answer of the endpoint")
	flags.IntVar(&c.override.Limit, "limit", 0, "have the endpoint answer 429 to more than `N` requests at once")
	flags.IntVar(&c.override.MaxBatch, "max-batch", 0, "have the endpoint refuse requests of more than `N` texts")
	return flags.Parse(args)
}

// chosen returns the scenarios to run, with everything set.
func (c *choice) chosen() ([]scenario, error) {
	names := strings.Split(c.only, ",")
	var out []scenario
	for _, s := range scenarios() {
		if c.only == "" && s.chosen || c.only == "all" || slices.Contains(names, s.Name) {
			s.Corpus.Documents = c.docs * max(s.times, 1)
			replace(&s.Corpus.Words, c.override.Corpus.Words)
			replace(&s.Corpus.Format, c.override.Corpus.Format)
			replace(&s.Batch, c.override.Batch)
			replace(&s.InFlight, c.override.InFlight)
			replace(&s.Latency, c.override.Latency)
			if s.Protocol != "builtin" {
				replace(&s.Dim, c.override.Dim)
			}
			replace(&s.Limit, c.override.Limit)
			replace(&s.MaxBatch, c.override.MaxBatch)
			if s.Limit > 0 || s.MaxBatch > 0 || s.Corpus.Format != "jsonl" {
				s.plain, s.bare = false, false // they know nothing of these
			}
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no case is named %s; -list lists them", c.only)
	}
	return out, nil
}

func replace[T comparable](to *T, by T) {
	var zero T
	if by != zero {
		*to = by
	}
}

func runCases(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var c choice
	if err := c.parse(args); err != nil {
		return err
	}
	if c.list {
		for _, s := range scenarios() {
			fmt.Fprintf(stdout, "%-15s %s\n", s.Name, s)
		}
		return nil
	}
	cases, err := c.chosen()
	if err != nil {
		return err
	}
	b, m, err := newBench(ctx, c.vecload, c.folder, stderr)
	if err != nil {
		return err
	}
	all := results{Machine: m, When: now()}
	for _, s := range cases {
		some, err := b.repeat(ctx, s, c.repeats)
		if err != nil {
			return err
		}
		all.Cases = append(all.Cases, some...)
	}
	if c.only == "" || c.only == "all" {
		if err := b.parts(ctx, &all, c.docs, c.repeats); err != nil {
			return err
		}
	}
	all.Goals = all.goals()
	if err := saveJSON(c.json, all); err != nil {
		return err
	}
	return all.print(stdout)
}

// parts measures what belongs to no case.
func (b bench) parts(ctx context.Context, all *results, documents, n int) (err error) {
	if all.Stages, err = b.stages(ctx, documents, n); err != nil {
		return err
	}
	all.Decode, err = measureDecoding(ctx, b.folder, n)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(b.stderr, "decoding alone is measured in the folder of the source only")
		return nil
	}
	return err
}

// repeat measures the programs of a scenario n times in turns: what else the
// machine does then troubles all of them.
func (b bench) repeat(ctx context.Context, s scenario, n int) ([]result, error) {
	var out []result
	for _, p := range s.programs() {
		out = append(out, result{Program: p, Scenario: s})
	}
	for turn := range n {
		for i := range out {
			fmt.Fprintf(b.stderr, "%s, %s, %d of %d\n", s.Name, out[i].Program, turn+1, n)
			m, err := b.run(ctx, s, out[i].Program)
			if err != nil {
				return nil, err
			}
			out[i].Runs = append(out[i].Runs, m)
		}
	}
	for i := range out {
		out[i].summarise()
	}
	return out, nil
}

// versionOf asks a vecload what it is.
func versionOf(ctx context.Context, program string) (string, error) {
	out, err := exec.CommandContext(ctx, program, "version", "--json").Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", program, err)
	}
	var v struct{ Version, Commit string }
	if err := json.Unmarshal(out, &v); err != nil {
		return "", fmt.Errorf("%s version --json: %w", program, err)
	}
	return v.Version + " (" + v.Commit + ")", nil
}

// saveJSON writes v to a file, or nothing where no file is named.
func saveJSON(name string, v any) error {
	if name == "" {
		return nil
	}
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(data, '\n'), 0o644)
}
