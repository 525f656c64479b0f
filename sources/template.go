package sources

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/vecload/vecload/pipeline"
)

const (
	// maxTemplate bounds the source of a template, in bytes, and with it the
	// nesting of its actions.
	maxTemplate = 64 << 10
	// maxText bounds what a template may make of one record, in bytes: as much
	// as the longest line that a source takes.
	maxText = 64 << 20
	// maxSteps bounds the work for one record: actions and function calls,
	// and one more for each 64 bytes that they handle. It lets a template
	// print a text of the greatest length several times over.
	maxSteps = 4 << 20
)

// Template makes a text of a record. It may be used from several goroutines.
type Template struct {
	nodes    []node
	paths    []Path // of the record's fields that it reads
	required []Path
	vars     int // number of variables
}

// ParseTemplate compiles a template in the syntax of package text/template,
// over the fields of a record: {{.title}}, {{.meta.author}}.
//
// The actions are if, else, with, range, end, comments, variables and the
// printing of a value; there is no define, template, block, break or
// continue. A field that is printed has to be there: the text of a record
// where it is missing or null is an error, while {{if .subtitle}} of such a
// field is false and {{range .tags}} of it runs the else branch. Strings
// print as they are, numbers and booleans as in JSON; a list or an object
// does not print, join and json make texts of them. Lists are ranged over in
// order, objects in the order of their keys.
//
// The functions are and, or, not, eq, ne, lt, le, gt, ge, len, index and
// printf as in text/template, with a literal format of the verbs s q v d f e
// g t and widths up to 1,000; and
//
//	join SEP LIST     the elements, with SEP between them
//	lower upper trim  of a text
//	default VALUE X   X, or VALUE when X is missing, null or empty
//	json X            X as compact JSON
//
// A key that is no identifier is reached by index: {{index . "a.b"}}.
//
// A text is at most 64 MiB, and the work for one record is bounded too.
func ParseTemplate(text string) (*Template, error) {
	if len(text) > maxTemplate {
		return nil, fmt.Errorf("the template is longer than %d bytes", maxTemplate)
	}
	tree := parse.New("template")
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	if _, err := tree.Parse(text, "", "", trees); err != nil {
		// parse writes "template: NAME:LINE: what".
		return nil, errors.New(strings.TrimPrefix(err.Error(), "template: "))
	}
	for name := range trees {
		if name != "template" {
			return nil, errors.New("define and block have no use here: a template is one text")
		}
	}
	c := &compiler{text: text, dotRoot: true, printing: true}
	nodes, err := c.list(tree.Root)
	if err != nil {
		return nil, err
	}
	return &Template{nodes: nodes, paths: c.paths, required: c.required, vars: c.vars}, nil
}

// Paths returns the fields that the template reads.
func (t *Template) Paths() []Path { return slices.Clone(t.paths) }

// Required returns the fields without which it makes no text of any record.
func (t *Template) Required() []Path { return slices.Clone(t.required) }

// bind gives the text maker whose i-th path is found at places[i].
func (t *Template) bind(places []place) textOf {
	b := &boundTemplate{Template: t, places: places}
	segments := make([]segment, 0, len(t.nodes))
	for _, n := range t.nodes {
		switch n := n.(type) {
		case literal:
			segments = append(segments, segment{literal: string(n)})
		case printValue:
			field, ok := n.value.(rootField)
			if !ok {
				return b
			}
			segments = append(segments, segment{at: &places[field.path], name: field.name})
		default:
			return b
		}
	}
	return concat(segments)
}

type boundTemplate struct {
	*Template
	places []place
}

func (b *boundTemplate) text(r *Record) (string, error) {
	s := &state{record: r, places: b.places, vars: make([]operand, b.vars)}
	if err := s.run(b.nodes); err != nil {
		return "", err
	}
	return string(s.out), nil
}

// concat is a template of literals and fields only.
type concat []segment

type segment struct {
	literal string
	at      *place // nil: the literal
	name    string
}

func (c concat) text(r *Record) (string, error) {
	size := 0
	for i := range c {
		size += len(c[i].literal)
		if c[i].at == nil {
			continue
		}
		v, ok := r.at(c[i].at)
		if !ok {
			return "", fmt.Errorf("%s is missing", c[i].name)
		}
		if err := printable(v, c[i].name); err != nil {
			return "", err
		}
		size += max(len(v.Str()), 8)
	}
	if size > maxText {
		return "", errTooLong()
	}
	var b strings.Builder
	b.Grow(size)
	for i := range c {
		if c[i].at == nil {
			b.WriteString(c[i].literal)
			continue
		}
		v, _ := r.at(c[i].at)
		if v.Kind() == pipeline.KindString {
			b.WriteString(v.Str())
		} else {
			b.Write(v.AppendJSON(nil))
		}
	}
	return b.String(), nil
}

// printable tells why a value cannot stand in a text.
func printable(v pipeline.Value, name string) error {
	switch v.Kind() {
	case pipeline.KindString, pipeline.KindInt, pipeline.KindFloat, pipeline.KindBool:
		return nil
	case pipeline.KindNull:
		return fmt.Errorf("%s is null", name)
	case pipeline.KindList:
		return fmt.Errorf("%s is a list, which does not print: join it", name)
	case pipeline.KindObject:
	}
	return fmt.Errorf("%s is an object, which does not print: name one of its fields", name)
}

func errTooLong() error {
	return fmt.Errorf("the text would be longer than %d MiB", maxText>>20)
}
