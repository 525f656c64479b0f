package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// runReport is the report of a run for machines (`--json`, `--report FILE`).
type runReport struct {
	Outcome    string `json:"outcome"` // done, rejects, interrupted or failed
	ExitCode   int    `json:"exit_code"`
	Error      string `json:"error,omitempty"`
	Hint       string `json:"hint,omitempty"`
	Started    string `json:"started"`               // RFC 3339
	Model      string `json:"model,omitempty"`       // of several vectors their names, with commas between
	Dim        int    `json:"dim,omitempty"`         // where there is one vector
	Asked      string `json:"model_asked,omitempty"` // the first choice
	Alternate  bool   `json:"alternative"`           // model is not the one that was asked for
	Index      string `json:"index,omitempty"`
	Published  string `json:"published,omitempty"` // what the run built and readers use from now on
	Previous   string `json:"previous,omitempty"`  // what they used before
	Read       int64  `json:"read"`
	Written    int64  `json:"written"`
	Unchanged  int64  `json:"unchanged"`
	Rejected   int64  `json:"rejected"`
	New        int64  `json:"new"`          // of written
	Changed    int64  `json:"changed"`      // of written
	Updated    int64  `json:"updated"`      // of written: not embedded again
	Deleted    int64  `json:"deleted"`      // points
	Copied     int64  `json:"copied"`       // points
	Kept       bool   `json:"missing_kept"` // nothing was deleted, since some records could not be read
	Unfinished int64  `json:"unfinished"`   // read, and neither in the index nor rejected
	Rejects    string `json:"rejects_file,omitempty"`

	Reasons []rejectReason `json:"reject_reasons,omitempty"` // the commonest ten, and the others as one

	Chunks   int64   `json:"chunks"`
	Points   int64   `json:"points"`
	Tokens   int64   `json:"tokens"` // as counted here, see docs/corpus.md
	Requests int64   `json:"requests"`
	Retries  int64   `json:"retries"`
	Limit    int64   `json:"limit,omitempty"`       // requests that might wait at once in the end
	Texts    int64   `json:"batch_texts,omitempty"` // texts that a request might carry, as learned; absent when nothing was
	Seconds  float64 `json:"seconds"`
	Rate     float64 `json:"docs_per_second"`

	Vectors []vectorReport `json:"vectors,omitempty"`
}

// vectorReport tells who made one vector of the documents.
type vectorReport struct {
	Vector    string        `json:"vector"` // its name in the index
	Input     string        `json:"input"`  // text or image
	Model     string        `json:"model"`
	Dim       int           `json:"dim"`
	Points    int64         `json:"points"` // that the index took
	Asked     string        `json:"model_asked"`
	Endpoints []endpointUse `json:"endpoints"` // that answered, the preferred one first
}

// outcome is everything the summary and the report are made of.
type outcome struct {
	report    pipeline.Report
	models    []model // that make the vectors; nil before they were chosen
	asked     string  // the models that were asked for first
	index     string  // the index, as a person calls it
	published string  // what readers use from now on; "" when nothing was switched
	previous  string  // what they used before
	rejects   *rejectsFile
	started   time.Time
	ran       bool // false when it failed before the corpus was read
	err       error

	reportFile string // where the report goes; "" when nowhere
}

