package configs

import (
	"encoding"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// decoder fills a Config from a tree of nodes. It goes on after a problem, so
// that all are found at once, and remembers where each value was written.
type decoder struct {
	env      Env
	at       map[string]position
	problems []Problem
	values   int // that were decoded, those of aliases each time
}

// maxValues is how many values a configuration may hold, those of aliases each
// time: a hundred times as many as the full sample, while a few aliases of
// aliases in a short file name billions.
const maxValues = 20_000

type position struct{ line, column int }

// problem tells what is wrong with the value at path, where it was written.
func (d *decoder) problem(path, format string, args ...any) {
	d.problemAt(d.at[path], path, format, args...)
}

func (d *decoder) problemAt(at position, path, format string, args ...any) {
	d.problems = append(d.problems, Problem{
		Line: at.line, Column: at.column, Path: path, Text: fmt.Sprintf(format, args...),
	})
}

func at(n *yaml.Node) position { return position{n.Line, n.Column} }

// value decodes n into to, which is addressable.
func (d *decoder) value(path string, n *yaml.Node, to reflect.Value, expand bool) {
	if d.values++; d.values >= maxValues {
		if d.values == maxValues {
			d.problemAt(at(n), "", "holds more than %d values, with those that its aliases repeat: this is no configuration", maxValues)
		}
		return
	}
	d.at[path] = at(n)
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		d.problem(path, "has no value; give it one or take the key away")
		return
	}
	if to.Kind() == reflect.Pointer {
		to.Set(reflect.New(to.Type().Elem()))
		to = to.Elem()
	}
	if s, ok := reflect.TypeAssert[interface{ defaults() }](to.Addr()); ok {
		s.defaults()
	}
	switch {
	case isScalar(to):
		d.scalar(path, n, to, expand)
	case to.Kind() == reflect.Struct:
		d.section(path, n, to)
		if s, ok := reflect.TypeAssert[interface {
			settle(given func(key string) bool)
		}](to.Addr()); ok {
			s.settle(func(key string) bool { _, given := d.at[path+"."+key]; return given })
		}
	case to.Kind() == reflect.Map:
		d.named(path, n, to)
	default:
		d.list(path, n, to, expand)
	}
}

func (d *decoder) section(path string, n *yaml.Node, to reflect.Value) {
	fields := fieldsOf(to.Type())
	names := slices.Sorted(maps.Keys(fields))
	if n.Kind != yaml.MappingNode {
		d.problem(path, "must be a section with the keys %s, is %s", strings.Join(names, ", "), nameOf(n))
		return
	}
	d.entries(path, n, func(inner string, key, value *yaml.Node) {
		field, known := fields[key.Value]
		if !known {
			d.problemAt(at(key), join(path, firstWord(key.Value)), "%s", unknownKey(key.Value, names))
			return
		}
		d.value(inner, value, to.FieldByIndex(field.Index), field.Tag.Get("expand") != "")
	})
}

// named decodes sections whose keys are names that the user chose. The place
// of a section is that of its name.
func (d *decoder) named(path string, n *yaml.Node, to reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.problem(path, "must be a section whose keys are names, is %s", nameOf(n))
		return
	}
	to.Set(reflect.MakeMap(to.Type()))
	d.entries(path, n, func(inner string, key, value *yaml.Node) {
		element := reflect.New(to.Type().Elem()).Elem()
		d.value(inner, value, element, false)
		d.at[inner] = at(key)
		if !element.IsZero() {
			to.SetMapIndex(reflect.ValueOf(key.Value), element)
		}
	})
}

// entries calls each with the keys of n that are one word and not given twice.
func (d *decoder) entries(path string, n *yaml.Node, each func(inner string, key, value *yaml.Node)) {
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			d.problemAt(at(key), path, "a key must be one word")
			continue
		}
		inner := join(path, key.Value)
		if line, again := first[key.Value]; again {
			d.problemAt(at(key), join(path, firstWord(key.Value)), "is given twice, first in line %d", line)
			continue
		}
		each(inner, key, value)
		first[key.Value] = key.Line
	}
}

func (d *decoder) list(path string, n *yaml.Node, to reflect.Value, expand bool) {
	element := reflect.New(to.Type().Elem()).Elem()
	if n.Kind == yaml.ScalarNode && element.Kind() == reflect.String {
		// A list of one text may be written as the text.
		d.scalar(path, n, element, expand)
		to.Set(reflect.Append(reflect.Zero(to.Type()), element))
		return
	}
	if n.Kind != yaml.SequenceNode {
		d.problem(path, "must be a list, is %s", nameOf(n))
		return
	}
	list := reflect.MakeSlice(to.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		if d.values > maxValues {
			return
		}
		d.value(path+"["+strconv.Itoa(i)+"]", item, list.Index(i), expand)
	}
	to.Set(list)
}

func (d *decoder) scalar(path string, n *yaml.Node, to reflect.Value, expand bool) {
	if n.Kind != yaml.ScalarNode {
		d.problem(path, "must be one value, is %s", nameOf(n))
		return
	}
	text := n.Value
	if expand {
		expanded, err := d.env.expand(text)
		if err != nil {
			d.problem(path, "%v", err)
			return
		}
		text = expanded
	}
	switch v := to.Addr().Interface().(type) {
	case *Secret:
		secret, err := ParseSecret(text, d.env)
		if err != nil {
			d.problem(path, "%v", err)
			return
		}
		*v = secret
	case *time.Duration:
		duration, err := time.ParseDuration(text)
		if err != nil {
			d.problem(path, "must be a duration such as 90s or 5m, is %s", quote(text))
			return
		}
		*v = duration
	case encoding.TextUnmarshaler:
		if err := v.UnmarshalText([]byte(text)); err != nil {
			d.problem(path, "%v", err)
		}
	case *string:
		*v = text
	case *bool:
		if n.ShortTag() != "!!bool" {
			d.problem(path, "must be true or false, is %s", quote(text))
			return
		}
		*v = strings.EqualFold(text, "true")
	case *int:
		whole, err := strconv.ParseInt(text, 10, 32) // no setting is larger
		if err != nil {
			d.problem(path, "must be a whole number, is %s", quote(text))
			return
		}
		*v = int(whole)
	case *float64:
		number, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
			d.problem(path, "must be a number, is %s", quote(text))
			return
		}
		*v = number
	default:
		d.problem(path, "cannot be set")
	}
}

// isScalar reports whether a value is written as one word.
func isScalar(to reflect.Value) bool {
	switch to.Addr().Interface().(type) {
	case *Secret, *time.Duration, encoding.TextUnmarshaler:
		return true
	}
	return to.Kind() != reflect.Struct && to.Kind() != reflect.Slice && to.Kind() != reflect.Map
}

// fieldsOf returns the fields of a section by their keys.
func fieldsOf(section reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for field := range section.Fields() {
		if key := field.Tag.Get("yaml"); key != "" {
			fields[key] = field
		}
	}
	return fields
}

// nameOf says in words what a node is.
func nameOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list"
	}
	return "one value"
}

func join(path, key string) string {
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return !strings.ContainsRune("_-", r) && !isAlphanumeric(r) }) {
		key = quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// firstWord is what is shown of a key that may be no key: a colon without a
// space behind it makes one word of the two in token:secret.
func firstWord(key string) string {
	if i := strings.IndexAny(key, ":= "); i >= 0 && i+1 < len(key) {
		return key[:i+1] + "…"
	}
	return key
}

func isAlphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
