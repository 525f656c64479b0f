//go:build ignore

// The program godocs prints the documentation of Go packages as JSON lines,
// one document per exported symbol:
//
//	{"id":"io.Copy","text":"io.Copy\nfunc Copy(dst Writer, src Reader) ...\nCopy copies ..."}
//
// Run it as: go run godocs.go ROOT, where ROOT is the src folder of a Go
// distribution or a module cache. Internal, vendored, command and test
// packages are left out.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

type document struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run godocs.go ROOT")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "godocs:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	return filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		switch d.Name() {
		case "internal", "vendor", "cmd", "testdata", "cache", "syscall", "builtin":
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, dir)
		if err != nil {
			return err
		}
		for _, d := range packageDocuments(dir, filepath.ToSlash(rel)) {
			if err := enc.Encode(d); err != nil {
				return err
			}
		}
		return nil
	})
}

// packageDocuments gives the documents of one folder, or none where it holds
// no package that builds on this machine.
func packageDocuments(dir, importPath string) []document {
	found, err := build.ImportDir(dir, 0)
	if err != nil || found.Name == "main" {
		return nil
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range found.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil
		}
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(fset, files, importPath)
	if err != nil {
		return nil
	}
	p := printer{fset: fset, path: importPath}
	p.values(pkg.Consts)
	p.values(pkg.Vars)
	p.funcs("", pkg.Funcs)
	for _, t := range pkg.Types {
		p.add(t.Name, p.source(t.Decl), t.Doc)
		p.values(t.Consts)
		p.values(t.Vars)
		p.funcs("", t.Funcs)
		p.funcs(t.Name+".", t.Methods)
	}
	return p.out
}

type printer struct {
	fset *token.FileSet
	path string
	out  []document
}

func (p *printer) funcs(prefix string, funcs []*doc.Func) {
	for _, f := range funcs {
		f.Decl.Body, f.Decl.Doc = nil, nil
		p.add(prefix+f.Name, p.source(f.Decl), f.Doc)
	}
}

// values adds one document per declared group, named for its first exported
// name: the names of a group share their documentation.
func (p *printer) values(values []*doc.Value) {
	for _, v := range values {
		for _, name := range v.Names {
			if ast.IsExported(name) {
				p.add(name, p.source(v.Decl), v.Doc)
				break
			}
		}
	}
}

// source prints a declaration, cut to 400 bytes: a large struct or constant
// block otherwise drowns its own documentation.
func (p *printer) source(node any) string {
	if decl, ok := node.(*ast.GenDecl); ok {
		decl.Doc = nil
	}
	var b bytes.Buffer
	if err := format.Node(&b, p.fset, node); err != nil {
		return ""
	}
	s := b.String()
	if len(s) > 400 {
		s = strings.ToValidUTF8(s[:400], "")
	}
	return s
}

func (p *printer) add(name, source, text string) {
	id := p.path + "." + name
	p.out = append(p.out, document{ID: id, Text: strings.TrimSpace(id + "\n" + source + "\n" + text)})
}
