package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"text/tabwriter"
	"time"
)

// stage is a part of vecload's work alone: the reader without a consumer, the
// client of a protocol without an index, an index without an embedder. It is
// measured in this process, whose collector runs as by default.
type stage struct {
	name string
	do   func(ctx context.Context, b bench, documents int) (stageRun, error)
}

// stageRun is one measurement of a stage.
type stageRun struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
	Bytes   int64   `json:"bytes,omitempty"` // of the file that was read
}

// stageResult tells the medians of its runs.
type stageResult struct {
	Name      string     `json:"name"`
	Documents int        `json:"documents"`
	Rate      float64    `json:"docs_per_second"`
	CPU       float64    `json:"cpu_seconds_per_million"`
	Bytes     float64    `json:"bytes_per_second,omitempty"`
	Runs      []stageRun `json:"runs"`
}

func stages() []stage {
	return []stage{
		{"read jsonl", reading("jsonl")},
		{"read jsonl.gz", reading("jsonl.gz")},
		{"read parquet", reading("parquet")},
		{"embed builtin", embedding("builtin")},
		{"embed huggingface", embedding("huggingface")},
		{"embed tei", embedding("tei")},
		{"embed openai, base64", embedding("openai")},
		{"write qdrant", writingQdrant},
		{"write sqlite", writingSQLite},
	}
}

// stages measures all stages n times, in turns.
func (b bench) stages(ctx context.Context, documents, n int) ([]stageResult, error) {
	all := stages()
	out := make([]stageResult, len(all))
	for turn := range n {
		for i, s := range all {
			fmt.Fprintf(b.stderr, "%s, %d of %d\n", s.name, turn+1, n)
			run, err := s.do(ctx, b, documents)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			out[i].Name, out[i].Documents = s.name, documents
			out[i].Runs = append(out[i].Runs, run)
		}
	}
	for i := range out {
		out[i].summarise()
	}
	return out, nil
}

// timed measures work in this process. What was left by what came before is
// collected first.
func timed(work func() error) (stageRun, error) {
	runtime.GC()
	before, start := cpuOf(os.Getpid()), time.Now()
	err := work()
	return stageRun{Seconds: time.Since(start).Seconds(), CPU: cpuOf(os.Getpid()) - before}, err
}

func (r *stageResult) summarise() {
	documents := float64(r.Documents)
	r.Rate = r.median(func(s stageRun) float64 { return documents / s.Seconds })
	r.CPU = r.median(func(s stageRun) float64 { return s.CPU / documents * 1e6 })
	r.Bytes = r.median(func(s stageRun) float64 { return float64(s.Bytes) / s.Seconds })
}

func (r *stageResult) median(of func(stageRun) float64) float64 {
	values := make([]float64, len(r.Runs))
	for i, s := range r.Runs {
		values[i] = of(s)
	}
	return median(values)
}

// stageTable writes the stages as a table, in Markdown.
func stageTable(to io.Writer, stages []stageResult) error {
	fmt.Fprintf(to, "\nstages alone, %d documents, medians of %d\n\n", stages[0].Documents, len(stages[0].Runs))
	rows := tabwriter.NewWriter(to, 0, 0, 1, ' ', 0)
	fmt.Fprintln(rows, "| stage\t| docs/s\t| CPU s/million\t| MB/s of the file\t|")
	fmt.Fprintln(rows, "| ---\t| ---:\t| ---:\t| ---:\t|")
	for _, s := range stages {
		speed := ""
		if s.Bytes > 0 {
			speed = fmt.Sprintf("%.0f", s.Bytes/1e6)
		}
		fmt.Fprintf(rows, "| %s\t| %.0f\t| %.1f\t| %s\t|\n", s.Name, s.Rate, s.CPU, speed)
	}
	return rows.Flush()
}

// runStages measures the stages and decoding, and no case.
func runStages(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var c choice
	flags := c.flags("bench stages")
	flags.IntVar(&c.docs, "docs", 100_000, "`N` documents")
	flags.IntVar(&c.repeats, "n", 5, "measure `N` times, and tell the medians")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(c.folder, 0o755); err != nil {
		return err
	}
	b := bench{folder: c.folder, stderr: stderr}
	all := results{Machine: thisMachine("in this process"), When: now()}
	if err := b.parts(ctx, &all, c.docs, c.repeats); err != nil {
		return err
	}
	if err := saveJSON(c.json, all); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n%s\n", all.Machine)
	return all.print(stdout)
}
