package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Spaces are those of the vectors of an index, by the names of the vectors.
type Spaces map[string]Space

// Names returns the names in their order.
func (s Spaces) Names() []string { return slices.Sorted(maps.Keys(s)) }

// Differences lists, in words, what makes other another layout than s: a
// vector that only one of them has, and what differs within one that both
// have.
func (s Spaces) Differences(other Spaces) []string {
	var out []string
	for _, name := range s.Names() {
		space, ok := other[name]
		if !ok {
			out = append(out, fmt.Sprintf("there is a vector %q that is not expected", name))
			continue
		}
		for _, difference := range s[name].Differences(space) {
			if len(s) > 1 || len(other) > 1 {
				difference = fmt.Sprintf("vector %q: %s", name, difference)
			}
			out = append(out, difference)
		}
	}
	for _, name := range other.Names() {
		if _, ok := s[name]; !ok {
			out = append(out, fmt.Sprintf("there is no vector %q", name))
		}
	}
	return out
}

// Compatible reports whether vectors of each name may be compared, and no
// name is missing on either side.
func (s Spaces) Compatible(other Spaces) bool { return len(s.Differences(other)) == 0 }

// String names the spaces in one line: the space alone where there is one,
// else "image: model (512 dimensions), text: model (384 dimensions)".
func (s Spaces) String() string {
	parts := make([]string, 0, len(s))
	for _, name := range s.Names() {
		if len(s) == 1 {
			return s[name].String()
		}
		parts = append(parts, name+": "+s[name].String())
	}
	return strings.Join(parts, ", ")
}
