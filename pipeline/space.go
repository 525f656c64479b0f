package pipeline

import (
	"fmt"
	"strings"
)

// Space is what makes vectors comparable: vectors of different spaces never
// meet in one index. An index is stamped with it. Spaces that == takes for
// different may be one space; [Space.Compatible] tells.
type Space struct {
	Input     string `json:"input,omitempty"`     // what vectors are made of: "" is texts, "image" images
	Model     string `json:"model"`               // the name by which the model is asked for
	Revision  string `json:"revision,omitempty"`  // of the weights, where known
	Dim       int    `json:"dim"`                 // length of the stored vectors, after the cut
	Prefix    string `json:"prefix,omitempty"`    // put before every text of a document
	Query     string `json:"query,omitempty"`     // put before every query
	Pooling   string `json:"pooling,omitempty"`   // of token-level answers; "" when the server pools
	Normalize bool   `json:"normalize,omitempty"` // vectors have length 1
	Cut       int    `json:"cut,omitempty"`       // leading components kept; 0 keeps all
	Sparse    string `json:"sparse,omitempty"`    // settings of what makes the sparse vectors beside these; "" where there are none
	Probe     string `json:"probe,omitempty"`     // vector of a fixed input, as [EncodeProbe] writes it; "" where none was taken
}

// Differences lists, in words, what makes other another space than s. An
// unknown revision or probe agrees with any, probes agree from a cosine of
// [SameCosine] on, and the query's prefix is no part of what is stored: it may
// be improved over an existing index.
func (s Space) Differences(other Space) []string {
	var out []string
	add := func(what string, a, b any) {
		if a != b {
			out = append(out, fmt.Sprintf("%s %#v is not %#v", what, a, b))
		}
	}
	add("input", s.Input, other.Input)
	add("model", s.Model, other.Model)
	if s.Revision != "" && other.Revision != "" {
		add("revision", s.Revision, other.Revision)
	}
	add("dimension", s.Dim, other.Dim)
	add("prefix", s.Prefix, other.Prefix)
	add("pooling", s.Pooling, other.Pooling)
	add("normalize", s.Normalize, other.Normalize)
	add("cut", s.Cut, other.Cut)
	add("hybrid", s.Sparse, other.Sparse)
	if len(out) == 0 {
		// Of spaces that differ anyway nothing else is expected.
		out = append(out, probeDifference(s.Probe, other.Probe)...)
	}
	return out
}

// Compatible reports whether vectors of both spaces may be compared.
func (s Space) Compatible(other Space) bool { return len(s.Differences(other)) == 0 }

// String names the space in one line: "model (384 dimensions)".
func (s Space) String() string {
	var b strings.Builder
	b.WriteString(s.Model)
	if s.Revision != "" {
		b.WriteString("@" + s.Revision)
	}
	fmt.Fprintf(&b, " (%d dimensions)", s.Dim)
	return b.String()
}
