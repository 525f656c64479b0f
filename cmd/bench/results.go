package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"
)

// results are all that one call measured.
type results struct {
	Machine machine       `json:"machine"`
	When    string        `json:"when"` // RFC 3339
	Cases   []result      `json:"cases,omitempty"`
	Stages  []stageResult `json:"stages,omitempty"`
	Decode  decoding      `json:"decoding,omitzero"`
	Goals   []goal        `json:"goals,omitempty"`
}

func now() string { return time.Now().UTC().Format(time.RFC3339) }

// result is one program on one scenario. The numbers are medians of its runs.
type result struct {
	Program  program       `json:"program"`
	Scenario scenario      `json:"scenario"`
	Rate     float64       `json:"docs_per_second"`
	CPU      float64       `json:"cpu_seconds_per_million"`
	Peak     int64         `json:"peak_rss_bytes"`
	Servers  float64       `json:"servers_cpu_seconds_per_million"`
	Busy     float64       `json:"share_of_latency_limit,omitempty"`
	Runs     []measurement `json:"runs"`
}

// summarise computes the medians of the runs.
func (r *result) summarise() {
	documents := float64(r.Scenario.Corpus.Documents)
	millions := documents / 1e6
	r.Rate = r.median(func(m measurement) float64 { return documents / m.Seconds })
	r.CPU = r.median(func(m measurement) float64 { return (m.User + m.System) / millions })
	r.Peak = int64(r.median(func(m measurement) float64 { return float64(m.Peak) }))
	r.Servers = r.median(func(m measurement) float64 { return m.Others / millions })
	if ideal := r.Scenario.ideal(); ideal > 0 && r.Program != bareUpserts {
		r.Busy = r.Rate / ideal
	}
}

func (r *result) median(of func(measurement) float64) float64 {
	values := make([]float64, len(r.Runs))
	for i, m := range r.Runs {
		values[i] = of(m)
	}
	return median(values)
}

// median returns the middle of the values, or the mean of the two middle
// ones. It sorts them.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	switch {
	case n == 0:
		return 0
	case n%2 == 0:
		return (values[n/2-1] + values[n/2]) / 2
	}
	return values[n/2]
}

// ideal returns the documents a second that the endpoint's latency allows; 0
// where it has none.
func (s scenario) ideal() float64 {
	if s.Latency <= 0 {
		return 0
	}
	return float64(s.InFlight*s.Batch) / s.Latency.Seconds()
}

// String tells what a scenario does.
func (s scenario) String() string {
	text := fmt.Sprintf("%d words, %s → %s", s.Corpus.Words, s.Corpus.Format, s.Protocol)
	if s.Dim > 0 {
		text += fmt.Sprintf(" %d-d", s.Dim)
	}
	if s.Latency > 0 {
		text += fmt.Sprintf(" (%s)", s.Latency)
	}
	text += " → " + s.Index
	switch {
	case s.Again == "":
		return text + fmt.Sprintf(", %d × %d", s.InFlight, s.Batch)
	case s.Corpus.Changed > 0:
		text += fmt.Sprintf(", %s again, 1 of %d changed", s.Again, s.Corpus.Changed)
	case s.DeleteMissing:
		text += ", " + s.Again + " again, with --delete-missing"
	default:
		text += ", " + s.Again + " again, nothing changed"
	}
	return text
}

// print writes all there is.
func (r results) print(to io.Writer) error {
	var err error
	if len(r.Cases) > 0 {
		err = r.table(to)
	}
	if len(r.Stages) > 0 {
		err = errors.Join(err, stageTable(to, r.Stages))
	}
	if d := r.Decode; d.JSON > 0 {
		fmt.Fprintf(to, "\ndecoding, MB by second of CPU time: %.0f of JSON, %.0f of base64\n", d.JSON, d.Base64)
	}
	return errors.Join(err, goalTable(to, r.Goals))
}

// table writes the results as a table, in Markdown.
func (r results) table(to io.Writer) error {
	fmt.Fprintf(to, "\n%s\n%s documents, medians of %d\n\n", r.Machine, r.documents(), len(r.Cases[0].Runs))
	rows := tabwriter.NewWriter(to, 0, 0, 1, ' ', 0)
	fmt.Fprintln(rows, "| case\t| what\t| program\t| docs/s\t| CPU s/million\t| servers' CPU\t| peak MB\t| × docs/s\t| CPU ÷\t| of bare\t|")
	fmt.Fprintln(rows, "| ---\t| ---\t| ---\t| ---:\t| ---:\t| ---:\t| ---:\t| ---:\t| ---:\t| ---:\t|")
	for _, c := range r.Cases {
		faster, cheaper, share := "", "", ""
		if plain, ok := r.of(c.Scenario.Name, plainProgram); ok && c.Program != plainProgram {
			faster, cheaper = fmt.Sprintf("%.2f", c.Rate/plain.Rate), fmt.Sprintf("%.2f", plain.CPU/c.CPU)
		}
		if bare, ok := r.of(c.Scenario.Name, bareWhole); ok && c.Program != bareWhole {
			share = fmt.Sprintf("%.0f %%", 100*c.Rate/bare.Rate)
		}
		rate := fmt.Sprintf("%.0f", c.Rate)
		if c.Busy > 0 {
			rate += fmt.Sprintf(" (%.1f %% of limit)", 100*c.Busy)
		}
		fmt.Fprintf(rows, "| %s\t| %s\t| %s\t| %s\t| %.1f\t| %.1f\t| %.0f\t| %s\t| %s\t| %s\t|\n",
			c.Scenario.Name, c.Scenario, c.Program, rate, c.CPU, c.Servers, float64(c.Peak)/1e6, faster, cheaper, share)
	}
	return rows.Flush()
}

// documents says how many documents the cases have.
func (r results) documents() string {
	least, most := r.Cases[0].Scenario.Corpus.Documents, 0
	for _, c := range r.Cases {
		least, most = min(least, c.Scenario.Corpus.Documents), max(most, c.Scenario.Corpus.Documents)
	}
	if least == most {
		return strconv.Itoa(most)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

// of returns what a program reached in a case, if it was measured.
func (r results) of(name string, p program) (result, bool) {
	i := slices.IndexFunc(r.Cases, func(c result) bool { return c.Scenario.Name == name && c.Program == p })
	if i < 0 {
		return result{}, false
	}
	return r.Cases[i], true
}