func (o outcome) forMachines() runReport {
	r := o.report
	out := runReport{
		Outcome:    outcomeName(exitCode(o.err)),
		ExitCode:   exitCode(o.err),
		Started:    o.started.UTC().Format(time.RFC3339),
		Asked:      o.asked,
		Index:      o.index,
		Published:  o.published,
		Previous:   o.previous,
		Read:       r.Read,
		Written:    r.Written,
		Unchanged:  r.Unchanged,
		Rejected:   r.Rejected,
		New:        r.New,
		Changed:    r.Changed,
		Updated:    r.Updated,
		Deleted:    r.Deleted,
		Copied:     r.Copied,
		Kept:       r.KeptMissing,
		Unfinished: r.Unfinished(),
		Chunks:     r.Chunks,
		Points:     r.Points,
		Tokens:     r.Tokens,
		Requests:   r.Requests,
		Retries:    r.Retries,
		Limit:      r.Limit,
		Texts:      r.BatchTexts,
		Seconds:    math.Round(r.Elapsed.Seconds()*1000) / 1000,
		Rate:       math.Round(r.Rate()*10) / 10,
	}
	var names []string
	for i := range o.models {
		m := &o.models[i]
		names = append(names, m.space.Model)
		out.Alternate = out.Alternate || m.asked != ""
		out.Vectors = append(out.Vectors, m.forMachines())
	}
	out.Model = strings.Join(names, ", ")
	if len(o.models) == 1 {
		out.Dim = o.models[0].space.Dim
	}
	if o.err != nil {
		out.Error, out.Hint = o.err.Error(), hintOf(o.err)
	}
	if r.Rejected > 0 {
		out.Rejects, out.Reasons = o.rejects.path, o.rejects.reasons.forMachines()
	}
	return out
}

// forMachines tells who made the vectors.
func (m *model) forMachines() vectorReport {
	out := vectorReport{
		Vector: m.lane.Vector, Input: string(m.lane.Embed.Input), Model: m.space.Model, Dim: m.space.Dim,
		Points: m.lane.counters.Points.Load(), Asked: first(m.asked, m.space.Model), Endpoints: []endpointUse{},
	}
	for _, used := range m.used {
		if one, answered := used.told(); answered {
			out.Endpoints = append(out.Endpoints, one)
		}
	}
	return out
}

func outcomeName(code int) string {
	switch code {
	case exitDone:
		return "done"
	case exitRejects:
		return "rejects"
	case exitInterrupted:
		return "interrupted"
	}
	return "failed"
}

// printSummary tells a person what the run did.
func printSummary(w io.Writer, o outcome) {
	r := o.report
	finished := r.Read - r.Unfinished()
	headline := "Done"
	switch outcomeName(exitCode(o.err)) {
	case "interrupted":
		headline = "Stopped"
	case "failed":
		headline = "Failed"
	}
	fmt.Fprintf(w, "%s: %s in %s (%s docs/s) → %s\n",
		headline, plural(finished, "document"), shortDuration(r.Elapsed), thousands(int64(math.Round(r.Rate()))), o.index)
	for i := range o.models {
		m := &o.models[i]
		if m.asked != "" {
			fmt.Fprintf(w, "  by the alternative %s: %s is not served\n", m.space.Model, m.asked)
		}
	}
	fmt.Fprintf(w, "  written    %10s\n", thousands(r.Written))
	if r.New < r.Written {
		printWritten(w, r)
	}
	if r.Unchanged > 0 {
		fmt.Fprintf(w, "  unchanged  %10s\n", thousands(r.Unchanged))
	}
	if r.Rejected > 0 {
		printRejects(w, r.Rejected, o.rejects)
	}
	if r.Deleted > 0 {
		fmt.Fprintf(w, "  deleted    %10s   points\n", thousands(r.Deleted))
	}
	if r.KeptMissing {
		fmt.Fprintln(w, "  no document's points were deleted: some records could not be read, and may be of those that seem to be missing")
	}
	if r.Unfinished() > 0 {
		fmt.Fprintf(w, "  unfinished %10s   run the same command again to go on\n", thousands(r.Unfinished()))
	} else if headline == "Stopped" {
		fmt.Fprintln(w, "  what was read is finished; run the same command again for the rest")
	}
	if r.Points+r.Chunks+r.Requests == 0 {
		fmt.Fprintln(w, "  nothing was embedded")
		return
	}
	fmt.Fprintf(w, "  %s%s, about %s, %s, %s\n",
		plural(r.Points, "point"), pointsOfEach(o.models), plural(r.Tokens, "token"), plural(r.Requests, "request"), plural(r.Retries, "retry"))
	for i := range o.models {
		m := &o.models[i]
		printEndpoints(w, m)
	}
	printBare(w, o)
}

