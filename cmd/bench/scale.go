package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
)

// scaling is what documents cost in corpora of different sizes.
type scaling struct {
	Machine machine  `json:"machine"`
	When    string   `json:"when"` // RFC 3339
	Sizes   []result `json:"sizes"`
	// Starts are runs over one document: what a process costs whatever it
	// does then.
	Starts []result `json:"starts"`
}

// runScale measures short documents, as bench memory does, so that the
// largest corpora have room on a disk.
func runScale(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var c choice
	flags := c.flags("bench scale")
	list := flags.String("sizes", "10000,100000,1000000", "runs of `N,N,…` documents; 10000000 takes minutes, and with SQLite 20 GB and hours")
	indexes := flags.String("index", "qdrant,sqlite", "write to `INDEXES`")
	words := flags.Int("words", shortWords, "`N` words a document")
	flags.IntVar(&c.repeats, "n", 3, "measure `N` times, and tell the medians; corpora of a million and more once")
	chart := flags.String("chart", "", "draw the cost of a document into `FILE.svg`")
	from := flags.String("from", "", "measure nothing, and take what is in `FILE`, that -json wrote")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var all scaling
	var err error
	if *from != "" {
		all, err = keptScaling(*from)
	} else {
		all, err = c.scale(ctx, *indexes, *list, *words, stderr)
	}
	if err != nil {
		return err
	}
	if err := saveJSON(c.json, all); err != nil {
		return err
	}
	if *chart != "" {
		if err := os.WriteFile(*chart, []byte(all.draw()), 0o644); err != nil {
			return err
		}
	}
	return all.print(stdout)
}

func keptScaling(name string) (all scaling, err error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return all, err
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return all, fmt.Errorf("%s: %w", name, err)
	}
	if len(all.Sizes) == 0 {
		return all, fmt.Errorf("%s holds no sizes", name)
	}
	return all, nil
}

func (c *choice) scale(ctx context.Context, indexes, sizes string, words int, stderr io.Writer) (scaling, error) {
	cases, err := scaleCases(indexes, sizes, words)
	if err != nil {
		return scaling{}, err
	}
	b, m, err := newBench(ctx, c.vecload, c.folder, stderr)
	if err != nil {
		return scaling{}, err
	}
	all := scaling{Machine: m, When: now()}
	for _, s := range cases {
		n := c.repeats
		if s.Corpus.Documents >= 1_000_000 {
			n = 1
		}
		some, err := b.repeat(ctx, s, n)
		if err != nil {
			return all, err
		}
		if s.Corpus.Documents == 1 {
			all.Starts = append(all.Starts, some...)
		} else {
			all.Sizes = append(all.Sizes, some...)
		}
	}
	return all, nil
}

// scaleCases lists the runs, for each index one over a single document first.
// Answers are in base64, which costs the least, so that the rest shows.
func scaleCases(indexes, sizes string, words int) ([]scenario, error) {
	var out []scenario
	for index := range strings.SplitSeq(indexes, ",") {
		if index != "sqlite" && index != "qdrant" {
			return nil, fmt.Errorf("-index: %q is neither sqlite nor qdrant", index)
		}
		s := scenario{
			Name: "scale-" + index, Protocol: "openai", Index: index, Dim: 384, Batch: 32, InFlight: 8,
			Corpus: corpus{Documents: 1, Words: words, Format: "jsonl"},
		}
		out = append(out, s)
		for size := range strings.SplitSeq(sizes, ",") {
			documents, err := strconv.Atoi(size)
			if err == nil && documents < 2 {
				err = errors.New("a corpus has two documents and more")
			}
			if err != nil {
				return nil, fmt.Errorf("-sizes: %w", err)
			}
			s.Corpus.Documents = documents
			out = append(out, s)
		}
	}
	return out, nil
}

// each returns the CPU time of a million documents without that of the start.
func (s scaling) each(r result) float64 {
	for _, start := range s.Starts {
		if start.Scenario.Index == r.Scenario.Index {
			documents := float64(r.Scenario.Corpus.Documents)
			return (r.CPU*documents - start.CPU) / (documents - 1)
		}
	}
	return r.CPU
}

// print writes a table, in Markdown.
func (s scaling) print(to io.Writer) error {
	fmt.Fprintf(to, "\n%s\n\n", s.Machine)
	rows := tabwriter.NewWriter(to, 0, 0, 1, ' ', 0)
	fmt.Fprintln(rows, "| index\t| documents\t| docs/s\t| CPU s/million\t| without the start\t| peak MB\t|")
	fmt.Fprintln(rows, "| ---\t| ---:\t| ---:\t| ---:\t| ---:\t| ---:\t|")
	for _, r := range s.Sizes {
		fmt.Fprintf(rows, "| %s\t| %d\t| %.0f\t| %.1f\t| %.1f\t| %.0f\t|\n",
			r.Scenario.Index, r.Scenario.Corpus.Documents, r.Rate, r.CPU, s.each(r), float64(r.Peak)/1e6)
	}
	return rows.Flush()
}
