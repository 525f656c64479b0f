package sources

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// walk calls visit with each file or link below root whose path has no hidden
// name. Links to folders are not followed, except root. A folder that cannot
// be read is an error: what it holds would be missing from the corpus.
func walk(root string, visit func(path string) error) error {
	// os.DirFS reads a root that is a link, filepath.WalkDir does not.
	return fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err != nil {
			return openError(path, err)
		}
		if name != "." && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		return visit(path)
	})
}

// isFile reports whether a path is a regular file or a link to one. A link
// that leads nowhere is an error, as a file that is missing is.
func isFile(path string) (bool, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil:
		return info.Mode().IsRegular(), nil
	case isLink(path):
		return false, misconfigured(path, errors.New("the link leads to no file"), "bring back what it leads to, or remove the link")
	case errors.Is(err, fs.ErrNotExist):
		return false, nil // it was there a moment ago
	}
	return false, openError(path, err)
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// match calls visit with what matches a pattern without **, as
// [filepath.Glob] finds it, which passes over folders that cannot be read.
func match(folder string, parts []string, visit func(path string) error) error {
	next := func(path string) error {
		if len(parts) == 1 {
			return visit(path)
		}
		return match(path, parts[1:], visit)
	}
	if !strings.ContainsAny(parts[0], `*?[\`) {
		path := filepath.Join(folder, parts[0])
		if _, err := os.Lstat(path); err != nil {
			return unlessAbsent(path, err)
		}
		return next(path)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return unlessAbsent(folder, err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") && !strings.HasPrefix(parts[0], ".") {
			continue // no wildcard stands for the dot of a hidden name
		}
		if ok, err := filepath.Match(parts[0], name); err != nil || !ok {
			continue // the pattern was checked
		}
		if err := next(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}

// unlessAbsent passes over what is not there, and what is no folder.
func unlessAbsent(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	return openError(path, err)
}

// matchDeep calls visit with the files that match a pattern with **.
func matchDeep(root string, parts []string, visit func(path string) error) error {
	if _, err := os.Stat(root); err != nil {
		return unlessAbsent(root, err)
	}
	return walk(root, func(path string) error {
		name, err := filepath.Rel(root, path)
		if err != nil || !matchParts(parts, strings.Split(filepath.ToSlash(name), "/")) {
			return nil //nolint:nilerr // a path below root is relative to it
		}
		return visit(path)
	})
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
