package sources

import (
	"errors"
	"io/fs"
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
	err := walk(root, func(path string) {
		if f.reads(path) {
			files = append(files, path)
		}
	})
	if err != nil {
		return nil, openError(root, err)
	}
	if len(files) == 0 {
		return nil, misconfigured(root, errors.New("the folder holds no file that can be read"), f.hint())
	}
	slices.Sort(files)
	return files, nil
}

// walk calls visit with each file below root whose path has no hidden name.
// Links to files are followed, links to folders are not, except root.
func walk(root string, visit func(path string)) error {
	// os.DirFS reads a root that is a link, filepath.WalkDir does not.
	return fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name != "." && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		path := filepath.Join(root, filepath.FromSlash(name))
		if d.Type()&fs.ModeSymlink != 0 {
			if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
				return nil //nolint:nilerr // a link that leads nowhere is no file
			}
		} else if !d.Type().IsRegular() {
			return nil
		}
		visit(path)
		return nil
	})
}

// glob finds the files that a pattern matches and that can be read.
func (f formats) glob(pattern string) ([]string, error) {
	if _, err := filepath.Match(pattern, ""); err != nil {
		return nil, misconfigured(pattern, errors.New("the pattern is malformed"), `in a pattern, [ begins a set of characters that ] ends`)
	}
	var matched []string
	if strings.Contains(pattern, "**") {
		root, parts := splitPattern(pattern)
		err := walk(root, func(path string) {
			name, err := filepath.Rel(root, path)
			if err == nil && matchParts(parts, strings.Split(filepath.ToSlash(name), "/")) {
				matched = append(matched, path)
			}
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, openError(root, err)
		}
	} else {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, misconfigured(pattern, err, "")
		}
		for _, path := range found {
			info, err := os.Stat(path)
			if err == nil && info.Mode().IsRegular() && !hiddenBy(pattern, path) {
				matched = append(matched, path)
			}
		}
	}
	files := slices.DeleteFunc(slices.Clone(matched), func(path string) bool { return !f.reads(path) })
	switch {
	case len(matched) == 0:
		return nil, misconfigured(pattern, errors.New("no file matches the pattern"), "quote the pattern so that the shell leaves it alone, and check the folder")
	case len(files) == 0:
		return nil, misconfigured(pattern, errors.New("no file that matches can be read"), f.hint())
	}
	slices.Sort(files)
	return files, nil
}

// hiddenBy reports whether a wildcard of the pattern stands for the dot that
// begins a name of the path.
func hiddenBy(pattern, path string) bool {
	parts := strings.Split(filepath.ToSlash(filepath.Clean(pattern)), "/")
	for i, name := range strings.Split(filepath.ToSlash(filepath.Clean(path)), "/") {
		if i < len(parts) && strings.HasPrefix(name, ".") && !strings.HasPrefix(parts[i], ".") {
			return true
		}
	}
	return false
}

// splitPattern cuts a pattern into the folder before its first wildcard and
// the parts that follow.
func splitPattern(pattern string) (root string, parts []string) {
	parts = strings.Split(filepath.ToSlash(pattern), "/")
	n := slices.IndexFunc(parts, func(p string) bool { return strings.ContainsAny(p, "*?[") })
	switch root = strings.Join(parts[:n], "/"); {
	case root == "" && n > 0:
		root = "/"
	case root == "":
		root = "."
	}
	return filepath.FromSlash(root), parts[n:]
}

// matchParts matches the parts of a path; ** stands for any number of them.
func matchParts(pattern, path []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for i := range len(path) + 1 {
				if matchParts(pattern[1:], path[i:]) {
					return true
				}
			}
			return false
		}
		if len(path) == 0 {
			return false
		}
		if ok, err := filepath.Match(pattern[0], path[0]); err != nil || !ok {
			return false
		}
		pattern, path = pattern[1:], path[1:]
	}
	return len(path) == 0
}
