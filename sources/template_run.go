package sources

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/vecload/vecload/pipeline"
)

// The nodes of a compiled template.
type (
	node       interface{ run(s *state) error }
	literal    string
	printValue struct{ value expr }
	assign     struct {
		variable int
		value    expr
	}
	branch struct {
		kind            branchKind
		value           expr
		key, element    int // variables, -1 for none
		body, otherwise []node
	}
	branchKind uint8
)

const (
	branchIf branchKind = iota
	branchWith
	branchRange
)

// The expressions of a compiled template.
type (
	expr interface {
		eval(s *state) (operand, error)
	}
	rootField struct {
		path int
		name string
	}
	inside struct {
		of   expr
		keys []string
	}
	dot      struct{}
	variable int
	constant pipeline.Value
)

// operand is a value, or the lack of one. Its name is for messages.
type operand struct {
	value pipeline.Value
	found bool
	name  string
}

func (o operand) none() bool { return !o.found || o.value.IsNull() }

// absent says why an operand that is none cannot be used.
func (o operand) absent() error {
	if o.found {
		return fmt.Errorf("%s is null", o.name)
	}
	return fmt.Errorf("%s is missing", o.name)
}

// truth is what if, with, and, or and not go by, as in text/template.
func (o operand) truth() bool {
	v := o.value
	switch v.Kind() {
	case pipeline.KindBool:
		return v.Bool()
	case pipeline.KindInt:
		return v.Int() != 0
	case pipeline.KindFloat:
		return v.Float() != 0
	case pipeline.KindString:
		return v.Str() != ""
	case pipeline.KindList:
		return len(v.List()) > 0
	case pipeline.KindObject:
		return len(v.Object()) > 0
	case pipeline.KindNull:
	}
	return false
}

// state is one run of a template over one record.
type state struct {
	record *Record
	places []place
	dot    operand
	vars   []operand
	out    []byte
	steps  int
}

// work counts a step that handles n bytes.
func (s *state) work(n int) error {
	s.steps += 1 + n/64
	if s.steps > maxSteps {
		return errors.New("the template does too much work for one record")
	}
	return nil
}

func (s *state) write(text string) error {
	if len(text) > maxText-len(s.out) {
		return errTooLong()
	}
	s.out = append(s.out, text...)
	return s.work(len(text))
}

func (s *state) run(nodes []node) error {
	for _, n := range nodes {
		if err := n.run(s); err != nil {
			return err
		}
	}
	return nil
}

func (n literal) run(s *state) error { return s.write(string(n)) }

func (n printValue) run(s *state) error {
	o, err := n.value.eval(s)
	if err != nil {
		return err
	}
	text, err := o.text()
	if err != nil {
		return err
	}
	return s.write(text)
}

func (n assign) run(s *state) error {
	o, err := n.value.eval(s)
	if err != nil {
		return err
	}
	s.vars[n.variable] = o
	return s.work(0)
}

func (n branch) run(s *state) error {
	if err := s.work(0); err != nil {
		return err
	}
	o, err := n.value.eval(s)
	if err != nil {
		return err
	}
	if n.kind == branchRange {
		return n.loop(s, o)
	}
	if n.element >= 0 {
		s.vars[n.element] = o
	}
	if !o.truth() {
		return s.run(n.otherwise)
	}
	if n.kind == branchWith {
		defer func(outer operand) { s.dot = outer }(s.dot)
		s.dot = o
	}
	return s.run(n.body)
}

func (n branch) loop(s *state, o operand) error {
	outer := s.dot
	defer func() { s.dot = outer }()
	turn := func(key, element pipeline.Value) error {
		s.dot = operand{value: element, found: true, name: "an element of " + o.name}
		if n.key >= 0 {
			s.vars[n.key] = operand{value: key, found: true, name: "a key of " + o.name}
		}
		if n.element >= 0 {
			s.vars[n.element] = s.dot
		}
		if err := s.work(0); err != nil {
			return err
		}
		return s.run(n.body)
	}
	switch {
	case o.value.Kind() == pipeline.KindList && o.truth():
		for i, element := range o.value.List() {
			if err := turn(pipeline.Int(int64(i)), element); err != nil {
				return err
			}
		}
		return nil
	case o.value.Kind() == pipeline.KindObject && o.truth():
		fields := slices.Clone(o.value.Object())
		slices.SortFunc(fields, func(a, b pipeline.Field) int { return cmp.Compare(a.Name, b.Name) })
		for _, f := range fields {
			if err := turn(pipeline.String(f.Name), f.Value); err != nil {
				return err
			}
		}
		return nil
	case o.none(), o.value.Kind() == pipeline.KindList, o.value.Kind() == pipeline.KindObject:
		return s.run(n.otherwise)
	}
	return fmt.Errorf("%s is %s, which range does not go through", o.name, a(o.value.Kind()))
}

func (e rootField) eval(s *state) (operand, error) {
	v, ok := s.record.at(&s.places[e.path])
	return operand{v, ok, e.name}, nil
}

func (e inside) eval(s *state) (operand, error) {
	o, err := e.of.eval(s)
	if err != nil {
		return o, err
	}
	for _, key := range e.keys {
		v, ok := o.value.Field(key)
		o = operand{v, ok, "field " + key}
	}
	return o, nil
}

func (dot) eval(s *state) (operand, error) { return s.dot, nil }

func (e variable) eval(s *state) (operand, error) { return s.vars[e], nil }

func (e constant) eval(*state) (operand, error) {
	return operand{pipeline.Value(e), true, "a constant"}, nil
}

// text gives an operand as it prints.
func (o operand) text() (string, error) {
	if o.none() {
		return "", o.absent()
	}
	if err := printable(o.value, o.name); err != nil {
		return "", err
	}
	if o.value.Kind() == pipeline.KindString {
		return o.value.Str(), nil
	}
	return string(o.value.AppendJSON(nil)), nil
}
