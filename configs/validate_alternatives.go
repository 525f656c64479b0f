package configs

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
)

// alternatives checks the other models and the names of their indexes.
func (c *Config) alternatives(v *validator) {
	several, ok := c.countAlternatives(v)
	if !ok {
		return
	}
	candidates, named := []Config{c.Chosen(nil)}, false
	for _, lane := range c.Lanes() {
		all := lane.Embed.Alternatives
		v.check(len(all) == 0 || lane.Embed.Model != Builtin || lane.Embed.ofImages(), lane.Path+".alternatives",
			"can never be used: the builtin model needs no server that might not serve it")
		choices := lane.Embed.choices()
		for i, alternative := range all {
			at := fmt.Sprintf("%s.alternatives[%d]", lane.Path, i)
			choices[i+1].validateModel(v, at)
			for _, earlier := range choices[:i+1] {
				v.check(alternative.Model == "" || alternative.Model != earlier.Model, at+".model",
					"is given above already; more servers of a model go into its endpoints")
			}
			own := c.Chosen(map[string]int{lane.Vector: i + 1})
			c.ownIndex(v, at, alternative, own, candidates, several)
			candidates = append(candidates, own)
			named = named || alternative.Collection != "" || alternative.Path != ""
		}
	}
	if !named { // which is a problem by itself
		c.ownIndexes(v, candidates)
	}
}

// countAlternatives checks that there are not too many ways to choose models.
// It reports whether several vectors have alternatives, and whether to go on.
func (c *Config) countAlternatives(v *validator) (several, ok bool) {
	lanes, choices, path := 0, 1, "embed.alternatives"
	for _, lane := range c.Lanes() {
		n := len(lane.Embed.Alternatives)
		if n > 0 {
			lanes++
		}
		choices = min(choices*(n+1), maxCandidates+1)
	}
	if c.Vectors != nil {
		path = "vectors"
	}
	v.check(choices <= maxCandidates, path, "can be chosen from in more than %d ways; take some alternatives away", maxCandidates)
	return lanes > 1, choices <= maxCandidates
}

// ownIndex checks that an alternative is written to an index of its own.
func (c *Config) ownIndex(v *validator, at string, alternative Alternative, own Config, earlier []Config, several bool) {
	key := at + ".path"
	if c.Index.Qdrant != nil {
		v.check(alternative.Path == "", key, "is for an index in a file; name the collection with collection")
		key = at + ".collection"
		v.collection(own.Index.Qdrant.Collection, key)
		v.check(alternative.Collection == "" || !several, key, namedBySeveral)
	} else {
		v.check(alternative.Collection == "", at+".collection", "is for a Qdrant server; name the file with path")
		v.check(c.Rejects == "" || own.Index.place() != filepath.Clean(c.Rejects), key, "is the file that rejects are written to")
		v.check(alternative.Path == "" || !several, key, namedBySeveral)
	}
	what := "leads to"
	switch {
	case several:
		key = at + ".model" // of which the name is made
	case alternative.Path == "" && alternative.Collection == "":
		what = "is missing, and the model's name would lead to"
	}
	for _, other := range earlier {
		// That a model is given twice is told already.
		if own.Index.place() == other.Index.place() && other.models() != own.models() {
			v.check(false, key, "%s the index %s, which is that of %s: each model needs one of its own", what, own.Index.place(), other.models())
			return
		}
	}
}

const namedBySeveral = "cannot be given where several vectors have alternatives: which of them are taken is part of the name, which is made of their models"

// ownIndexes checks the indexes of choices that take several alternatives;
// earlier are those of the others.
func (c *Config) ownIndexes(v *validator, earlier []Config) {
	for _, choice := range c.choices() {
		if len(choice) < 2 {
			continue
		}
		own := c.Chosen(choice)
		place := own.Index.place()
		if c.Index.Qdrant != nil {
			v.check(len(place) <= maxCollection, "vectors",
				"have alternatives that lead to a collection with a name of %d bytes; %d are the most", len(place), maxCollection)
		} else {
			v.check(c.Rejects == "" || place != filepath.Clean(c.Rejects), "vectors", "have alternatives that lead to the index %s, which is the file that rejects are written to", place)
		}
		for _, other := range earlier {
			if place == other.Index.place() {
				v.check(false, "vectors", "have alternatives that lead to the index %s both with %s, and with %s: each choice needs one of its own",
					place, other.models(), own.models())
				break
			}
		}
		earlier = append(earlier, own)
	}
}

// models names the models of a configuration.
func (c *Config) models() string {
	if c.Vectors == nil {
		return c.Embed.Model
	}
	var names []string
	for _, lane := range c.Lanes() {
		names = append(names, lane.Embed.Model+" for "+lane.Vector)
	}
	return strings.Join(names, " and ")
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
	v.check(!strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), path,
		"must hold no space and nothing that cannot be printed, such as sentence-transformers/all-MiniLM-L6-v2")
}

// servers checks that a model has the endpoints that it needs.
func (v *validator) servers(e *Embed, at string) {
	switch {
	case e.Model == "":
	case e.Model == Builtin && e.ofImages():
		v.check(false, at+".model", "is %q, which takes texts only; name a model of images, and its endpoints", Builtin)
	case e.Model == Builtin:
		v.check(len(e.Endpoints) == 0, at+".endpoints", "is not for the builtin model, which needs no server; name the model that the endpoint serves in %s.model", at)
		v.check(e.Pooling == "", at+".pooling", "is not for the builtin model, which pools by itself")
	case e.ofImages():
		v.check(len(e.Endpoints) > 0, at+".endpoints", "is missing: the model %s needs a server that takes images (openai, cohere, sie or raw)", quote(e.Model))
	default:
		v.check(len(e.Endpoints) > 0, at+".endpoints", "is missing: the model %s needs a server (huggingface, tei, openai, ollama, cohere, or server where the kind is not known); only %q needs none", quote(e.Model), Builtin)
	}
}

// maxCollection is how long the name of a Qdrant collection may be, in bytes.
const maxCollection = 255

// collection checks the name of a Qdrant collection.
func (v *validator) collection(name, path string) {
	v.check(!strings.ContainsAny(name, `<>:"/\|?*`) && len(name) <= maxCollection, path,
		`must be at most 255 bytes without < > : " / \ | ? *`)
	v.name(name, path)
}
