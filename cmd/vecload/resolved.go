package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
	"github.com/vecload/vecload/pipeline/embedders/resolve"
)

// printResolved shows where each model is served, and what a run would use.
func printResolved(w io.Writer, all []resolvedLane) {
	for i, one := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if one.vector != "" {
			fmt.Fprintf(w, "%-13s%s\n", "vector", one.vector)
		}
		printModels(w, one.models)
	}
}

// printModels shows a model and those of its alternatives that were asked for.
func printModels(w io.Writer, all []resolve.Resolution) {
	for i, r := range all {
		title := "model"
		if i > 0 {
			fmt.Fprintln(w)
			title = "alternative"
		}
		line := func(name, format string, args ...any) {
			fmt.Fprintf(w, "%-13s%s\n", name, fmt.Sprintf(format, args...))
		}
		line(title, "%s", describe(r))
		if text := listing(r.Hub); text != "" {
			line("hub", "%s", text)
		}
		width := 0
		for _, f := range r.Findings {
			width = max(width, utf8.RuneCountInString(titleOf(f)))
		}
		for _, f := range r.Findings {
			line("endpoint", "%-*s  %s", width, titleOf(f), stateText(f))
			if f.State == resolve.Served {
				continue
			}
			if f.Detail != "" {
				line("", "  %s", clip(f.Detail, 240))
			}
			if f.Hint != "" && (r.Use >= 0 || len(r.Findings) > 1 || f.State == resolve.WrongAddress) {
				line("", "  → %s", f.Hint)
			}
		}
		if r.Use >= 0 {
			line("a run uses", "%s%s", titleOf(r.Findings[r.Use]), waits(r.Findings[r.Use].State))
			continue
		}
		line("a run uses", "none: %s", r.Reason)
		for _, advice := range r.Advice {
			if !saidAbove(r, advice) {
				line("", "→ %s", advice)
			}
		}
	}
}

// saidAbove reports whether advice stands beside an endpoint already.
func saidAbove(r resolve.Resolution, advice string) bool {
	for _, f := range r.Findings {
		if f.Hint == advice && (len(r.Findings) > 1 || f.State == resolve.WrongAddress) {
			return true
		}
	}
	return false
}

// titleOf names an endpoint as the screen does.
func titleOf(f resolve.Finding) string {
	if f.URL == "" {
		return f.Name
	}
	return f.Name + "  " + f.URL
}

func stateText(f resolve.Finding) string {
	if f.State != resolve.Served || f.Dim == 0 {
		return string(f.State)
	}
	return fmt.Sprintf("%s, %d dimensions, in %s", f.State, f.Dim, shortDuration(f.Took))
}

func waits(state resolve.State) string {
	switch state { //nolint:exhaustive // the others are not used, or serve
	case resolve.Warming:
		return ", once it has warmed up"
	case resolve.Throttled:
		return ", as fast as it lets"
	}
	return ""
}

// describe names a model with what the Hub says of it.
func describe(r resolve.Resolution) string {
	m := r.Hub.Model
	if !r.Hub.Known() {
		return r.Model
	}
	parts := []string{m.ID}
	if m.ID != r.Model {
		parts = append(parts, "renamed from "+r.Model)
	}
	if m.Task != "" {
		parts = append(parts, m.Task)
	}
	if m.SHA != "" {
		parts = append(parts, m.SHA[:min(len(m.SHA), 12)])
	}
	for _, flag := range []struct {
		is   bool
		text string
	}{{m.Gated != "", "gated"}, {m.Private, "private"}, {m.Disabled, "disabled"}} {
		if flag.is {
			parts = append(parts, flag.text)
		}
	}
	return strings.Join(parts, " · ")
}

