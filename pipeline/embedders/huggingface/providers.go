package huggingface

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
)

// The providers that need no table: Hugging Face's own, which has the pipeline
// route, and the choice of one by what the Hub says.
const (
	HFInference = "hf-inference"
	Auto        = "auto"
)

// Provider is a third party behind the router. It speaks OpenAI's embeddings
// route, and knows models by names of its own.
type Provider struct {
	Name   string
	Route  string // what stands between its address, or its part of the router, and /embeddings
	Direct string // its own address, for keys of its own
}

// Providers returns those that both official clients know for feature
// extraction as of August 2026 (huggingface_hub, inference/_providers;
// huggingface.js, lib/getProviderHelper.ts), in the order in which auto
// prefers them. Before all of them it prefers [HFInference].
func Providers() []Provider {
	return []Provider{
		{Name: "deepinfra", Route: "v1/openai", Direct: "https://api.deepinfra.com"},
		{Name: "scaleway", Route: "v1", Direct: "https://api.scaleway.ai"},
		{Name: "together", Route: "v1", Direct: "https://api.together.xyz"},
	}
}

// ProviderNames returns the names of all providers with a route, in the order
// in which auto prefers them.
func ProviderNames() []string {
	names := []string{HFInference}
	for _, p := range Providers() {
		names = append(names, p.Name)
	}
	return names
}

// Wish is what a configuration says about who is to serve a model.
type Wish struct {
	Provider   string // a name, or [Auto], which "" is too
	Model      string // its name on the Hub
	Router     string // address of the router; "" is [Router]
	Route      string // of a provider that is not in the table
	ProviderID string // the provider's name of the model; "" asks the Hub
	Direct     bool   // the token is the provider's own key, not Hugging Face's
}

// Target is one provider with what a request to it needs.
type Target struct {
	Provider string
	// URL is the router's address for [HFInference], and what stands before
	// /embeddings for all others.
	URL string
	// Model is the name that the provider knows the model by.
	Model string
	// Direct tells that the router is not asked.
	Direct bool
	// Failing tells that the last health check of the Hub failed.
	Failing bool
}

// Targets returns who may be asked for a model, best first, and one at least:
// the provider that is wished for, or for [Auto] those that the Hub calls live
// for feature extraction, in the order of [ProviderNames], then those that
// failed its health check. The Hub is no gate: where it names none that has a
// route here, or m is nil since it could not be asked, hf-inference itself has
// to say that it does not serve the model.
func Targets(w Wish, m *hub.Model) ([]Target, error) {
	model := w.Model
	if m != nil && m.ID != "" {
		model = m.ID
	}
	if w.Provider != Auto && w.Provider != "" {
		t, err := w.target(w.Provider, model, m)
		return []Target{t}, err
	}
	if w.Direct {
		return nil, misconfigured("", "the token is no token of Hugging Face, and no provider is named", "name the provider whose key it is")
	}
	var live, failing []Target
	for _, name := range ProviderNames() {
		entry, usable := usable(m, name)
		if !usable {
			continue
		}
		t, err := w.target(name, model, m)
		switch {
		case err != nil:
			return nil, err
		case entry.Status == hub.Failing:
			failing = append(failing, t)
		default:
			live = append(live, t)
		}
	}
	targets := slices.Concat(live, failing)
	if len(targets) == 0 {
		t, err := w.target(HFInference, model, m)
		return []Target{t}, err
	}
	return targets, nil
}

// usable reports whether the Hub says that a provider makes vectors with the
// model for everybody.
func usable(m *hub.Model, name string) (hub.Provider, bool) {
	if m == nil {
		return hub.Provider{}, false
	}
	entry, ok := m.Provider(name)
	return entry, ok && hub.Embeds(entry.Task) && (entry.Status == hub.Live || entry.Status == hub.Failing)
}

func (w Wish) target(name, model string, m *hub.Model) (Target, error) {
	router := strings.TrimRight(w.Router, "/")
	if router == "" {
		router = Router
	}
	if strings.Trim(name, ".") == "" || strings.ContainsAny(name, "/?#%\\") {
		return Target{}, misconfigured("", fmt.Sprintf("the provider %.200q is no name", name), "use one of "+strings.Join(ProviderNames(), ", ")+", or a name without / and dots alone")
	}
	t := Target{Provider: name, Model: model}
	if m != nil {
		entry, _ := m.Provider(name)
		t.Failing = entry.Status == hub.Failing
		if entry.ID != "" && name != HFInference {
			t.Model = entry.ID
		}
	}
	if name == HFInference {
		t.URL = router
		if w.Direct {
			return Target{}, misconfigured(router, "the token is no token of Hugging Face, which hf-inference wants", "give one that begins with hf_")
		}
		return t, nil
	}
	if w.ProviderID != "" {
		t.Model = w.ProviderID
	}
	known := Provider{Name: name}
	if i := slices.IndexFunc(Providers(), func(p Provider) bool { return p.Name == name }); i >= 0 {
		known = Providers()[i]
	}
	if w.Route != "" {
		known.Route = strings.Trim(strings.TrimSuffix(w.Route, "/embeddings"), "/")
	}
	switch {
	case known.Route == "":
		return Target{}, &pipeline.Error{
			Class: pipeline.Misconfigured,
			Hint:  "give its route as its documentation shows it, such as v1, or use one of " + strings.Join(ProviderNames(), ", "),
			Err:   fmt.Errorf("the route of provider %s is not known", name),
		}
	case !w.Direct:
		t.URL = router + "/" + name + "/" + known.Route
	case known.Direct == "":
		return Target{}, &pipeline.Error{
			Class: pipeline.Misconfigured,
			Hint:  "use an openai endpoint with the provider's address, or a token of Hugging Face",
			Err:   errors.New("the token is no token of Hugging Face, and the address of provider " + name + " is not known"),
		}
	default:
		t.Direct, t.URL = true, known.Direct+"/"+known.Route
	}
	return t, nil
}

// IsToken reports whether a token is one of Hugging Face, by which the official
// clients too tell its tokens from the keys of providers.
func IsToken(token string) bool { return strings.HasPrefix(token, "hf_") }
