package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

// checkOutputs refuses, before anything is opened, a file of rejects or a
// report that is also read or is the index, and one that could not be written
// at the end of a long run.
func (a assembly) checkOutputs() error {
	kept := []struct {
		what  string
		files []string
	}{
		{"the corpus", corpusFiles(a.config.Source.Path)},
		{"the configuration", []string{a.configFile}},
		{"the index", a.indexFiles()},
	}
	for _, output := range []struct{ flag, path string }{{"rejects", a.config.Rejects}, {"report", a.reportFile}} {
		if output.path == "" {
			continue
		}
		fail := func(err error) error {
			return &pipeline.Error{Op: output.path, Class: pipeline.Misconfigured, Hint: "choose another file with --" + output.flag, Err: err}
		}
		for _, k := range kept {
			if slices.ContainsFunc(k.files, func(file string) bool { return sameFile(file, output.path) }) {
				return fail(fmt.Errorf("the %s would overwrite %s", output.flag, k.what))
			}
		}
		if err := writable(output.path); err != nil {
			return fail(err)
		}
	}
	if regular(a.config.Rejects) && !holdsRejects(a.config.Rejects) {
		return &pipeline.Error{
			Op: a.config.Rejects, Class: pipeline.Misconfigured, Hint: "choose another file with --rejects, or move this one away",
			Err: errors.New("the file does not hold the rejects of an earlier run, and would be overwritten"),
		}
	}
	if regular(a.reportFile) && sameFile(a.reportFile, a.config.Rejects) {
		return &pipeline.Error{
			Op: a.reportFile, Class: pipeline.Misconfigured, Hint: "choose another file with --report",
			Err: errors.New("the report would overwrite the rejects"),
		}
	}
	return nil
}

// corpusFiles are the files that paths name. One that names none stands for
// itself: what is wrong with it is told where the corpus is opened.
func corpusFiles(paths []string) []string {
	var files []string
	for _, path := range paths {
		found, err := sources.Files([]string{path}, formats())
		if err != nil {
			found = []string{path}
		}
		files = append(files, found...)
	}
	return files
}

// indexFiles are the files of every index that the run may choose: the
// configured one, and those of the alternatives.
func (a assembly) indexFiles() []string {
	var files []string
	for _, candidate := range a.config.Candidates() {
		files = append(files, indexFiles(candidate.Index)...)
	}
	return files
}

// indexFiles are the files that SQLite keeps an index in, see
// https://sqlite.org/tempfiles.html.
func indexFiles(index configs.Index) []string {
	if index.Qdrant != nil {
		return nil
	}
	path := indexName(index)
	return []string{path, path + "-wal", path + "-shm", path + "-journal"}
}

// writable says what is known to be wrong with a path that is written later.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return errors.New("is a folder")
	}
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder %s does not exist", folder)
	} else if err == nil && !info.IsDir() {
		return fmt.Errorf("%s is not a folder", folder)
	}
	return nil
}

// regular reports whether what is at path may be removed or replaced: a file,
// or nothing yet, and no device, pipe or folder.
func regular(path string) bool {
	info, err := os.Stat(path)
	return err != nil || info.Mode().IsRegular()
}

// sameFile reports whether two paths name one file, which need not exist yet.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	one, errOne := os.Stat(a)
	other, errOther := os.Stat(b)
	if errOne == nil && errOther == nil {
		return os.SameFile(one, other)
	}
	return (errOne == nil) == (errOther == nil) && resolved(a) == resolved(b)
}

// resolved is the path without links in its folder.
func resolved(path string) string {
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err == nil {
		path = filepath.Join(folder, filepath.Base(path))
	}
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return filepath.Clean(path)
}