// listing says what the Hub knows about the providers of a model.
func listing(h resolve.Hub) string {
	if h.Address == "" {
		return ""
	}
	if h.Err != nil {
		if hub.ReasonOf(h.Err) == hub.Unavailable {
			return "could not be asked: " + clip(h.Err.Error(), 200)
		}
		return clip(h.Err.Error(), 200)
	}
	if len(h.Model.Providers) == 0 {
		return "no provider serves this model"
	}
	parts := make([]string, len(h.Model.Providers))
	for i, p := range h.Model.Providers {
		parts[i] = p.Name + " " + p.Status
		if p.Task != "" && !hub.Embeds(p.Task) {
			parts[i] += " for " + p.Task
		}
	}
	return strings.Join(parts, ", ")
}

// resolvedJSON is one model for machines.
type resolvedJSON struct {
	Vector    string         `json:"vector,omitempty"` // where there are several
	Asked     string         `json:"asked"`
	Model     string         `json:"model,omitempty"` // the name on the Hub
	Task      string         `json:"task,omitempty"`
	SHA       string         `json:"sha,omitempty"`
	Gated     string         `json:"gated,omitempty"`
	Private   bool           `json:"private,omitempty"`
	Disabled  bool           `json:"disabled,omitempty"`
	Hub       string         `json:"hub,omitempty"`
	HubError  string         `json:"hub_error,omitempty"`
	Providers []providerJSON `json:"providers"`
	Endpoints []endpointJSON `json:"endpoints"`
	Use       string         `json:"use,omitempty"`
	Reason    string         `json:"reason,omitempty"`
	Advice    []string       `json:"advice,omitempty"`
	Served    []string       `json:"served,omitempty"` // other models
	ExitCode  int            `json:"exit_code"`
}

type providerJSON struct {
	Name   string `json:"name"`
	ID     string `json:"id,omitempty"`
	Status string `json:"status,omitempty"`
	Task   string `json:"task,omitempty"`
}

type endpointJSON struct {
	Name    string  `json:"name"`
	URL     string  `json:"url,omitempty"`
	State   string  `json:"state"`
	Dim     int     `json:"dim,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	Detail  string  `json:"detail,omitempty"`
	Hint    string  `json:"hint,omitempty"`
	Right   string  `json:"right_address,omitempty"`
}

// printResolvedJSON writes a list with the models and, if it came to them,
// their alternatives.
func printResolvedJSON(w io.Writer, all []resolvedLane) error {
	var out []resolvedJSON
	for _, one := range all {
		out = append(out, one.forMachines()...)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

func (l resolvedLane) forMachines() []resolvedJSON {
	out := make([]resolvedJSON, len(l.models))
	for i, r := range l.models {
		m := r.Hub.Model
		one := resolvedJSON{
			Vector: l.vector, Asked: r.Model, Model: m.ID, Task: m.Task, SHA: m.SHA, Gated: m.Gated, Private: m.Private, Disabled: m.Disabled,
			Hub: r.Hub.Address, Providers: []providerJSON{}, Endpoints: []endpointJSON{}, Reason: r.Reason, Advice: r.Advice,
		}
		if r.Hub.Err != nil {
			one.HubError = r.Hub.Err.Error()
		}
		for _, p := range m.Providers {
			one.Providers = append(one.Providers, providerJSON{Name: p.Name, ID: p.ID, Status: p.Status, Task: p.Task})
		}
		for _, f := range r.Findings {
			endpoint := endpointJSON{
				Name: f.Name, URL: f.URL, State: string(f.State), Dim: f.Dim, Detail: f.Detail, Hint: f.Hint,
				Seconds: f.Took.Round(time.Millisecond).Seconds(),
			}
			if f.Wrong != nil {
				endpoint.Right = f.Wrong.Right
			}
			one.Endpoints = append(one.Endpoints, endpoint)
		}
		for _, other := range r.Hub.Served {
			one.Served = append(one.Served, other.ID)
		}
		if r.Use >= 0 {
			one.Use = r.Findings[r.Use].Name
		} else {
			one.ExitCode = exitCode(&pipeline.Error{Class: r.Class})
		}
		out[i] = one
	}
	return out
}
