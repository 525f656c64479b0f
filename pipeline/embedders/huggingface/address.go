package huggingface

import (
	"net/url"
	"slices"
	"strings"
)

// Address is an address as somebody configured it.
type Address struct {
	Kind   string // of endpoint that it is for: huggingface, tei, openai, …
	URL    string
	Router string // the configured router; "" is [Router]
	Model  string // that it is asked for
}

// Mistake says what is wrong with an address.
type Mistake struct {
	What  string // such as "is the Hub, which serves no model"
	Right string // the address that requests have to go to
	Do    string // what to write in the configuration
}

// String joins the parts into what a configuration's problem says.
func (m Mistake) String() string { return m.What + "; the right address is " + m.Right + ": " + m.Do }

// The kinds of endpoint that are Hugging Face's own.
const (
	KindRouted    = "huggingface"
	KindDedicated = "inference_endpoint"
)

// Mistake recognises addresses that look as if Hugging Face served a model
// there, and never can. Of other hosts than the router it says nothing; a
// [KindRouted] endpoint's host is a router by definition.
func (a Address) Mistake() (Mistake, bool) {
	u, err := url.Parse(a.URL)
	if err != nil || u.Host == "" {
		return Mistake{}, false
	}
	switch strings.ToLower(u.Hostname()) {
	case "api-inference.huggingface.co":
		return a.mistake(Router, "is a retired host"), true
	case "huggingface.co", "www.huggingface.co", "hf.co":
		if segments := segmentsOf(u.Path); len(segments) >= 2 && segments[0] != "api" {
			return a.mistake(Router, "is a page of the Hub, and no server"), true
		}
		return a.mistake(Router, "is the Hub, which knows models and serves none"), true
	}
	if a.Kind == KindRouted {
		return a.ofRouter(u)
	}
	return a.ofAnotherKind(u)
}

// ofRouter looks for routes in what has to be the router's address alone. A
// mirror may stand below a path of its own.
func (a Address) ofRouter(u *url.URL) (Mistake, bool) {
	segments := segmentsOf(u.Path)
	at := slices.IndexFunc(segments, func(s string) bool {
		return slices.Contains([]string{HFInference, "v1", "inference", "pipeline", "models"}, s) || known(s)
	})
	if sameHost(Router, u) && len(segments) > 0 {
		at = 0
	}
	if at < 0 {
		return Mistake{}, false
	}
	base := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.Join(append([]string{""}, segments[:at]...), "/")}).String()
	return a.mistakeOf(base, segments[at:]), true
}

// ofAnotherKind knows which routes of the router another protocol may be
// spoken on: those of third parties. On the host of a router that was
// configured other servers may live, so that only hf-inference's own routes
// are certain there.
func (a Address) ofAnotherKind(u *url.URL) (Mistake, bool) {
	segments := segmentsOf(u.Path)
	base := (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	first := ""
	if len(segments) > 0 {
		first = segments[0]
	}
	switch {
	case sameHost(Router, u):
		if first == "" {
			return a.mistake(base, "is the router itself, which has no route there"), true
		}
		if slices.Contains([]string{HFInference, "v1", "inference", "pipeline", "models"}, first) || len(segments) > 1 && segments[1] == "models" {
			return a.mistakeOf(base, segments), true
		}
	case sameHost(a.Router, u) && first == HFInference:
		return a.mistakeOf(base, segments), true
	}
	return Mistake{}, false
}

func sameHost(address string, u *url.URL) bool {
	other, err := url.Parse(address)
	return err == nil && other.Host != "" && strings.EqualFold(other.Host, u.Host)
}

// mistakeOf says what is wrong with a route of the router.
func (a Address) mistakeOf(base string, route []string) Mistake {
	path := "/" + strings.Join(route, "/")
	switch first := route[0]; {
	case first == "v1":
		return a.mistake(base, "ends in a route that serves chat only, never embeddings")
	case first == "inference":
		return a.mistake(base, "ends in a route that the router does not have")
	case first == "pipeline", first == HFInference && len(route) > 1 && route[1] == "pipeline":
		return a.mistake(base, "has the order of before May 2025, with the task before the model")
	case first == "models":
		return a.mistake(base, "lacks the provider before "+path)
	case first == HFInference && len(route) == 1:
		return a.mistake(base, "is a bare /hf-inference, which names no model")
	case first == HFInference && route[1] == "models" && slices.Contains(route, "pipeline"):
		if strings.HasSuffix(path, "/pipeline/feature-extraction") && a.Kind == KindRouted {
			return a.mistake(base, "is the whole route, of which url is the beginning")
		}
		if strings.HasSuffix(path, "/pipeline/feature-extraction") {
			return a.mistake(base, "is the route of a huggingface endpoint, which speaks another protocol")
		}
		return a.mistake(base, "has a suffix that asks for another task")
	case first == HFInference && route[1] == "models":
		return a.mistake(base, "lacks the suffix /pipeline/feature-extraction, without which the model's own task is run")
	case first == HFInference:
		return a.mistake(base, "has a route that hf-inference does not have")
	case known(first):
		return a.ofProvider(base, route)
	case len(route) > 1 && route[1] == "models":
		return Mistake{
			What:  "has hf-inference's route behind another provider, " + first,
			Right: base + "/" + first + "/…/embeddings",
			Do:    "write provider: " + first + " with the route that its documentation names, and url: " + base,
		}
	}
	return a.mistake(base, "has a route that the router does not have")
}

func (a Address) ofProvider(base string, route []string) Mistake {
	i := slices.IndexFunc(Providers(), func(p Provider) bool { return p.Name == route[0] })
	m := Mistake{
		What:  "has the route of a provider, of which url is the beginning",
		Right: base + "/" + route[0] + "/" + Providers()[i].Route + "/embeddings",
		Do:    "write huggingface: {provider: " + route[0] + "}" + withURL(base),
	}
	if len(route) > 1 && route[1] == "models" {
		m.What = "has hf-inference's route behind another provider"
	}
	return m
}

// mistake gives the pipeline route of the model as the right address.
func (a Address) mistake(base, what string) Mistake {
	model := a.Model
	if model == "" {
		model = "OWNER/NAME"
	}
	do := "write huggingface: {}, which makes it of the model's name"
	if base != Router {
		do = "write huggingface: {url: \"" + base + "\"}, which makes it of the model's name"
	}
	return Mistake{What: what, Right: base + "/" + HFInference + "/models/" + model + "/pipeline/feature-extraction", Do: do}
}

func withURL(base string) string {
	if base == Router {
		return ""
	}
	return " with url: " + base
}

func known(name string) bool {
	return slices.ContainsFunc(Providers(), func(p Provider) bool { return p.Name == name })
}

func segmentsOf(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}
