package main

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// versions has the version of Go that brought each package, such as net/http,
// and each symbol, such as net/http.Client.Do.
type versions map[string]string

func (v versions) of(id string) string { return v[id] }

// readAPI reads the lists of what each version added: go1.txt and go1.N.txt,
// in the format of the tool cmd/api. Without the folder, as in some packages
// of Go, nothing is known.
func readAPI(dir string) (versions, error) {
	files, err := filepath.Glob(filepath.Join(dir, "go1*.txt"))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b string) int { return cmp.Compare(minor(a), minor(b)) })
	since := versions{}
	for _, file := range files {
		if err := since.read(file); err != nil {
			return nil, err
		}
	}
	return since, nil
}

// minor returns 21 for go1.21.txt, and 0 for go1.txt.
func minor(file string) int {
	name := strings.TrimSuffix(filepath.Base(file), ".txt")
	n, err := strconv.Atoi(strings.TrimPrefix(name, "go1."))
	if err != nil {
		return 0
	}
	return n
}

func (v versions) read(file string) (err error) {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	version := strings.TrimSuffix(filepath.Base(file), ".txt")
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		path, symbol, ok := parseAPI(lines.Text())
		if !ok {
			continue
		}
		for _, id := range []string{path, path + "." + symbol} {
			if _, known := v[id]; !known {
				v[id] = version
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}

// parseAPI returns the package and the symbol of a line such as
//
//	pkg net/http, method (*Client) Do(*Request) (*Response, error)
//	pkg syscall (linux-386), const AF_ALG = 38
//
// Lines about the parts of a type give the type.
func parseAPI(line string) (path, symbol string, ok bool) {
	rest, ok := strings.CutPrefix(line, "pkg ")
	if !ok {
		return "", "", false
	}
	path, rest, ok = strings.Cut(rest, ", ")
	if !ok {
		return "", "", false
	}
	path, _, _ = strings.Cut(path, " ")
	sort, rest, _ := strings.Cut(rest, " ")
	receiver := ""
	if sort == "method" {
		receiver, rest, ok = strings.Cut(strings.TrimPrefix(rest, "("), ") ")
		if !ok {
			return "", "", false
		}
		receiver = word(strings.TrimPrefix(receiver, "*")) + "."
	}
	return path, receiver + word(rest), true
}

// word returns the name that text begins with.
func word(text string) string {
	end := strings.IndexAny(text, " ([,")
	if end < 0 {
		return text
	}
	return text[:end]
}
