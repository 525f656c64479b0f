package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// errTaken tells that another run writes the rejects file, or reads it.
var errTaken = errors.New("another run is using the file for its rejects")

// rejectBegin is how every line of a rejects file begins.
const rejectBegin = `{"file":"`

// holdsRejects reports whether a file is missing, empty or begins as
// [appendReject] begins, even if a killed run has written no more than that.
func holdsRejects(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	defer file.Close() //nolint:errcheck // opened for reading
	begin := make([]byte, len(rejectBegin))
	n, err := io.ReadFull(file, begin)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	return strings.HasPrefix(rejectBegin, string(begin[:n]))
}

// takePlace makes the place of a rejects file free: a plain file is removed. What
// is to be written to as it is comes back open: a file behind a link, emptied,
// a device, a pipe, or an output of the program itself.
func takePlace(path string, own []*os.File) (output, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case planted(path, info):
		return nil, errPlanted
	case info.Mode().IsRegular():
		return nil, removeUnlocked(path)
	}
	target, err := os.Stat(path)
	if err == nil {
		for _, file := range own {
			if mine, statErr := file.Stat(); statErr == nil && os.SameFile(mine, target) {
				return kept{file}, nil
			}
		}
	}
	if err == nil && !target.Mode().IsRegular() {
		return openStream(path)
	}
	// A link of the user's own stays a link.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	locked, err := lock(file)
	if err == nil {
		err = file.Truncate(0)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return locked, nil
}

// errPlanted refuses what another user put where everybody may write: it
// would lead what this run writes to wherever they like.
var errPlanted = errors.New("another user has put a link or a pipe there, in a folder that everybody may write to")

// removeUnlocked removes a rejects file that no run uses.
func removeUnlocked(path string) error {
	file, err := os.Open(path)
	if err == nil {
		defer file.Close() //nolint:errcheck // nothing was written to it
		if _, err := lock(file); err != nil {
			return err
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// createLocked creates a file that is not there, readable by its owner only:
// rejects hold what the corpus holds, which may be private.
func createLocked(path string) (*lockedFile, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, errTaken
	}
	if err != nil {
		return nil, err
	}
	locked, err := lock(file)
	if err == nil {
		err = locked.inPlace(path) // it may have been removed before it was locked
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return locked, nil
}

// lockedFile is a plain file that is locked until it is closed.
type lockedFile struct{ *os.File }

// inPlace makes sure that the file is still the one at path.
func (f *lockedFile) inPlace(path string) error {
	mine, err := f.Stat()
	if err != nil {
		return err
	}
	if there, err := os.Lstat(path); err != nil || !os.SameFile(mine, there) {
		return errTaken
	}
	return nil
}

// kept is an output of the program, which is not closed.
type kept struct{ io.Writer }

// Close implements [io.Closer].
func (kept) Close() error { return nil }

// linksResolved is the path of the file that path leads to; path itself where
// nothing is there.
func linksResolved(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}
