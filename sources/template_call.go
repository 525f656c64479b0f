package sources

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// call is a function and its arguments.
type call struct {
	name string
	fn   function
	args []expr
}

// function is what a template can call. Its arguments are there and not null
// unless it is lenient.
type function struct {
	least, most int // arguments; most < 0 is without end
	lenient     bool
	apply       func(args []operand) (pipeline.Value, error)
}

// functionOf returns the function of a name.
func functionOf(name string) (function, bool) {
	switch name {
	case "and", "or": // evaluated by call.eval, since they stop early
		return function{1, -1, true, nil}, true
	case "not":
		return function{1, 1, true, func(args []operand) (pipeline.Value, error) {
			return pipeline.Bool(!args[0].truth()), nil
		}}, true
	case "eq":
		return function{2, -1, true, func(args []operand) (pipeline.Value, error) {
			return pipeline.Bool(slices.ContainsFunc(args[1:], func(o operand) bool { return equal(args[0], o) })), nil
		}}, true
	case "ne":
		return function{2, 2, true, func(args []operand) (pipeline.Value, error) {
			return pipeline.Bool(!equal(args[0], args[1])), nil
		}}, true
	case "lt":
		return ordering(func(c int) bool { return c < 0 }), true
	case "le":
		return ordering(func(c int) bool { return c <= 0 }), true
	case "gt":
		return ordering(func(c int) bool { return c > 0 }), true
	case "ge":
		return ordering(func(c int) bool { return c >= 0 }), true
	case "len":
		return function{1, 1, false, length}, true
	case "index": // evaluated by call.eval, since what is not there is missing
		return function{2, -1, true, nil}, true
	case "join":
		return function{2, 2, false, join}, true
	case "lower":
		return textFunction(strings.ToLower), true
	case "upper":
		return textFunction(strings.ToUpper), true
	case "trim":
		return textFunction(strings.TrimSpace), true
	case "default":
		return function{2, 2, true, func(args []operand) (pipeline.Value, error) {
			if args[1].truth() {
				return args[1].value, nil
			}
			return args[0].value, nil
		}}, true
	case "json":
		return function{1, 1, false, func(args []operand) (pipeline.Value, error) {
			return pipeline.String(string(args[0].value.AppendJSON(nil))), nil
		}}, true
	case "printf":
		return function{1, -1, false, sprintf}, true
	}
	return function{}, false
}

func newCall(name string, args []expr) (expr, error) {
	fn, ok := functionOf(name)
	if !ok {
		return nil, fmt.Errorf("there is no function %s; a field is written .%s", name, name)
	}
	if len(args) < fn.least || (fn.most >= 0 && len(args) > fn.most) {
		return nil, fmt.Errorf("function %s does not take %d arguments", name, len(args))
	}
	if name == "printf" {
		if err := checkFormat(args); err != nil {
			return nil, err
		}
	}
	return call{name, fn, args}, nil
}

func (e call) eval(s *state) (operand, error) {
	args := make([]operand, len(e.args))
	size := 0
	for i, arg := range e.args {
		o, err := arg.eval(s)
		if err != nil {
			return o, err
		}
		if (e.name == "and" && !o.truth()) || (e.name == "or" && o.truth()) {
			return o, s.work(0)
		}
		if !e.fn.lenient && o.none() {
			return o, o.absent()
		}
		size += len(o.value.Str())
		args[i] = o
	}
	if err := s.work(size); err != nil {
		return operand{}, err
	}
	switch e.name {
	case "and", "or":
		return args[len(args)-1], nil
	case "index":
		return index(args)
	}
	v, err := e.fn.apply(args)
	if err != nil {
		return operand{}, fmt.Errorf("%s: %w", e.name, err)
	}
	if len(v.Str()) > maxText {
		return operand{}, errTooLong()
	}
	return operand{v, true, "the result of " + e.name}, s.work(len(v.Str()))
}

