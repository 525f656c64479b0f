package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// growth is how the memory of runs over corpora of several sizes develops.
type growth struct {
	Machine machine `json:"machine"`
	When    string  `json:"when"` // RFC 3339
	Curves  []curve `json:"curves"`
}

// curve is the memory within one run.
type curve struct {
	Scenario scenario `json:"scenario"`
	Peak     int64    `json:"peak_rss_bytes"`
	Rate     float64  `json:"docs_per_second"`
	CPU      float64  `json:"cpu_seconds_per_million"`
	Points   []sample `json:"points"` // a few hundred
}

// runMemory measures short documents, of which a run holds the most at once
// for its bytes, and whose number is what its memory could grow with.
func runMemory(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var c choice
	flags := c.flags("bench memory")
	list := flags.String("sizes", "100000,250000,500000,1000000", "runs of `N,N,…` documents")
	indexes := flags.String("index", "sqlite,qdrant", "write to `INDEXES`")
	chart := flags.String("chart", "", "draw the longest runs into `FILE.svg`")
	wide := flags.Bool("wide", false, "measure Parquet files of one row group with a million rows, and of 1,000 columns, instead")
	large := flags.Bool("large", false, "measure documents of 10 MB instead, as one text each and in chunks, JSON lines and Parquet")
	from := flags.String("from", "", "measure nothing, and take what is in `FILES`, separated by commas, that -json wrote")
	if err := flags.Parse(args); err != nil {
		return err
	}
	all, err := kept(*from)
	if err == nil && *from == "" {
		var cases []scenario
		if cases, err = memoryCases(*indexes, *list, *large, *wide); err == nil {
			all, err = c.grow(ctx, cases, stderr)
		}
	}
	if err != nil {
		return err
	}
	if err := saveJSON(c.json, all); err != nil {
		return err
	}
	if *chart != "" {
		if err := saveChart(*chart, all.longest()); err != nil {
			return err
		}
	}
	if *large || *wide {
		all.printPeaks(stdout)
	} else {
		all.print(stdout)
	}
	return nil
}

// grow measures all cases.
func (c *choice) grow(ctx context.Context, cases []scenario, stderr io.Writer) (growth, error) {
	b, m, err := newBench(ctx, c.vecload, c.folder, stderr)
	if err != nil {
		return growth{}, err
	}
	all := growth{Machine: m, When: now()}
	for _, s := range cases {
		one, err := b.curve(ctx, s)
		if err != nil {
			return all, err
		}
		all.Curves = append(all.Curves, one)
	}
	return all, nil
}

// kept returns the curves of files, as measured where the last one was.
func kept(names string) (growth, error) {
	var all growth
	if names == "" {
		return all, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		data, err := os.ReadFile(name)
		if err != nil {
			return all, err
		}
		before := all.Curves
		all = growth{}
		if err := json.Unmarshal(data, &all); err != nil {
			return all, fmt.Errorf("%s: %w", name, err)
		}
		all.Curves = append(before, all.Curves...)
	}
	return all, nil
}

// memoryCases lists what runMemory measures.
func memoryCases(indexes, sizes string, large, wide bool) ([]scenario, error) {
	var out []scenario
	for index := range strings.SplitSeq(indexes, ",") {
		if index != "sqlite" && index != "qdrant" {
			return nil, fmt.Errorf("-index: %q is neither sqlite nor qdrant", index)
		}
		s := scenario{
			Name: "memory-" + index, Protocol: "huggingface", Index: index, Dim: 384, Batch: 32, InFlight: 8,
			Corpus: corpus{Words: shortWords, Format: "jsonl"},
		}
		if large {
			out = append(out, largeCases(s)...)
		}
		if wide {
			out = append(out, wideCases(s)...)
		}
		if large || wide {
			continue
		}
		for size := range strings.SplitSeq(sizes, ",") {
			documents, err := strconv.Atoi(size)
			if err != nil {
				return nil, fmt.Errorf("-sizes: %w", err)
			}
			s.Corpus.Documents = documents
			out = append(out, s)
		}
	}
	return out, nil
}

func (b bench) curve(ctx context.Context, s scenario) (curve, error) {
	documents := s.Corpus.Documents
	fmt.Fprintf(b.stderr, "%s, %d documents of %d words, %s\n", s.Name, documents, s.Corpus.Words, s.Corpus.Format)
	m, err := b.run(ctx, s, vecload)
	if err != nil {
		return curve{}, err
	}
	return curve{
		Scenario: s, Peak: m.Peak, Rate: float64(documents) / m.Seconds,
		CPU: (m.User + m.System) / float64(documents) * 1e6, Points: thin(m.Samples, 250),
	}, nil
}

// thin keeps of each of n stretches of samples the one with the most memory.
func thin(samples []sample, n int) []sample {
	if len(samples) <= n {
		return samples
	}
	out := make([]sample, n)
	for i, s := range samples {
		place := i * n / len(samples)
		if s.RSS > out[place].RSS {
			out[place] = s
		}
	}
	return out
}

// longest returns the run over the most documents for each index.
func (g growth) longest() []curve {
	var out []curve
	for _, c := range g.Curves {
		n := len(out)
		switch {
		case n == 0 || out[n-1].Scenario.Index != c.Scenario.Index:
			out = append(out, c)
		case out[n-1].Scenario.Corpus.Documents < c.Scenario.Corpus.Documents:
			out[n-1] = c
		}
	}
	return out
}

// print writes how much memory there was at parts of each run.
func (g growth) print(to io.Writer) {
	fmt.Fprintf(to, "\n%s\n\n", g.Machine)
	fmt.Fprintln(to, "| index | documents | RSS MB at 10 % | at 25 % | at 50 % | at 75 % | at 100 % | peak MB | docs/s | CPU s/million |")
	fmt.Fprintln(to, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, c := range g.Curves {
		fmt.Fprintf(to, "| %s | %d |", c.Scenario.Index, c.Scenario.Corpus.Documents)
		for _, share := range []float64{0.1, 0.25, 0.5, 0.75, 1} {
			fmt.Fprintf(to, " %.0f |", float64(c.at(share))/1e6)
		}
		fmt.Fprintf(to, " %.0f | %.0f | %.1f |\n", float64(c.Peak)/1e6, c.Rate, c.CPU)
	}
}

// at returns the memory when a share of the documents was read: the median of
// the samples of the twentieth of the run before it, since a collector lets
// memory swing.
func (c curve) at(share float64) int64 {
	var values []float64
	for _, p := range c.Points {
		done := float64(p.Documents) / float64(c.Scenario.Corpus.Documents)
		if done > share-0.05 && done <= share {
			values = append(values, float64(p.RSS))
		}
	}
	return int64(median(values))
}
