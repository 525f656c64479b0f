package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// print tells a person.
func (p *planned) print(w io.Writer) {
	where := p.index
	if !p.exists {
		where += " (does not exist yet)"
	}
	fmt.Fprintf(w, "Plan: %s → %s\n", plural(p.Read, "document"), where)
	if p.exists && p.anew != "" {
		fmt.Fprintf(w, "  built beside what readers use: %s\n", p.anew)
	}
	if p.Copied > 0 {
		fmt.Fprintf(w, "  to copy: the vectors of %s\n", plural(p.Copied, "chunk"))
	}
	row := func(name string, n int64, note string) {
		if n > 0 {
			fmt.Fprintf(w, "  %-10s %10s%s\n", name, thousands(n), note)
		}
	}
	row("new", p.New, "")
	row("changed", p.Changed, "")
	row("updated", p.Updated, "   beside their vectors")
	row("unchanged", p.Unchanged, "")
	row("rejected", p.Rejected, "   by what they hold; more may be by the model")
	if many := p.TooMany; many != nil {
		fmt.Fprintf(w, "                          a run would stop at document %s, of which %s is more than the %s of max_rejects\n",
			thousands(many.Read), thousands(many.Rejected), allowed(*p.maxRejects))
	}
	for i, l := range p.Lanes {
		p.printLane(w, l, p.requests[i])
	}
	if p.Tails+p.Missing > 0 {
		fmt.Fprintf(w, "  to delete: %s\n", p.deletes())
	}
	if p.KeptMissing {
		fmt.Fprintln(w, "  no document's points would be deleted: some records could not be read, and may be of those that seem to be missing")
	}
	if left := p.left(); left > 0 {
		fmt.Fprintf(w, "  time: %s\n", aboutTime(left))
	}
	if p.priced {
		fmt.Fprintf(w, "  cost: %s\n", aboutCost(p.cost()))
	}
}

func (p *planned) printLane(w io.Writer, l pipeline.LanePlan, requests int64) {
	of := ""
	if len(p.Lanes) > 1 {
		of = " as " + l.Vector
	}
	if l.Chunks == 0 {
		fmt.Fprintf(w, "  to embed%s: nothing\n", of)
		return
	}
	fmt.Fprintf(w, "  to embed%s: %s, about %s, %s\n", of, plural(l.Chunks, "chunk"), plural(l.Tokens, "token"), plural(requests, "request"))
}

func aboutTime(d time.Duration) string {
	if d < time.Second {
		return "less than a second"
	}
	return "about " + shortDuration(d)
}

func aboutCost(cost float64) string {
	switch {
	case cost == 0:
		return "nothing"
	case cost < 0.01:
		return "less than 0.01"
	}
	return fmt.Sprintf("about %.2f", cost)
}

// deletes tells what would be deleted, and whether the guard lets it.
func (p *planned) deletes() string {
	if p.Missing == 0 {
		return plural(p.Tails, "point") + " behind the ends of documents that are shorter now"
	}
	share := float64(p.Missing) / float64(max(p.Points, 1))
	text := fmt.Sprintf("%s of documents that are not in the corpus (%.1f%% of the index)", plural(p.Missing, "point"), 100*share)
	if p.Tails > 0 {
		text += fmt.Sprintf(", and %s behind the ends of those that are shorter now", thousands(p.Tails))
	}
	switch {
	case p.guard == nil:
	case p.Read == 0:
		text += "; a run would refuse, since the corpus is empty"
	case share > p.guard.MaxShare:
		text += fmt.Sprintf("; a run would refuse, since that is more than %.3g%%", 100*p.guard.MaxShare)
	}
	return text
}

// planJSON is a plan for machines.
type planJSON struct {
	Index     string     `json:"index"`
	Exists    bool       `json:"exists"`
	Read      int64      `json:"read"`
	New       int64      `json:"new"`
	Changed   int64      `json:"changed"`
	Updated   int64      `json:"updated"`
	Unchanged int64      `json:"unchanged"`
	Rejected  int64      `json:"rejected"`
	TooMany   bool       `json:"too_many_rejects"` // a run would stop for them
	Deleted   int64      `json:"deleted"`          // points
	Missing   int64      `json:"missing"`          // of deleted: points of documents that are not in the corpus
	Points    int64      `json:"points"`           // in the index now, where they were counted
	Kept      bool       `json:"missing_kept"`
	Anew      string     `json:"anew,omitempty"` // why an index is built beside the one that readers use
	Copied    int64      `json:"copied"`         // vectors that are taken from there
	Vectors   []laneJSON `json:"vectors"`
	Seconds   float64    `json:"seconds,omitempty"` // estimated; absent where nothing was measured
	Cost      *float64   `json:"cost,omitempty"`    // in the currency of the price; absent without one
}

type laneJSON struct {
	Vector   string  `json:"vector"`
	Model    string  `json:"model"`
	Chunks   int64   `json:"chunks"`
	Tokens   int64   `json:"tokens"`
	Requests int64   `json:"requests"`
	Seconds  float64 `json:"request_seconds,omitempty"` // measured, of one request
}

func (p *planned) writeJSON(w io.Writer) error {
	out := planJSON{
		Index: p.index, Exists: p.exists, Anew: p.anew, Copied: p.Copied, Read: p.Read, New: p.New, Changed: p.Changed, Updated: p.Updated, Unchanged: p.Unchanged,
		Rejected: p.Rejected, TooMany: p.TooMany != nil, Deleted: p.Tails + p.Missing, Missing: p.Missing, Points: p.Points, Kept: p.KeptMissing,
		Seconds: toMicros(p.left().Seconds()), Vectors: []laneJSON{},
	}
	if p.priced {
		cost := p.cost()
		out.Cost = &cost
	}
	for i, l := range p.Lanes {
		out.Vectors = append(out.Vectors, laneJSON{
			Vector: l.Vector, Model: p.lanes[i].Embed.Model, Chunks: l.Chunks, Tokens: l.Tokens, Requests: p.requests[i], Seconds: toMicros(p.took[i].Seconds()),
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

// toMicros rounds what machines read.
func toMicros(x float64) float64 { return math.Round(x*1e6) / 1e6 }
