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

// checkReport refuses, before anything is opened, a report that is also read
// or is the index, and one that could not be written at the end of a long run.
func (a assembly) checkReport() error {
	if a.reportFile == "" {
		return nil
	}
	if err := a.checkOutput("report", a.reportFile); err != nil {
		return err
	}
	if regular(a.reportFile) && sameFile(a.reportFile, a.config.Rejects) {
		return unfit("report", a.reportFile, errors.New("the report would overwrite the rejects"))
	}
	return nil
}

// checkRejects does so for the rejects.
func (a assembly) checkRejects() error {
	path := a.config.Rejects
	if err := a.checkOutput("rejects", path); err != nil {
		return err
	}
	if regular(path) && !holdsRejects(path) {
		return &pipeline.Error{
			Op: path, Class: pipeline.Misconfigured, Hint: "choose another file with --rejects, or move this one away",
			Err: errors.New("the file does not hold the rejects of an earlier run, and would be overwritten"),
		}
	}
	return nil
}

func (a assembly) checkOutput(flag, path string) error {
	for _, kept := range []struct {
		what  string
		files []string
	}{
		{"the corpus", corpusFiles(a.config.Source.Path)},
		{"the configuration", []string{a.configFile}},
		{"the index", a.indexFiles()},
	} {
		if slices.ContainsFunc(kept.files, func(file string) bool { return sameFile(file, path) }) {
			return unfit(flag, path, fmt.Errorf("the %s would overwrite %s", flag, kept.what))
		}
	}
	if err := writable(path); err != nil {
		return unfit(flag, path, err)
	}
	return nil
}

func unfit(flag, path string, err error) error {
	return &pipeline.Error{Op: path, Class: pipeline.Misconfigured, Hint: "choose another file with --" + flag, Err: err}
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
	if info, err := os.Lstat(path); err == nil && planted(path, info) {
		return errPlanted
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
