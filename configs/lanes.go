package configs

import (
	"maps"
	"slices"
)

// Lane is one named vector of a configuration.
type Lane struct {
	Vector string // name of the vector in the index
	Path   string // of its section, as in problems: embed, or such as vectors.image
	Embed  Embed
	Hybrid *Hybrid // how the words of its texts are found; nil: they are not
}

// Lanes returns the vectors of a document, in the order of their names. Without
// Vectors it is one, by Embed: its name is that of the Qdrant index, and where
// that says nothing the name of its input, "text" or "image".
func (c *Config) Lanes() []Lane {
	lanes := c.vectorLanes()
	c.Index.Hybrid.giveWords(lanes)
	return lanes
}

func (c *Config) vectorLanes() []Lane {
	if c.Vectors == nil {
		return []Lane{{Vector: c.onlyVector(), Path: "embed", Embed: c.Embed}}
	}
	lanes := make([]Lane, 0, len(c.Vectors))
	for _, name := range slices.Sorted(maps.Keys(c.Vectors)) {
		lanes = append(lanes, Lane{Vector: name, Path: join("vectors", name), Embed: *c.Vectors[name]})
	}
	return lanes
}

func (c *Config) onlyVector() string {
	switch {
	case c.Index.Qdrant != nil && c.Index.Qdrant.Vector != "":
		return c.Index.Qdrant.Vector
	case c.Embed.Input == InputImage:
		return string(InputImage)
	}
	return string(InputText)
}

// With returns the configuration in which the vector, one of [Config.Lanes], is
// made by embed. Its index is the same; c is not changed.
func (c *Config) With(vector string, embed Embed) Config {
	other := *c
	if c.Vectors == nil {
		other.Embed = embed
		return other
	}
	other.Vectors = maps.Clone(c.Vectors)
	other.Vectors[vector] = &embed
	return other
}

// Choices returns what may make the vector, in order of preference: first the
// model of its lane, then one for each alternative, which stands in the place
// of that model. None of them has alternatives. It returns nil for a vector
// that is none of [Config.Lanes].
func (c *Config) Choices(vector string) []Embed {
	for _, lane := range c.Lanes() {
		if lane.Vector == vector {
			return lane.Embed.choices()
		}
	}
	return nil
}

func (e *Embed) choices() []Embed {
	first := *e
	first.Alternatives = nil
	all := []Embed{first}
	for _, alternative := range e.Alternatives {
		all = append(all, first.by(alternative))
	}
	return all
}

// Chosen returns the configuration in which each vector v is made by
// Choices(v)[choice[v]], and the index is that of these models: each
// alternative that is taken renames it, in the order of the lanes. A vector
// that choice lacks is made by the model of its lane. No lane has alternatives.
func (c *Config) Chosen(choice map[string]int) Config {
	chosen := *c
	chosen.Vectors = maps.Clone(c.Vectors)
	for _, lane := range c.Lanes() {
		embed := lane.Embed
		embed.Alternatives = nil
		if taken := choice[lane.Vector]; taken > 0 {
			alternative := lane.Embed.Alternatives[taken-1]
			embed = embed.by(alternative)
			chosen.Index = chosen.Index.of(alternative)
		}
		if c.Vectors == nil {
			chosen.Embed = embed
		} else {
			chosen.Vectors[lane.Vector] = &embed
		}
	}
	return chosen
}

// maxCandidates is how many ways there may be to choose the models of a run.
const maxCandidates = 256

// Candidates returns the configurations that a run may use, in order of
// preference: every choice among the alternatives, those that take fewer of
// them first, and of these in the order of the lanes and of the alternatives.
// Each is one of [Config.Chosen]. There are 256 at most, which
// [Config.Validate] sees to.
func (c *Config) Candidates() []Config {
	var all []Config
	for _, choice := range c.choices() {
		all = append(all, c.Chosen(choice))
	}
	return all
}

// choices are the choices of Candidates.
func (c *Config) choices() []map[string]int {
	var lanes []Lane
	for _, lane := range c.Lanes() {
		if len(lane.Embed.Alternatives) > 0 {
			lanes = append(lanes, lane)
		}
	}
	var all []map[string]int
	taken := map[string]int{}
	// take adds the choices that take n more alternatives of lanes.
	var take func(lanes []Lane, n int)
	take = func(lanes []Lane, n int) {
		if n == 0 {
			all = append(all, maps.Clone(taken))
			return
		}
		for i := 0; i+n <= len(lanes); i++ {
			for alternative := range lanes[i].Embed.Alternatives {
				if len(all) == maxCandidates {
					return
				}
				taken[lanes[i].Vector] = alternative + 1
				take(lanes[i+1:], n-1)
			}
			delete(taken, lanes[i].Vector)
		}
	}
	for n := range len(lanes) + 1 {
		take(lanes, n)
	}
	return all
}
