package main

import (
	"go/ast"
	"go/doc"
	"go/printer"
	"strings"
)

// maxSignature keeps large structures and tables from filling a signature;
// what is beyond it is in no line that a person would read.
const maxSignature = 300

func (c *collector) funcSignature(f *ast.FuncDecl) string {
	declaration := *f
	declaration.Doc, declaration.Body = nil, nil
	return c.line(&declaration)
}

// typeSignature writes a type in one line, and without what is between its
// braces when that is long.
func (c *collector) typeSignature(spec *ast.TypeSpec) string {
	declaration := *spec
	declaration.Doc, declaration.Comment = nil, nil
	line := "type " + c.line(&declaration)
	before, _, found := strings.Cut(line, "{")
	if found && len(line) > maxSignature/2 {
		return strings.TrimSpace(before) + " { ... }"
	}
	return line
}

// valueSignature writes the name in place i of a constant or variable, with
// its type and value where they are written beside it.
func (c *collector) valueSignature(k kind, spec *ast.ValueSpec, i int) string {
	line := string(k) + " " + spec.Names[i].Name
	if spec.Type != nil {
		line += " " + c.line(spec.Type)
	}
	if i < len(spec.Values) {
		if value := c.line(spec.Values[i]); len(line)+len(value) < maxSignature/2 {
			line += " = " + value
		}
	}
	return line
}

// line prints a node with its comments taken away and its lines joined.
func (c *collector) line(node ast.Node) string {
	ast.Inspect(node, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok {
			field.Doc, field.Comment = nil, nil
		}
		return true
	})
	var b strings.Builder
	if err := printer.Fprint(&b, c.positions, node); err != nil {
		return ""
	}
	var lines []string
	for line := range strings.SplitSeq(b.String(), "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "// contains filtered or unexported") {
			line = "..." // the only comment left, which the printer writes
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	text := strings.Join(strings.Fields(joinLines(lines)), " ")
	if runes := []rune(text); len(runes) > maxSignature {
		text = string(runes[:maxSignature]) + " ..."
	}
	return text
}

// joinLines puts a declaration of several lines into one, as it could be
// written: semicolons between fields, no comma before a parenthesis.
func joinLines(lines []string) string {
	var b strings.Builder
	for i, line := range lines {
		next := ""
		if i+1 < len(lines) {
			next = lines[i+1]
		}
		switch {
		case next == "":
			b.WriteString(line)
		case strings.HasPrefix(next, ")"):
			b.WriteString(strings.TrimSuffix(line, ","))
		case strings.HasSuffix(line, "("):
			b.WriteString(line)
		case strings.HasSuffix(line, "{"), strings.HasSuffix(line, ","), strings.HasPrefix(next, "}"):
			b.WriteString(line + " ")
		default:
			b.WriteString(line + "; ")
		}
	}
	return b.String()
}

// typeSpec returns the declaration of a type.
func typeSpec(t *doc.Type) *ast.TypeSpec {
	for _, spec := range t.Decl.Specs {
		if s, ok := spec.(*ast.TypeSpec); ok && s.Name.Name == t.Name {
			return s
		}
	}
	return nil
}
