package sources

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/vecload/vecload/pipeline"
)

// compiler turns a parse tree into nodes. Everything that can be wrong with a
// template for every record is found here.
type compiler struct {
	text     string
	paths    []Path
	required []Path
	scope    []string // names of the variables in sight; the place is the number
	vars     int      // most variables in sight at once
	dotRoot  bool     // dot is the record
	printing bool     // every record comes by here
}

func (c *compiler) errorf(at parse.Pos, format string, args ...any) error {
	at = min(at, parse.Pos(len(c.text)))
	line := 1 + strings.Count(c.text[:at], "\n")
	return fmt.Errorf("template:%d: %w", line, fmt.Errorf(format, args...))
}

func (c *compiler) list(list *parse.ListNode) ([]node, error) {
	if list == nil {
		return nil, nil
	}
	nodes := make([]node, 0, len(list.Nodes))
	for _, n := range list.Nodes {
		compiled, err := c.node(n)
		if err != nil {
			return nil, err
		}
		if compiled != nil {
			nodes = append(nodes, compiled)
		}
	}
	return nodes, nil
}

func (c *compiler) node(n parse.Node) (node, error) {
	switch n := n.(type) {
	case *parse.TextNode:
		return literal(n.Text), nil
	case *parse.CommentNode:
		return nil, nil //nolint:nilnil // a comment leaves nothing, and is no error
	case *parse.ActionNode:
		return c.action(n)
	case *parse.IfNode:
		return c.branch(&n.BranchNode, branchIf)
	case *parse.WithNode:
		return c.branch(&n.BranchNode, branchWith)
	case *parse.RangeNode:
		return c.branch(&n.BranchNode, branchRange)
	case *parse.TemplateNode:
		return nil, c.errorf(n.Pos, "there is no other template to call")
	}
	return nil, c.errorf(n.Position(), "%s is not one of the actions here", strings.TrimSpace(n.String()))
}

func (c *compiler) action(n *parse.ActionNode) (node, error) {
	value, err := c.pipe(n.Pipe)
	if err != nil {
		return nil, err
	}
	if len(n.Pipe.Decl) > 0 {
		v, err := c.declare(n.Pipe)
		if err != nil {
			return nil, err
		}
		return assign{variable: v, value: value}, nil
	}
	if field, ok := value.(rootField); ok && c.printing {
		c.required = append(c.required, c.paths[field.path])
	}
	return printValue{value}, nil
}

// declare gives the place of the one variable that a pipe sets.
func (c *compiler) declare(pipe *parse.PipeNode) (int, error) {
	if len(pipe.Decl) > 1 {
		return 0, c.errorf(pipe.Pos, "two variables are set at once only by range")
	}
	name := pipe.Decl[0].Ident[0]
	if pipe.IsAssign {
		return c.lookup(pipe.Decl[0])
	}
	return c.push(name), nil
}

func (c *compiler) push(name string) int {
	c.scope = append(c.scope, name)
	c.vars = max(c.vars, len(c.scope))
	return len(c.scope) - 1
}

func (c *compiler) lookup(n *parse.VariableNode) (int, error) {
	for i, name := range slices.Backward(c.scope) {
		if name == n.Ident[0] {
			return i, nil
		}
	}
	return 0, c.errorf(n.Pos, "variable %s is not set", n.Ident[0])
}

func (c *compiler) branch(n *parse.BranchNode, kind branchKind) (node, error) {
	saved := *c
	defer func() { c.scope, c.dotRoot, c.printing = saved.scope, saved.dotRoot, saved.printing }()
	c.scope = slices.Clip(c.scope)
	value, err := c.pipe(n.Pipe)
	if err != nil {
		return nil, err
	}
	b := branch{kind: kind, value: value, key: -1, element: -1}
	if len(n.Pipe.Decl) > 0 && n.Pipe.IsAssign {
		return nil, c.errorf(n.Pos, "a branch declares its variable with :=")
	}
	switch len(n.Pipe.Decl) {
	case 0:
	case 1:
		b.element = c.push(n.Pipe.Decl[0].Ident[0])
	case 2:
		if kind != branchRange {
			return nil, c.errorf(n.Pos, "two variables are set at once only by range")
		}
		b.key = c.push(n.Pipe.Decl[0].Ident[0])
		b.element = c.push(n.Pipe.Decl[1].Ident[0])
	default:
		return nil, c.errorf(n.Pos, "range sets at most two variables")
	}
	c.printing = false
	outer := c.dotRoot
	c.dotRoot = outer && kind == branchIf
	inner := len(c.scope)
	if b.body, err = c.list(n.List); err != nil {
		return nil, err
	}
	c.dotRoot, c.scope = outer, c.scope[:inner:inner]
	b.otherwise, err = c.list(n.ElseList)
	return b, err
}

