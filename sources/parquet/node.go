package parquet

import (
	"errors"
	"slices"

	"github.com/vecload/vecload/pipeline"
)

// node reads one field of the schema, at the place where its columns are.
type node interface {
	// read puts the value at hand where null is, and passes over it. An error
	// is about the row; the columns go on all the same.
	read(into *pipeline.Value) error
	// leaves are the columns below.
	leaves() []*column
}

type leaf struct{ column *column }

func (l leaf) read(into *pipeline.Value) error { return l.column.next(into) }
func (l leaf) leaves() []*column               { return []*column{l.column} }

// bytesLeaf is a column of an image: its bytes are left where the plan finds
// them, and are null in the record's values.
type bytesLeaf struct {
	leaf

	into *string
}

func (l bytesLeaf) read(*pipeline.Value) error {
	var v pipeline.Value
	err := l.column.next(&v)
	*l.into = v.Str()
	return err
}

// nullable is what can be missing: below its definition level it is null.
type nullable struct {
	of      node
	columns []*column
	def     int16
}

func (n *nullable) leaves() []*column { return n.columns }

func (n *nullable) read(into *pipeline.Value) error {
	if n.columns[0].def() < n.def {
		passAll(n.columns)
		return nil
	}
	return n.of.read(into)
}

func passAll(columns []*column) {
	for _, c := range columns {
		c.pass()
	}
}

// group is a struct.
type group struct {
	names   []string
	nodes   []node
	columns []*column
}

func (g *group) leaves() []*column { return g.columns }

func (g *group) read(into *pipeline.Value) error {
	fields := make([]pipeline.Field, len(g.nodes))
	var failed error
	for i, n := range g.nodes {
		fields[i].Name = g.names[i]
		if err := n.read(&fields[i].Value); err != nil && failed == nil {
			failed = err
		}
	}
	*into = pipeline.Object(fields)
	return failed
}

// repeated is any number of elements.
type repeated struct {
	element  node
	columns  []*column
	def, rep int16 // levels at which there is an element, and one more of it
	list     []pipeline.Value
}

func (r *repeated) leaves() []*column { return r.columns }

func (r *repeated) read(into *pipeline.Value) error {
	list, err := r.elements()
	*into = pipeline.List(slices.Clone(list))
	return err
}

// elements returns the list at hand, which is valid until the next call.
func (r *repeated) elements() ([]pipeline.Value, error) {
	clear(r.list)
	r.list = r.list[:0]
	if r.columns[0].def() < r.def {
		passAll(r.columns)
		return []pipeline.Value{}, nil
	}
	var failed error
	for {
		r.list = append(r.list, pipeline.Value{})
		if err := r.element.read(&r.list[len(r.list)-1]); err != nil && failed == nil {
			failed = err
		}
		if r.columns[0].rep() < r.rep {
			return r.list, failed
		}
	}
}

// mapping is a map, as an object.
type mapping struct {
	entries *repeated // of groups of a key and perhaps a value
}

func (m mapping) leaves() []*column { return m.entries.columns }

func (m mapping) read(into *pipeline.Value) error {
	entries, err := m.entries.elements()
	if err != nil {
		return err
	}
	fields := make([]pipeline.Field, len(entries))
	seen := make(map[string]bool, len(entries))
	for i, entry := range entries {
		parts := entry.Object()
		name := parts[0].Value.Str()
		if kind := parts[0].Value.Kind(); kind != pipeline.KindString {
			name = string(parts[0].Value.AppendJSON(nil))
		}
		if seen[name] {
			return errors.New("a map has the same key twice")
		}
		seen[name] = true
		fields[i].Name = name
		if len(parts) > 1 {
			fields[i].Value = parts[1].Value
		}
	}
	*into = pipeline.Object(fields)
	return nil
}
