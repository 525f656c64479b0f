package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// extract returns a document for each exported symbol of the standard library
// in goroot, in the order of their ids.
func extract(ctx context.Context, goroot string) ([]document, error) {
	since, err := readAPI(filepath.Join(goroot, "api"))
	if err != nil {
		return nil, err
	}
	var documents []document
	root := filepath.Join(goroot, "src")
	err = filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case dir != root && skipped(d.Name()):
			return filepath.SkipDir
		}
		path, err := filepath.Rel(root, dir)
		if err != nil {
			return err
		}
		found, err := readPackage(dir, filepath.ToSlash(path), since)
		if err != nil {
			return err
		}
		documents = append(documents, found...)
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(documents, func(a, b document) int { return cmp.Compare(a.ID, b.ID) })
	for i := range documents[min(1, len(documents)):] {
		if documents[i].ID == documents[i+1].ID {
			return nil, fmt.Errorf("two symbols are called %s", documents[i].ID)
		}
	}
	if len(documents) == 0 {
		return nil, fmt.Errorf("no package with documentation in %s", root)
	}
	return documents, nil
}

// skipped reports whether a folder holds nothing that a program may import.
// The package builtin is only a place for documentation, without exported
// names.
func skipped(folder string) bool {
	switch folder {
	case "internal", "vendor", "testdata", "cmd", "builtin":
		return true
	}
	return strings.HasPrefix(folder, "_") || strings.HasPrefix(folder, ".")
}

// readPackage returns the documents of the package in dir, none when there is
// no package that can be imported.
func readPackage(dir, path string, since versions) ([]document, error) {
	platform := build.Default
	platform.GOOS, platform.GOARCH, platform.CgoEnabled = "linux", "amd64", false
	files, err := platform.ImportDir(dir, 0)
	if _, ok := errors.AsType[*build.NoGoError](err); ok || err == nil && files.Name == "main" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	positions := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range files.GoFiles {
		file, err := parser.ParseFile(positions, filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, file)
	}
	docs, err := doc.NewFromFiles(positions, parsed, path)
	if err != nil {
		return nil, fmt.Errorf("read the documentation of %s: %w", path, err)
	}
	c := &collector{docs: docs, positions: positions, path: path, since: since}
	return c.all(), nil
}

// collector makes the documents of one package.
type collector struct {
	docs      *doc.Package
	positions *token.FileSet
	path      string
	since     versions
	found     []document
}

func (c *collector) all() []document {
	c.found = append(c.found, document{
		ID: c.path, Package: c.path, Symbol: c.docs.Name, Kind: kindPackage,
		Signature: "package " + c.docs.Name + " // import " + `"` + c.path + `"`,
		Doc:       c.text(c.docs.Doc, "package "+c.docs.Name),
		Since:     c.since.of(c.path),
	})
	c.values(kindConst, c.docs.Consts)
	c.values(kindVar, c.docs.Vars)
	c.funcs(c.docs.Funcs)
	for _, t := range c.docs.Types {
		if spec := typeSpec(t); spec != nil {
			c.add(kindType, t.Name, c.typeSignature(spec), t.Doc)
		}
		c.values(kindConst, t.Consts)
		c.values(kindVar, t.Vars)
		c.funcs(t.Funcs)
		for _, m := range t.Methods {
			c.add(kindMethod, t.Name+"."+m.Name, c.funcSignature(m.Decl), m.Doc)
		}
	}
	return c.found
}

func (c *collector) funcs(funcs []*doc.Func) {
	for _, f := range funcs {
		c.add(kindFunc, f.Name, c.funcSignature(f.Decl), f.Doc)
	}
}

// values adds the exported names of groups of constants or variables. A name
// is documented by its own comment, and by that of its group. Names without
// either, such as the numbers of system calls, are left out: there is nothing
// in them to find.
func (c *collector) values(k kind, groups []*doc.Value) {
	for _, group := range groups {
		for _, spec := range group.Decl.Specs {
			value, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			own := strings.TrimSpace(value.Doc.Text() + value.Comment.Text())
			text := strings.TrimSpace(own + "\n\n" + group.Doc)
			for i, name := range value.Names {
				if name.IsExported() && text != "" {
					c.add(k, name.Name, c.valueSignature(k, value, i), text)
				}
			}
		}
	}
}

func (c *collector) add(k kind, symbol, signature, text string) {
	id := c.path + "." + symbol
	c.found = append(c.found, document{
		ID: id, Package: c.path, Symbol: symbol, Kind: k, Signature: signature,
		Doc: c.text(text, signature), Since: c.since.of(id),
	})
}

// text renders a comment as plain text: a paragraph a line, without the
// brackets of links.
func (c *collector) text(comment, otherwise string) string {
	printer := c.docs.Printer()
	printer.TextWidth = -1
	text := printer.Text(c.docs.Parser().Parse(comment))
	if plain := strings.TrimSpace(strings.ToValidUTF8(string(text), "\uFFFD")); plain != "" {
		return plain
	}
	return otherwise
}