// printRejects tells how many documents were rejected, the commonest reasons
// where there are several, and the first one with its place and what can be
// done about it.
func printRejects(w io.Writer, n int64, rejects *rejectsFile) {
	fmt.Fprintf(w, "  rejected   %10s   → %s\n", thousands(n), rejects.path)
	top, otherKinds, others := rejects.reasons.most(reasonsShown)
	if len(top) > 1 {
		for _, reason := range top {
			fmt.Fprintf(w, "             %10s   %s\n", thousands(reason.Count), clip(reason.Reason, 100))
		}
		if others > 0 {
			fmt.Fprintf(w, "             %10s   for %s\n", thousands(others), plural(int64(otherKinds), "other reason"))
		}
	}
	fmt.Fprintf(w, "                          first: %s\n", rejects.reasons.first)
	if hint := rejects.reasons.firstHint; hint != "" {
		fmt.Fprintf(w, "                          → %s\n", hint)
	}
}

// pointsOfEach tells how many of the points each vector has, where there are
// several: " (image 3, text 4)".
func pointsOfEach(models []model) string {
	if len(models) < 2 {
		return ""
	}
	each := make([]string, len(models))
	for i := range models {
		l := &models[i].lane
		each[i] = l.Vector + " " + thousands(l.counters.Points.Load())
	}
	return " (" + strings.Join(each, ", ") + ")"
}

// printBare names the vectors that no document has, although documents were
// written: what has no text, or no image, is none for its vector, so that
// nothing else tells of a field whose name is misspelt.
func printBare(w io.Writer, o outcome) {
	if r := o.report; r.Written == 0 || r.New < r.Written || r.Unchanged+r.Copied > 0 {
		return // a run over what is there need not have anything to do for a vector
	}
	for i := range o.models {
		l := &o.models[i].lane
		if l.counters.Points.Load() > 0 {
			continue
		}
		what, field := "a text", l.config.Source.Text
		if l.ofImages() {
			what, field = "an image", l.config.Source.Image
		}
		fmt.Fprintf(w, "  no document that was written has %s for vector %s", what, l.Vector)
		if field != "" {
			fmt.Fprintf(w, "; is %q the right field?", clip(field, 80))
		}
		fmt.Fprintln(w)
	}
}

// printWritten tells what was done to the documents that were written.
func printWritten(w io.Writer, r pipeline.Report) {
	for _, row := range []struct {
		name string
		n    int64
		note string
	}{{"new", r.New, ""}, {"changed", r.Changed, ""}, {"updated", r.Updated, "   beside their vectors"}} {
		if row.n > 0 {
			fmt.Fprintf(w, "    %-8s %10s%s\n", row.name, thousands(row.n), row.note)
		}
	}
}

// printEndpoints tells which endpoints made the vectors, where several did.
func printEndpoints(w io.Writer, m *model) {
	told := m.forMachines()
	if len(told.Endpoints) < 2 {
		return
	}
	for _, e := range told.Endpoints {
		fmt.Fprintf(w, "  %s by %s\n", plural(e.Vectors, "vector"), e.Endpoint)
	}
}

// writeReport writes the report as one JSON object.
func writeReport(w io.Writer, o outcome) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(o.forMachines())
}

// saveReport replaces the file at path by the report, whole or not at all. A
// device or a pipe is written to as it is.
func saveReport(path string, o outcome) error {
	into, replace, how := path, regular(path), os.O_TRUNC
	if replace {
		// A name that nobody can foretell, and a file that was not there: in a
		// folder that others write to, a link may lie where one is expected.
		into, how = path+"."+rand.Text()+".tmp", os.O_EXCL
	}
	err := createReport(into, how, o)
	if replace && err == nil {
		err = os.Rename(into, path)
	}
	if replace && err != nil {
		_ = os.Remove(into) // what failed is told already
	}
	if err != nil {
		return &pipeline.Error{Op: path, Class: pipeline.Fatal, Hint: "choose another file with --report", Err: err}
	}
	return nil
}

func createReport(path string, how int, o outcome) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|how, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(writeReport(file, o), file.Close())
}
