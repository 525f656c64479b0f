package hub

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
)

// Model is what the Hub says about a model. What it did not say is the zero
// value.
type Model struct {
	ID        string   // the name on the Hub: owner/name
	Task      string   // pipeline_tag, such as sentence-similarity
	Library   string   // such as sentence-transformers
	SHA       string   // commit of the main branch
	Tags      []string // among them further tasks and text-embeddings-inference
	Gated     string   // "": everybody may read it; else "auto" or "manual"
	Private   bool
	Disabled  bool
	Warm      bool       // the Hub says that at least one provider serves it
	Providers []Provider // in the Hub's order; none when nobody serves it
}

// Provider is one entry of a model's inferenceProviderMapping.
type Provider struct {
	Name   string // such as hf-inference
	ID     string // the provider's own name of the model
	Status string // live, staging, error, or one that is not known yet
	Task   string // such as feature-extraction
}

// The statuses of a provider.
const (
	Live    = "live"
	Staging = "staging" // for the provider's own staff
	Failing = "error"   // its last health check failed
)

// Embeds reports whether a task is one of those that make vectors: the two
// are served by the same route.
func Embeds(task string) bool { return task == "feature-extraction" || task == "sentence-similarity" }

// Provider returns the entry of the provider of this name.
func (m Model) Provider(name string) (Provider, bool) {
	i := slices.IndexFunc(m.Providers, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, false
	}
	return m.Providers[i], true
}

// UnmarshalJSON reads what it understands and leaves out the rest, among it
// texts that are no words: they become part of addresses, and are shown.
func (m *Model) UnmarshalJSON(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	*m = Model{
		ID:        identifier(fields["id"]),
		Task:      text(fields["pipeline_tag"]),
		Library:   text(fields["library_name"]),
		SHA:       text(fields["sha"]),
		Tags:      texts(fields["tags"]),
		Gated:     gated(fields["gated"]),
		Private:   truth(fields["private"]),
		Disabled:  truth(fields["disabled"]),
		Warm:      text(fields["inference"]) == "warm",
		Providers: mapping(fields["inferenceProviderMapping"]),
	}
	return nil
}

const (
	maxText      = 300 // more than any name, task or commit has
	maxProviders = 100 // there are about twenty
)

// text reads a word: what is longer, or would not stand on a line as it is
// (control characters, or those that turn the direction), is "".
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil || len(s) > maxText || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return s
}

// identifier reads the name of a model.
func identifier(raw json.RawMessage) string {
	if s := text(raw); isName(s) {
		return s
	}
	return ""
}

// providerName reads the name of a provider, which is a part of the path of
// requests to it.
func providerName(name string) string {
	if len(name) > maxText || !isPart(name) {
		return ""
	}
	return name
}

func texts(raw json.RawMessage) []string {
	var all []json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return nil
	}
	var out []string
	for _, one := range all {
		if s := text(one); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func truth(raw json.RawMessage) bool {
	var b bool
	return json.Unmarshal(raw, &b) == nil && b
}

// gated is false, or a text that says how access is granted.
func gated(raw json.RawMessage) string {
	if truth(raw) {
		return "manual"
	}
	return text(raw)
}

// mapping reads either shape: an object with the providers as keys, or a list
// of entries that name theirs. The order is kept, which is that of the
// provider's share of requests; a provider that is named again is left out.
func mapping(raw json.RawMessage) []Provider {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	start, err := decoder.Token()
	if err != nil || start != json.Delim('{') && start != json.Delim('[') {
		return nil
	}
	var out []Provider
	for decoder.More() && len(out) < maxProviders {
		name := ""
		if start == json.Delim('{') {
			key, err := decoder.Token()
			if err != nil {
				return out
			}
			name, _ = key.(string)
		}
		var entry json.RawMessage
		if decoder.Decode(&entry) != nil {
			return out
		}
		var fields map[string]json.RawMessage
		if json.Unmarshal(entry, &fields) != nil || fields == nil {
			continue
		}
		if name == "" {
			name = text(fields["provider"])
		}
		again := slices.ContainsFunc(out, func(p Provider) bool { return p.Name == name })
		if name = providerName(name); name != "" && !again {
			out = append(out, Provider{
				Name: name, ID: text(fields["providerId"]), Status: text(fields["status"]), Task: text(fields["task"]),
			})
		}
	}
	return out
}
