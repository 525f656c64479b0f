package sources

import (
	"errors"
	"fmt"
	"strings"
)

// Path is the way to a field: the keys from the top of a record down through
// nested objects. A path never goes into a list.
type Path []string

// ParsePath reads a field path. A dot separates keys: meta.author is the field
// author of the object meta. A backslash makes the dot or the backslash that
// follows it part of a key: the path a\.b is the field "a.b".
func ParsePath(s string) (Path, error) {
	if s == "" {
		return nil, errors.New("a field path is empty")
	}
	var path Path
	var key strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '.':
			if key.Len() == 0 {
				return nil, fmt.Errorf("field path %q has an empty key", s)
			}
			path = append(path, key.String())
			key.Reset()
		case '\\':
			if i+1 == len(s) || (s[i+1] != '.' && s[i+1] != '\\') {
				return nil, fmt.Errorf(`field path %q: a backslash stands only before a dot or a backslash`, s)
			}
			i++
			key.WriteByte(s[i])
		default:
			key.WriteByte(c)
		}
	}
	if key.Len() == 0 {
		return nil, fmt.Errorf("field path %q has an empty key", s)
	}
	return append(path, key.String()), nil
}

// String gives the path as [ParsePath] reads it.
func (p Path) String() string {
	escape := strings.NewReplacer(`\`, `\\`, `.`, `\.`)
	keys := make([]string, len(p))
	for i, key := range p {
		keys[i] = escape.Replace(key)
	}
	return strings.Join(keys, ".")
}

// name gives the keys joined by dots, which is how a payload field is called.
func (p Path) name() string { return strings.Join(p, ".") }

// within reports whether p is q or lies inside of it.
func (p Path) within(q Path) bool {
	if len(p) < len(q) {
		return false
	}
	for i := range q {
		if p[i] != q[i] {
			return false
		}
	}
	return true
}
