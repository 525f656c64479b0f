package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// print tells a person.
func (v *verified) print(w io.Writer) {
	headline := "The index is what the corpus says"
	if !v.agrees() {
		headline = "The index is not what the corpus says"
	}
	fmt.Fprintf(w, "%s: %s\n", headline, v.Index)
	fmt.Fprintf(w, "  documents  %10s\n", thousands(v.Documents))
	fmt.Fprintf(w, "  points     %10s   of %s expected\n", thousands(v.Points), thousands(v.Expected))
	for _, row := range []struct {
		n          int64
		name, text string
	}{
		{v.Missing, "missing", "documents of which the index holds nothing"},
		{v.Changed, "changed", "documents with another text or image, or not all of their points"},
		{v.Updated, "updated", "documents that differ beside their vectors"},
		{v.Extra, "extra", "points of documents that are not in the corpus"},
		{v.Tails, "tails", "points behind the ends of their documents"},
		{v.Rejected, "rejected", "records that can be in no index"},
		{v.Left, "left", "points of such records, from when they were good"},
	} {
		if row.n > 0 {
			fmt.Fprintf(w, "  %-10s %10s   %s\n", row.name, thousands(row.n), row.text)
		}
	}
	if v.Unsure && v.Points != v.Expected {
		fmt.Fprintln(w, "  some records could not be read, and points may be theirs: what is extra cannot be told")
	}
	for _, l := range v.Vectors {
		if l.Sample == 0 {
			continue
		}
		fmt.Fprintf(w, "  vector %s: %d embedded again, lowest cosine %.4f", l.Vector, l.Sample, l.Cosine)
		if l.Differ > 0 {
			fmt.Fprintf(w, "; %d differ", l.Differ)
		}
		if l.Searches > 0 {
			fmt.Fprintf(w, "; searches find %.1f%% of the 10 nearest", 100*l.Recall)
		}
		fmt.Fprintln(w)
	}
	v.printAdvice(w)
}

// printAdvice tells what can be done about what differs.
func (v *verified) printAdvice(w io.Writer) {
	if v.Missing+v.Changed+v.Updated+v.Tails > 0 {
		fmt.Fprintln(w, "  → vecload run mends the documents")
	}
	if v.Extra > 0 {
		fmt.Fprintln(w, "  → vecload run --delete-missing removes what is extra")
	}
	if v.Left > 0 {
		fmt.Fprintln(w, "  → mend those records, or take them out of the corpus and run with --delete-missing")
	}
	if slices.ContainsFunc(v.Vectors, func(l verifiedLane) bool { return l.Differ > 0 }) {
		fmt.Fprintln(w, "  → the model makes other vectors than it did: bring it back as it was, or index the corpus into another index")
	}
}

func (v *verified) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
