package configs

import (
	"maps"
	"slices"
	"strings"
)

// maxVectors is far above what a document needs, and bounds what checking a
// configuration takes.
const maxVectors = 32

// lanes checks the vectors, each by itself. It returns false where there are
// too many to go on.
func (c *Config) lanes(v *validator) bool {
	if c.Vectors != nil {
		v.check(len(c.Vectors) > 0, "vectors", "names no vector; give each a name, such as text, and below that what embed has")
		v.check(len(c.Vectors) <= maxVectors, "vectors", "names %d vectors; %d are the most", len(c.Vectors), maxVectors)
		if len(c.Vectors) > maxVectors {
			return false
		}
		c.embedBeside(v)
		v.check(c.Index.Qdrant == nil || c.Index.Qdrant.Vector == "", "index.qdrant.vector",
			"is for embed; the names of several vectors are the keys of vectors")
	}
	for _, lane := range c.Lanes() {
		if c.Vectors != nil {
			v.check(vectorName(lane.Vector), lane.Path, "must be a name of 1 to 64 letters, digits, _, - and .")
		}
		lane.Embed.validate(v, lane.Path)
	}
	return true
}

// embedBeside tells of what was given for the only vector, where there are
// vectors: it would have no effect.
func (c *Config) embedBeside(v *validator) {
	if v.written == nil {
		return
	}
	embed, given := v.written.at["embed"]
	vectors := v.written.at["vectors"]
	switch {
	case given && (embed.line > vectors.line || embed.line == vectors.line && embed.column > vectors.column):
		v.check(false, "embed", "is given beside vectors; keep one: embed makes one vector of a document, vectors several")
	case given:
		v.check(false, "vectors", "is given beside embed; keep one: embed makes one vector of a document, vectors several")
	}
	for _, path := range slices.Sorted(maps.Keys(v.written.flags)) {
		v.check(!strings.HasPrefix(path, "embed."), path,
			"is for a configuration with one vector, and this one has vectors; set it there for each")
	}
}

func vectorName(name string) bool {
	return len(name) >= 1 && len(name) <= 64 &&
		!strings.ContainsFunc(name, func(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune("_-.", r) })
}