func (c *compiler) pipe(p *parse.PipeNode) (expr, error) {
	var value expr
	for _, command := range p.Cmds {
		next, err := c.command(command, value)
		if err != nil {
			return nil, err
		}
		value = next
	}
	if value == nil {
		return nil, c.errorf(p.Pos, "an action is empty")
	}
	return value, nil
}

func (c *compiler) command(n *parse.CommandNode, last expr) (expr, error) {
	name, ok := n.Args[0].(*parse.IdentifierNode)
	if !ok {
		if len(n.Args) > 1 || last != nil {
			return nil, c.errorf(n.Pos, "%s is not a function", n.Args[0])
		}
		return c.value(n.Args[0])
	}
	if field, ok, err := c.rootIndex(name, n, last); ok || err != nil {
		return field, err
	}
	args := make([]expr, 0, len(n.Args))
	for _, arg := range n.Args[1:] {
		value, err := c.value(arg)
		if err != nil {
			return nil, err
		}
		args = append(args, value)
	}
	if last != nil {
		args = append(args, last)
	}
	call, err := newCall(name.Ident, args)
	if err != nil {
		return nil, c.errorf(n.Pos, "%w", err)
	}
	return call, nil
}

// rootIndex compiles index . "key" …, which is a field of the record.
func (c *compiler) rootIndex(name *parse.IdentifierNode, n *parse.CommandNode, last expr) (expr, bool, error) {
	if name.Ident != "index" || len(n.Args) < 2 || last != nil || !c.isRoot(n.Args[1]) {
		return nil, false, nil
	}
	var path Path
	for _, arg := range n.Args[2:] {
		key, ok := arg.(*parse.StringNode)
		if !ok || key.Text == "" {
			return nil, false, c.errorf(n.Pos, "index of a record takes literal keys, not %s", arg)
		}
		path = append(path, key.Text)
	}
	if len(path) == 0 {
		return nil, false, c.errorf(n.Pos, "index of a record takes a key")
	}
	return c.field(path), true, nil
}

func (c *compiler) isRoot(n parse.Node) bool {
	switch n := n.(type) {
	case *parse.DotNode:
		return c.dotRoot
	case *parse.VariableNode:
		return len(n.Ident) == 1 && n.Ident[0] == "$"
	}
	return false
}

func (c *compiler) field(path Path) expr {
	i := slices.IndexFunc(c.paths, func(p Path) bool { return slices.Equal(p, path) })
	if i < 0 {
		i = len(c.paths)
		c.paths = append(c.paths, path)
	}
	return rootField{path: i, name: "field " + path.String()}
}

func (c *compiler) value(n parse.Node) (expr, error) {
	if c.isRoot(n) {
		return nil, c.errorf(n.Position(), "the whole record does not print: name one of its fields")
	}
	switch n := n.(type) {
	case *parse.FieldNode:
		if c.dotRoot {
			return c.field(Path(n.Ident)), nil
		}
		return inside{of: dot{}, keys: n.Ident}, nil
	case *parse.DotNode:
		return dot{}, nil
	case *parse.VariableNode:
		if n.Ident[0] == "$" {
			return c.field(Path(n.Ident[1:])), nil
		}
		v, err := c.lookup(n)
		if err != nil {
			return nil, err
		}
		if len(n.Ident) == 1 {
			return variable(v), nil
		}
		return inside{of: variable(v), keys: n.Ident[1:]}, nil
	case *parse.ChainNode:
		of, err := c.value(n.Node)
		return inside{of: of, keys: n.Field}, err
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			return nil, c.errorf(n.Pos, "a variable is not set inside of parentheses")
		}
		return c.pipe(n)
	case *parse.IdentifierNode:
		call, err := newCall(n.Ident, nil)
		if err != nil {
			return nil, c.errorf(n.Pos, "%w", err)
		}
		return call, nil
	case *parse.StringNode:
		return constant(pipeline.String(n.Text)), nil
	case *parse.BoolNode:
		return constant(pipeline.Bool(n.True)), nil
	case *parse.NumberNode:
		switch {
		case n.IsInt:
			return constant(pipeline.Int(n.Int64)), nil
		case n.IsFloat:
			return constant(pipeline.Float(n.Float64)), nil
		}
	case *parse.NilNode:
		return nil, errors.New("nil has no use here: if tells whether a field is there")
	}
	return nil, c.errorf(n.Position(), "%s is not a value", n)
}
