package configs

import (
	"fmt"
	"path/filepath"
	"strings"
)

// alternatives checks the other models and the names of their indexes.
func (c *Config) alternatives(v *validator) {
	all := c.Embed.Alternatives
	v.check(len(all) == 0 || c.Embed.Model != Builtin, "embed.alternatives",
		"can never be used: the builtin model needs no server that might not serve it")
	candidates := c.Candidates()
	for i, alternative := range all {
		at := fmt.Sprintf("embed.alternatives[%d]", i)
		alternative.validate(v, at, c.Embed)
		for _, earlier := range candidates[:i+1] {
			v.check(alternative.Model == "" || alternative.Model != earlier.Embed.Model, at+".model",
				"is given above already; more servers of a model go into its endpoints")
		}
		c.ownIndex(v, at, alternative, candidates[i+1], candidates[:i+1])
	}
}

func (a *Alternative) validate(v *validator, at string, embed Embed) {
	v.model(a.Model, at+".model")
	v.servers(a.Model, a.Endpoints, a.Pooling, at)
	v.number(a.Cut, 0, 65536, at+".cut")
	embed.Model, embed.Endpoints, embed.Pooling, embed.Cut = a.Model, a.Endpoints, a.Pooling, a.Cut
	for i, endpoint := range a.Endpoints {
		endpoint.validate(v, fmt.Sprintf("%s.endpoints[%d]", at, i), at, embed)
	}
}

// ownIndex checks that an alternative is written to an index of its own.
func (c *Config) ownIndex(v *validator, at string, alternative Alternative, own Config, earlier []Config) {
	key := at + ".path"
	if c.Index.Qdrant != nil {
		v.check(alternative.Path == "", key, "is for an index in a file; name the collection with collection")
		key = at + ".collection"
		v.collection(own.Index.Qdrant.Collection, key)
	} else {
		v.check(alternative.Collection == "", at+".collection", "is for a Qdrant server; name the file with path")
		v.check(c.Rejects == "" || own.Index.place() != filepath.Clean(c.Rejects), key, "is the file that rejects are written to")
	}
	what := "leads to"
	if alternative.Path == "" && alternative.Collection == "" {
		what = "is missing, and the model's name would lead to"
	}
	for _, other := range earlier {
		// That a model is given twice is told already.
		if own.Index.place() == other.Index.place() && other.Embed.Model != alternative.Model {
			v.check(false, key, "%s the index %s, which is that of %s: each model needs one of its own", what, own.Index.place(), other.Embed.Model)
			return
		}
	}
}

// place is the name of an index among those of one configuration, in which a
// file may be written in several ways.
func (i Index) place() string {
	switch {
	case i.Qdrant != nil:
		return i.Qdrant.Collection
	case i.SQLite != nil:
		return filepath.Clean(i.SQLite.Path)
	}
	return DefaultSQLitePath
}

// model checks the name of a model.
func (v *validator) model(name, path string) {
	v.check(name != "", path, missing)
	v.check(!strings.ContainsAny(name, " \t\n"), path, "must hold no space, such as sentence-transformers/all-MiniLM-L6-v2")
}

// servers checks that a model has the endpoints that it needs.
func (v *validator) servers(model string, endpoints []Endpoint, pooling Pooling, at string) {
	switch model {
	case "":
	case Builtin:
		v.check(len(endpoints) == 0, at+".endpoints", "is not for the builtin model, which needs no server; name the model that the endpoint serves in %s.model", at)
		v.check(pooling == "", at+".pooling", "is not for the builtin model, which pools by itself")
	default:
		v.check(len(endpoints) > 0, at+".endpoints", "is missing: the model %s needs a server (huggingface, tei, openai, ollama, cohere, or server where the kind is not known); only %q needs none", quote(model), Builtin)
	}
}

// collection checks the name of a Qdrant collection.
func (v *validator) collection(name, path string) {
	v.check(!strings.ContainsAny(name, `<>:"/\|?*`) && len(name) <= 255, path,
		`must be at most 255 bytes without < > : " / \ | ? *`)
	v.name(name, path)
}
