package spill

import (
	"errors"
	"io"
	"os"
)

// file is what is needed of a file.
type file interface {
	io.ReaderAt
	io.Writer
	io.Closer
}

// unnamed is a file that goes away when it is closed, or earlier.
type unnamed struct {
	*os.File

	removed bool
}

// createFile makes a file that nobody else may read, and takes its name away
// where the system allows that of an open file.
func createFile(folder string) (file, error) {
	f, err := os.CreateTemp(folder, "vecload-ids-*.tmp")
	if err != nil {
		return nil, err
	}
	return &unnamed{File: f, removed: os.Remove(f.Name()) == nil}, nil
}

// Close implements [io.Closer].
func (u *unnamed) Close() error {
	err := u.File.Close()
	if !u.removed {
		err = errors.Join(err, os.Remove(u.Name()))
	}
	return err
}

func closeAll(levels [][]*run) error {
	var err error
	for _, level := range levels {
		for _, r := range level {
			err = errors.Join(err, r.file.Close())
		}
	}
	return err
}
