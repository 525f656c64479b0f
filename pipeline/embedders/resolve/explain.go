package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
)

// explain says why no endpoint can be used, and what to do.
func explain(r Resolution) (reason string, advice []string) {
	served := alternatives(r.Hub.Served)
	switch r.Hub.reason() {
	case hub.NoName:
		return fmt.Sprintf("there can be no model %.200q on the Hub", r.Model), []string{"check its name, which has the form owner/name"}
	case hub.Missing:
		return "there is no model " + r.Model + " on the Hub", []string{"check its name, which has the form owner/name"}
	case hub.Hidden:
		return "the Hub shows no model " + r.Model + ": it does not exist, or it is private or gated",
			[]string{"check its name; for a private or gated one, give a token that may read it"}
	case hub.Gated:
		return r.Model + " is gated, and access was not granted", []string{"ask for it on https://huggingface.co/" + r.Model}
	case hub.Disabled:
		return r.Model + " was taken down from the Hub", append([]string{"choose another model"}, served...)
	case hub.None:
	case hub.Unavailable, hub.BadToken, hub.NoRight:
		return "no endpoint can be used" + states(r.Findings), hints(r.Findings)
	}
	if !r.Hub.Known() || !asksHuggingFace(r.Findings) || !onlyNotServed(r.Findings) {
		return "no endpoint can be used" + states(r.Findings), hints(r.Findings)
	}
	return whyNot(r.Hub.Model, r.Findings, served)
}

func (h Hub) reason() hub.Reason { return hub.ReasonOf(h.Err) }

// whyNot explains by the mapping of the Hub that nobody who was asked serves
// the model.
func whyNot(m hub.Model, findings []Finding, served []string) (string, []string) {
	denied, others, forOther, staging, failing := sort(m, findings)
	switch {
	case len(denied) > 0:
		advice := append(useProviders(others), "try again later: the listing may be late, or the route of the provider has changed")
		return "the Hub says that " + join(denied) + " serves " + m.ID + ", and the answer says otherwise", append(advice, served...)
	case len(others) > 0:
		return m.ID + " is served by " + join(others) + ", and by none of those that were asked", useProviders(others)
	case len(staging) > 0:
		return m.ID + " is in staging at " + join(staging) + ", and served by nobody else", append([]string{hostIt(m)}, served...)
	case len(failing) > 0:
		return m.ID + " fails the health check of " + join(failing) + ", and is served by nobody else", append([]string{"try again later, or " + hostIt(m)}, served...)
	case makesNoVectors(m):
		reason := m.ID + " is a model for " + m.Task + ": it makes no vectors of texts"
		if len(forOther) > 0 {
			reason += " (served by " + join(forOther) + " for that)"
		}
		return reason, append([]string{"choose a model for feature-extraction or sentence-similarity"}, served...)
	case len(forOther) > 0:
		return "no provider serves " + m.ID + " for embeddings, only " + join(forOther) + " for another task", append([]string{hostIt(m)}, served...)
	}
	return "no provider serves this model", append([]string{hostIt(m)}, served...)
}

// sort tells apart the providers of a model: those that denied what the Hub
// says, live ones that were not asked, those of other tasks, and the rest. Of
// one whose status or task is not known nothing is said.
func sort(m hub.Model, findings []Finding) (denied, others, forOther, staging, failing []string) {
	for _, p := range m.Providers {
		asked := slices.ContainsFunc(findings, func(f Finding) bool { return f.Provider == p.Name })
		switch {
		case p.Task == "":
		case !hub.Embeds(p.Task):
			forOther = append(forOther, p.Name)
		case p.Status == hub.Staging:
			staging = append(staging, p.Name)
		case p.Status == hub.Failing:
			failing = append(failing, p.Name)
		case p.Status != hub.Live:
		case asked:
			denied = append(denied, p.Name)
		default:
			others = append(others, p.Name)
		}
	}
	return denied, others, forOther, staging, failing
}

// makesNoVectors reports whether the task of a model is none that could give
// vectors of texts or images. Models without a task, and those that compare
// texts and images, can.
func makesNoVectors(m hub.Model) bool {
	tasks := []string{
		"", "feature-extraction", "sentence-similarity", "image-feature-extraction", "zero-shot-image-classification",
		"fill-mask", "text-ranking", "visual-document-retrieval", "zero-shot-classification",
	}
	return !slices.Contains(tasks, m.Task) && !slices.ContainsFunc(m.Tags, hub.Embeds)
}

func hostIt(m hub.Model) string {
	switch {
	case strings.Contains(m.Task, "image"), strings.Contains(m.Task, "visual"):
		return "host it yourself with a server that takes images, such as Infinity or vLLM, and name that as an endpoint"
	case slices.Contains(m.Tags, "text-embeddings-inference"):
		return "host it yourself with text-embeddings-inference, and name that as an endpoint: tei: {url: …}"
	}
	return "host it yourself (text-embeddings-inference, Infinity, vLLM, …), and name that as an endpoint"
}

func useProviders(names []string) []string {
	var known, unknown []string
	for _, name := range names {
		if slices.Contains(huggingface.ProviderNames(), name) {
			known = append(known, name)
		} else {
			unknown = append(unknown, name)
		}
	}
	var advice []string
	if len(known) > 0 {
		advice = append(advice, "write huggingface: {provider: "+known[0]+"}, or provider: auto")
	}
	if len(unknown) > 0 {
		advice = append(advice, "write huggingface: {provider: "+unknown[0]+", route: …} with the route of its embeddings as its documentation names it, such as v1")
	}
	return advice
}

// alternatives names served models, those that embed texts apart from others.
func alternatives(served []hub.Model) []string {
	var embed, same []string
	task := ""
	for _, m := range served {
		if hub.Embeds(m.Task) {
			embed = append(embed, m.ID)
			continue
		}
		task, same = m.Task, append(same, m.ID)
	}
	var out []string
	if len(embed) > 0 {
		out = append(out, "or choose one that is served: "+strings.Join(embed, ", "))
	}
	if len(same) > 0 {
		out = append(out, "of the same task are served, though not for vectors ("+task+"): "+strings.Join(same, ", "))
	}
	return out
}

func hints(findings []Finding) []string {
	var out []string
	for _, f := range findings {
		if f.Hint != "" && !slices.Contains(out, f.Hint) {
			out = append(out, f.Hint)
		}
	}
	return out
}

// states names what the endpoints say, each state once.
func states(findings []Finding) string {
	var names []string
	for _, f := range findings {
		if !slices.Contains(names, string(f.State)) {
			names = append(names, string(f.State))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ": " + join(names)
}

func asksHuggingFace(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Provider != "" })
}

func onlyNotServed(findings []Finding) bool {
	return !slices.ContainsFunc(findings, func(f Finding) bool {
		return f.State != NotServed && f.State != Staging && f.State != Failing
	})
}

func join(names []string) string {
	const most = 5
	if len(names) > most {
		names = append(slices.Clone(names[:most]), "others")
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return names[0]
}
