package parquet

import (
	"fmt"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/sources"
)

// maxDepth bounds the nesting of a schema.
const maxDepth = 200

// isList reports whether a group has the shape of a list (LogicalTypes.md,
// section "Lists"): one repeated field.
func isList(g *schema.GroupNode) bool {
	_, logical := g.LogicalType().(schema.ListLogicalType)
	return (logical || g.ConvertedType() == schema.ConvertedTypes.List) && oneRepeated(g)
}

// isMap reports whether a group has the shape of a map (LogicalTypes.md,
// section "Maps"): one repeated group of a key and at most one value.
func isMap(g *schema.GroupNode) bool {
	_, logical := g.LogicalType().(schema.MapLogicalType)
	if !logical && g.ConvertedType() != schema.ConvertedTypes.Map && g.ConvertedType() != schema.ConvertedTypes.MapKeyValue {
		return false
	}
	if !oneRepeated(g) {
		return false
	}
	entry, ok := g.Field(0).(*schema.GroupNode)
	if !ok || entry.NumFields() < 1 || entry.NumFields() > 2 {
		return false
	}
	_, ok = entry.Field(0).(*schema.PrimitiveNode)
	return ok
}

func oneRepeated(g *schema.GroupNode) bool {
	return g.NumFields() == 1 && g.Field(0).RepetitionType() == parquet.Repetitions.Repeated
}

// node makes the reader of a field. def and rep are the levels at which its
// parent is there.
func (b *builder) node(n schema.Node, def, rep int16) (node, error) {
	if rep > maxDepth || def > maxDepth {
		return nil, fmt.Errorf("column %s is nested too deep", n.Path())
	}
	switch n.RepetitionType() {
	case parquet.Repetitions.Repeated:
		return b.repeated(n, def, rep)
	case parquet.Repetitions.Optional:
		def++
	}
	made, err := b.present(n, def, rep)
	if err != nil || n.RepetitionType() != parquet.Repetitions.Optional {
		return made, err
	}
	switch made.(type) {
	case leaf, bytesLeaf:
		return made, nil // a column tells its own nulls
	}
	return &nullable{of: made, columns: made.leaves(), def: def}, nil
}

// repeated makes the reader of a repeated field as a list of what it is when
// it is there.
func (b *builder) repeated(n schema.Node, def, rep int16) (*repeated, error) {
	element, err := b.present(n, def+1, rep+1)
	if err != nil {
		return nil, err
	}
	return &repeated{element: element, columns: element.leaves(), def: def + 1, rep: rep + 1}, nil
}

// present makes the reader of a field that is there, at the levels def and
// rep.
func (b *builder) present(n schema.Node, def, rep int16) (node, error) {
	if p, ok := n.(*schema.PrimitiveNode); ok {
		raw := rep == 0 && isBytes(p) && b.want.IsBytes(sources.Path(schema.ColumnPathFromNode(p)))
		c, err := newColumn(p, b.leaf, def, rep, raw)
		if err != nil {
			return nil, err
		}
		b.leaf++
		b.columns = append(b.columns, c)
		if raw {
			if b.bytes == nil {
				b.bytes = new(string)
			}
			return bytesLeaf{leaf{c}, b.bytes}, nil
		}
		return leaf{c}, nil
	}
	g, ok := n.(*schema.GroupNode)
	switch {
	case !ok || g.NumFields() == 0:
		return nil, fmt.Errorf("column %s is a group without fields", n.Path())
	case isMap(g):
		entries, err := b.repeated(g.Field(0), def, rep)
		return mapping{entries}, err
	case isList(g):
		return b.list(g, def, rep)
	}
	return b.group(g, def, rep)
}

func (b *builder) group(g *schema.GroupNode, def, rep int16) (*group, error) {
	first := len(b.columns)
	fields, err := b.children(g, def, rep)
	if err != nil {
		return nil, err
	}
	made := &group{columns: b.columns[first:len(b.columns):len(b.columns)]}
	for _, f := range fields {
		made.names = append(made.names, f.name)
		made.nodes = append(made.nodes, f.node)
	}
	return made, nil
}

// list makes the reader of a list by the format's rules for old and new
// writers: the repeated group is a layer of its own when it has one field,
// unless its name is one that old writers gave to elements.
func (b *builder) list(g *schema.GroupNode, def, rep int16) (node, error) {
	inner, ok := g.Field(0).(*schema.GroupNode)
	if !ok || inner.NumFields() != 1 || inner.Name() == "array" || inner.Name() == g.Name()+"_tuple" ||
		inner.Field(0).RepetitionType() == parquet.Repetitions.Repeated || isList(inner) || isMap(inner) {
		return b.repeated(g.Field(0), def, rep)
	}
	element, err := b.node(inner.Field(0), def+1, rep+1)
	if err != nil {
		return nil, err
	}
	return &repeated{element: element, columns: element.leaves(), def: def + 1, rep: rep + 1}, nil
}