func textFunction(f func(string) string) function {
	return function{1, 1, false, func(args []operand) (pipeline.Value, error) {
		text, err := args[0].text()
		return pipeline.String(f(text)), err
	}}
}

func join(args []operand) (pipeline.Value, error) {
	sep, err := args[0].text()
	if err != nil {
		return pipeline.Null(), err
	}
	if args[1].value.Kind() != pipeline.KindList {
		text, err := args[1].text()
		return pipeline.String(text), err
	}
	list := args[1].value.List()
	texts := make([]string, len(list))
	size := 0
	for i, v := range list {
		if texts[i], err = (operand{v, true, "an element of " + args[1].name}).text(); err != nil {
			return pipeline.Null(), err
		}
		if size += len(sep) + len(texts[i]); size > maxText {
			return pipeline.Null(), errTooLong()
		}
	}
	return pipeline.String(strings.Join(texts, sep)), nil
}

func length(args []operand) (pipeline.Value, error) {
	v := args[0].value
	switch v.Kind() {
	case pipeline.KindString:
		return pipeline.Int(int64(len(v.Str()))), nil
	case pipeline.KindList:
		return pipeline.Int(int64(len(v.List()))), nil
	case pipeline.KindObject:
		return pipeline.Int(int64(len(v.Object()))), nil
	case pipeline.KindNull, pipeline.KindBool, pipeline.KindInt, pipeline.KindFloat:
	}
	return pipeline.Null(), fmt.Errorf("%s is %s, which has no length", args[0].name, a(v.Kind()))
}

func index(args []operand) (operand, error) {
	o := args[0]
	for _, key := range args[1:] {
		switch kind := key.value.Kind(); kind {
		case pipeline.KindInt:
			list, i := o.value.List(), key.value.Int()
			if i < 0 || i >= int64(len(list)) {
				return operand{name: "an element of " + o.name}, nil
			}
			o = operand{list[i], true, "an element of " + o.name}
		case pipeline.KindString:
			v, ok := o.value.Field(key.value.Str())
			o = operand{v, ok, "a field of " + o.name}
		case pipeline.KindNull, pipeline.KindBool, pipeline.KindFloat, pipeline.KindList, pipeline.KindObject:
			return o, fmt.Errorf("index: %s is %s, not an integer or a key", key.name, a(kind))
		}
	}
	return o, nil
}

func equal(x, y operand) bool {
	if x.none() || y.none() {
		return x.none() && y.none()
	}
	c, ok := compare(x.value, y.value)
	if ok {
		return c == 0
	}
	return x.value.Kind() == pipeline.KindBool && y.value.Kind() == pipeline.KindBool && x.value.Bool() == y.value.Bool()
}

func ordering(holds func(int) bool) function {
	return function{2, 2, false, func(args []operand) (pipeline.Value, error) {
		c, ok := compare(args[0].value, args[1].value)
		if !ok {
			return pipeline.Null(), fmt.Errorf("%s and %s have no order", a(args[0].value.Kind()), a(args[1].value.Kind()))
		}
		return pipeline.Bool(holds(c)), nil
	}}
}

// compare orders two numbers or two strings.
func compare(x, y pipeline.Value) (int, bool) {
	switch {
	case x.Kind() == pipeline.KindString && y.Kind() == pipeline.KindString:
		return strings.Compare(x.Str(), y.Str()), true
	case x.Kind() == pipeline.KindInt && y.Kind() == pipeline.KindInt:
		return cmp.Compare(x.Int(), y.Int()), true
	}
	f, ok := number(x)
	g, also := number(y)
	return cmp.Compare(f, g), ok && also
}

func number(v pipeline.Value) (float64, bool) {
	switch v.Kind() {
	case pipeline.KindInt:
		return float64(v.Int()), true
	case pipeline.KindFloat:
		return v.Float(), true
	case pipeline.KindNull, pipeline.KindBool, pipeline.KindString, pipeline.KindList, pipeline.KindObject:
	}
	return 0, false
}
