// Package resolve decides where a model is served, and why not where it is
// not: from what the Hugging Face Hub says about the model and from one probe
// of each configured endpoint. It asks nobody itself.
//
// The Hub is no gate. What an endpoint answered decides whether it serves the
// model; what the Hub says explains the answer, and names what to do.
package resolve

import (
	"slices"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
)

// Input is everything that is known about a model.
type Input struct {
	Model     string     // as it was asked for
	Hub       Hub        // what the Hub says
	Endpoints []Endpoint // in the order in which a run uses them
}

// Hub is the answer of the Hub, or why there is none.
type Hub struct {
	Address string
	Model   hub.Model // zero with Err
	Err     error
	Served  []hub.Model // others that could be chosen instead, if it was asked for them
}

// Known reports whether the Hub told about the model.
func (h Hub) Known() bool { return h.Err == nil && h.Model.ID != "" }

// Endpoint is one server and how it answered a probe.
type Endpoint struct {
	Name     string // such as "huggingface, hf-inference"
	URL      string
	Provider string               // behind Hugging Face's router; "" for all others
	Wrong    *huggingface.Mistake // with the address; then it was not probed
	Dim      int                  // of the vector that it answered with
	Took     time.Duration
	Err      error // of the probe; nil with a vector
}

// State is what an endpoint can do for the model.
type State string

// The states.
const (
	Served        State = "served"
	Warming       State = "warming"
	Throttled     State = "throttled"
	NotServed     State = "not served"
	Staging       State = "in staging"
	Failing       State = "failing its health check"
	WrongAddress  State = "wrong address"
	Misconfigured State = "misconfigured"
	NoRight       State = "no right"
	NoCredit      State = "no credit"
	Unreachable   State = "unreachable"
	Failed        State = "failed"
)

// Usable reports whether a run could use the endpoint: it waits for a model
// that warms up, and for a server that throttles.
func (s State) Usable() bool { return s == Served || s == Warming || s == Throttled }

// Finding is one endpoint with its state.
type Finding struct {
	Endpoint

	State  State
	Detail string // one line in the words of the server; "" when it serves
	Hint   string // what to do about it; "" when there is nothing
}

// Resolution is the answer.
type Resolution struct {
	Input

	Findings []Finding
	Use      int      // the finding that a run would use; -1 for none
	Reason   string   // why none can be used; "" when one can
	Advice   []string // what to do then, best first
	// Class is that of the error that a run would end with: [pipeline.Fatal]
	// with Use of at least 0 is none.
	Class pipeline.Class
}

// Decide finds the state of each endpoint, the one that a run would use, and
// the reason where there is none.
func Decide(in Input) Resolution {
	r := Resolution{Input: in, Use: -1}
	for i, e := range in.Endpoints {
		f := find(e, in.Hub)
		r.Findings = append(r.Findings, f)
		if r.Use < 0 && f.State.Usable() {
			r.Use = i
		}
	}
	if r.Use < 0 {
		r.Class = classOf(r.Findings)
		r.Reason, r.Advice = explain(r)
	}
	return r
}

// classOf orders what is wrong by what the user can do about it: mend the
// configuration, get the right, try again; only when all endpoints say so is
// the model not served.
func classOf(findings []Finding) pipeline.Class {
	has := func(states ...State) bool {
		return slices.ContainsFunc(findings, func(f Finding) bool { return slices.Contains(states, f.State) })
	}
	switch {
	case has(WrongAddress, Misconfigured):
		return pipeline.Misconfigured
	case has(NoRight, NoCredit):
		return pipeline.Denied
	case has(Unreachable, Failed), slices.ContainsFunc(findings, func(f Finding) bool {
		return f.State == Failing && pipeline.Classify(f.Err) != pipeline.NotServed
	}):
		return pipeline.Transient
	}
	return pipeline.NotServed
}
