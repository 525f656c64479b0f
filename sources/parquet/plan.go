package parquet

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

// plan says how a record is made of the columns of a file.
type plan struct {
	all     []named // every field, when all are wanted
	fields  []wanted
	columns []*column
	bytes   *string // where a column of an image leaves its value; nil: there is none
}

type named struct {
	name string
	node node
}

// wanted is a field whose value goes to a slot, or a struct of such.
type wanted struct {
	node    node // nil: a struct
	slot    int
	fields  []wanted
	columns []*column
	def     int16 // of the struct
}

type missingColumnError struct {
	path    string
	columns []string
}

// Error implements error.
func (e *missingColumnError) Error() string { return "there is no column " + e.path }

func (e *missingColumnError) hint() string {
	const most = 30
	names := e.columns
	if len(names) > most {
		names = append(names[:most:most], "…")
	}
	return "the columns are: " + strings.Join(names, ", ")
}

// newPlan makes the plan of a file for what is wanted.
func newPlan(root *schema.GroupNode, want *sources.Want) (plan, error) {
	b := &builder{want: want}
	if err := b.requires(root, want.Required); err != nil {
		return plan{}, err
	}
	var p plan
	var err error
	if want.All {
		p.all, err = b.children(root, 0, 0)
	} else {
		p.fields, err = b.wanted(root, want.Fields, 0)
	}
	p.columns, p.bytes = b.columns, b.bytes
	return p, err
}

// read fills a record. Its error is about the row.
func (p *plan) read(record *sources.Record) error {
	if p.bytes != nil {
		*p.bytes = ""
		defer func() { record.Bytes = *p.bytes }()
	}
	if p.all == nil {
		return readWanted(p.fields, record)
	}
	record.Fields = make([]pipeline.Field, len(p.all))
	var failed error
	for i, f := range p.all {
		record.Fields[i].Name = f.name
		if err := f.node.read(&record.Fields[i].Value); err != nil && failed == nil {
			failed = err
		}
	}
	return failed
}

func readWanted(fields []wanted, record *sources.Record) error {
	var failed error
	for i := range fields {
		f := &fields[i]
		var err error
		switch {
		case f.node != nil:
			record.Found[f.slot] = true
			err = f.node.read(&record.Values[f.slot])
		case len(f.columns) == 0:
		case f.columns[0].def() < f.def:
			passAll(f.columns)
		default:
			err = readWanted(f.fields, record)
		}
		if err != nil && failed == nil {
			failed = err
		}
	}
	return failed
}

// builder makes the nodes of a schema and collects their columns.
type builder struct {
	want    *sources.Want
	columns []*column
	leaf    int // index of the next leaf of the schema
	bytes   *string
}

// requires checks that the paths lead somewhere.
func (b *builder) requires(root *schema.GroupNode, paths []sources.Path) error {
	for _, path := range paths {
		at := root
		for i, key := range path {
			n := find(at, key)
			if n == nil {
				return &missingColumnError{path: path.String(), columns: names(root)}
			}
			if i == len(path)-1 {
				break
			}
			g, ok := n.(*schema.GroupNode)
			if !ok || !isStruct(g) {
				return &missingColumnError{path: path.String(), columns: names(root)}
			}
			at = g
		}
	}
	return nil
}

func find(g *schema.GroupNode, name string) schema.Node {
	for i := range g.NumFields() {
		if g.Field(i).Name() == name {
			return g.Field(i)
		}
	}
	return nil
}

func names(g *schema.GroupNode) []string {
	list := make([]string, g.NumFields())
	for i := range list {
		list[i] = g.Field(i).Name()
	}
	return list
}

// isStruct reports whether a group is an object whose fields have paths.
func isStruct(g *schema.GroupNode) bool {
	return g.RepetitionType() != parquet.Repetitions.Repeated && !isList(g) && !isMap(g)
}

// wanted makes the fields of a struct that are wanted, in the schema's order.
func (b *builder) wanted(g *schema.GroupNode, want []sources.WantField, def int16) ([]wanted, error) {
	if err := distinct(g); err != nil {
		return nil, err
	}
	var fields []wanted
	for i := range g.NumFields() {
		n := g.Field(i)
		w := wantOf(want, n.Name())
		inner, ok := n.(*schema.GroupNode)
		switch {
		case w == nil, w.Slot < 0 && (!ok || !isStruct(inner)):
			b.leaf += leafCount(n)
		case w.Slot >= 0:
			made, err := b.node(n, def, 0)
			if err != nil {
				return nil, err
			}
			fields = append(fields, wanted{node: made, slot: w.Slot})
		default:
			if inner.RepetitionType() == parquet.Repetitions.Optional {
				def++
			}
			first := len(b.columns)
			within, err := b.wanted(inner, w.Fields, def)
			if err != nil {
				return nil, err
			}
			fields = append(fields, wanted{fields: within, columns: b.columns[first:len(b.columns):len(b.columns)], def: def})
			if inner.RepetitionType() == parquet.Repetitions.Optional {
				def--
			}
		}
	}
	return fields, nil
}

func wantOf(want []sources.WantField, name string) *sources.WantField {
	for i := range want {
		if want[i].Name == name {
			return &want[i]
		}
	}
	return nil
}

func leafCount(n schema.Node) int {
	g, ok := n.(*schema.GroupNode)
	if !ok {
		return 1
	}
	count := 0
	for i := range g.NumFields() {
		count += leafCount(g.Field(i))
	}
	return count
}

// children makes all fields of a struct.
func (b *builder) children(g *schema.GroupNode, def, rep int16) ([]named, error) {
	if err := distinct(g); err != nil {
		return nil, err
	}
	fields := make([]named, g.NumFields())
	for i := range fields {
		n, err := b.node(g.Field(i), def, rep)
		if err != nil {
			return nil, err
		}
		fields[i] = named{g.Field(i).Name(), n}
	}
	return fields, nil
}

// distinct checks that each field of a struct has a name of its own.
func distinct(g *schema.GroupNode) error {
	seen := map[string]bool{}
	for i := range g.NumFields() {
		name := g.Field(i).Name()
		switch {
		case !utf8.ValidString(name):
			return errors.New("the name of a column is not valid UTF-8")
		case seen[name]:
			return fmt.Errorf("there are two columns %s", g.Field(i).Path())
		}
		seen[name] = true
	}
	return nil
}
