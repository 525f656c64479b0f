package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// goal is a figure that vecload is meant to reach on two cores, and the one
// that was seen.
type goal struct {
	Name    string  `json:"name"`
	Goal    float64 `json:"goal"`
	Seen    float64 `json:"seen"`
	Unit    string  `json:"unit"`
	Most    bool    `json:"at_most,omitempty"` // the goal is not to be exceeded
	Reached bool    `json:"reached"`
}

// goals lists those of which something was measured.
func (r results) goals() []goal {
	var out []goal
	add := func(g goal) {
		if g.Seen <= 0 {
			return
		}
		if g.Reached = g.Seen >= g.Goal; g.Most {
			g.Reached = g.Seen < g.Goal
		}
		out = append(out, g)
	}
	for _, c := range []struct {
		name, what string
		cheaper    float64
	}{{"json-qdrant", "JSON", 6}, {"base64-qdrant", "base64", 5}} {
		ours, _ := r.of(c.name, vecload)
		plain, _ := r.of(c.name, plainProgram)
		bare, _ := r.of(c.name, bareWhole)
		add(goal{Name: "CPU time of plain ÷ vecload, " + c.what, Goal: c.cheaper, Seen: ratio(plain.CPU, ours.CPU), Unit: "×"})
		add(goal{Name: "docs/s of vecload ÷ plain, " + c.what, Goal: 4, Seen: ratio(ours.Rate, plain.Rate), Unit: "×"})
		add(goal{Name: "share of the bare client's docs/s, " + c.what, Goal: 80, Seen: 100 * ratio(ours.Rate, bare.Rate), Unit: "%"})
	}
	if slow, ok := r.of("latency", vecload); ok {
		add(goal{Name: "share of in flight × batch ÷ latency", Goal: 97, Seen: 100 * slow.Busy, Unit: "%"})
	}
	for _, index := range []string{"qdrant", "sqlite"} {
		add(goal{Name: "peak memory of these runs, " + index, Goal: 150, Seen: float64(r.peak(index)) / 1e6, Unit: "MB", Most: true})
	}
	add(goal{Name: "decoding JSON, one core", Goal: 400, Seen: r.Decode.JSON, Unit: "MB/s"})
	add(goal{Name: "decoding base64, one core", Goal: 1000, Seen: r.Decode.Base64, Unit: "MB/s"})
	return out
}

// ratio is 0 where one of the two was not measured.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// peak returns the most memory of all runs of vecload into an index.
func (r results) peak(index string) int64 {
	var most int64
	for _, c := range r.Cases {
		if c.Program != vecload || c.Scenario.Index != index {
			continue
		}
		for _, m := range c.Runs {
			most = max(most, m.Peak)
		}
	}
	return most
}

// goalTable writes the goals as a table, in Markdown.
func goalTable(to io.Writer, goals []goal) error {
	if len(goals) == 0 {
		return nil
	}
	fmt.Fprintln(to, "\ngoals")
	fmt.Fprintln(to)
	rows := tabwriter.NewWriter(to, 0, 0, 1, ' ', 0)
	fmt.Fprintln(rows, "| goal\t| wanted\t| seen\t| reached\t|")
	fmt.Fprintln(rows, "| ---\t| ---:\t| ---:\t| ---\t|")
	for _, g := range goals {
		sign, reached := "≥", "no"
		if g.Most {
			sign = "<"
		}
		if g.Reached {
			reached = "yes"
		}
		fmt.Fprintf(rows, "| %s\t| %s %.0f %s\t| %.1f %s\t| %s\t|\n", g.Name, sign, g.Goal, g.Unit, g.Seen, g.Unit, reached)
	}
	return rows.Flush()
}
