package sources

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files returns the files that paths name, in the order of paths and each
// file once:
//
//   - a file is itself, and "-" is standard input;
//   - a folder is the files in it and in the folders below that one of the
//     formats reads;
//   - a pattern is such files that it matches, by the rules of
//     [filepath.Match], with ** for any number of folders.
//
// Files of one folder or pattern are sorted by name. In folders and by
// wildcards, names that begin with a dot are passed over. A path that does not
// exist, gives no file or has an unknown extension is an error of class
// Misconfigured.
func Files(paths []string, known []Format) ([]string, error) {
	readers := formats(known)
	var files []string
	seen := map[string]bool{}
	for _, path := range paths {
		found, err := readers.expand(path)
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			if clean := filepath.Clean(file); !seen[clean] {
				seen[clean] = true
				files = append(files, file)
			}
		}
	}
	if len(files) == 0 {
		return nil, misconfigured("source", errors.New("no file is named"), readers.hint())
	}
	return files, nil
}

func (f formats) expand(path string) ([]string, error) {
	if path == "-" {
		return []string{path}, nil
	}
	if path == "" {
		return nil, misconfigured("source", errors.New("a path is empty"), f.hint())
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return f.folder(path)
	case err == nil && !f.reads(path):
		return nil, misconfigured(path, errUnknownFormat, f.hint())
	case err == nil && !info.Mode().IsRegular():
		// A pipe gives its bytes once, and a corpus is opened more than once.
		return nil, misconfigured(path, errors.New("is not a regular file"), "give a pipe or a device as standard input, which is the path -")
	case err == nil:
		return []string{path}, nil
	case strings.ContainsAny(path, "*?["):
		return f.glob(path)
	}
	return nil, openError(path, err)
}

// folder finds the files below a folder that can be read.
func (f formats) folder(root string) ([]string, error) {
	var files []string
	err := walk(root, func(path string) error {
		if !f.reads(path) {
			return nil
		}
		ok, err := isFile(path)
		if ok {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, misconfigured(root, errors.New("the folder holds no file that can be read"), f.hint())
	}
	slices.Sort(files)
	return files, nil
}

// glob finds the files that a pattern matches and that can be read.
func (f formats) glob(pattern string) ([]string, error) {
	if _, err := filepath.Match(pattern, ""); err != nil {
		return nil, misconfigured(pattern, errors.New("the pattern is malformed"), `in a pattern, [ begins a set of characters that ] ends`)
	}
	var files []string
	matched := false
	visit := func(path string) error {
		reads := f.reads(path)
		ok, err := isFile(path)
		matched = matched || ok
		if reads && ok {
			files = append(files, path)
		}
		if !reads {
			return nil // whatever it is
		}
		return err
	}
	root, parts := splitPattern(pattern)
	search := func() error { return match(root, parts, visit) }
	if slices.Contains(parts, "**") {
		search = func() error { return matchDeep(root, parts, visit) }
	}
	switch err := search(); {
	case err != nil:
		return nil, err
	case !matched:
		return nil, misconfigured(pattern, errors.New("no file matches the pattern"), "quote the pattern so that the shell leaves it alone, and check the folder")
	case len(files) == 0:
		return nil, misconfigured(pattern, errors.New("no file that matches can be read"), f.hint())
	}
	slices.Sort(files)
	return files, nil
}
