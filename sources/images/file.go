package images

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/vecload/vecload/pipeline"
)

// file reads a file below the folder of images. [os.Root] sees to it that
// neither the path nor a link on it leads out of there, also while somebody
// moves folders.
func (l *Loader) file(ref string, origin pipeline.Origin) (string, error) {
	folder := l.options.Folder
	if folder == "" {
		folder = "."
		if origin.File != "-" {
			folder = filepath.Dir(origin.File)
		}
	}
	name, err := within(folder, ref)
	if err != nil {
		return "", err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", fmt.Errorf("the folder of images cannot be opened: %w", cause(err))
	}
	defer root.Close() //nolint:errcheck // nothing was written through it
	// Before it is opened: opening a pipe waits for somebody who writes.
	info, err := root.Stat(name)
	if err != nil {
		return "", fileError(err)
	}
	if err := l.suits(info); err != nil {
		return "", err
	}
	// Should it have become one since, opening does not wait either.
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", fileError(err)
	}
	defer file.Close() //nolint:errcheck // nothing was written to it
	if info, err = file.Stat(); err != nil {
		return "", fileError(err)
	}
	if err := l.suits(info); err != nil {
		return "", err
	}
	return l.read(file, info.Size())
}

// within gives the path of a reference from the folder on. An absolute path is
// taken where it leads into the folder.
func within(folder, ref string) (string, error) {
	out := refusal{
		why:  "lies outside of the folder of images",
		hint: "name the folder that holds all images with --image-folder, or source.image_folder",
	}
	name := filepath.FromSlash(ref)
	if filepath.IsAbs(name) {
		absolute, err := filepath.Abs(folder)
		if err != nil {
			return "", fmt.Errorf("the folder of images: %w", err)
		}
		if name, err = filepath.Rel(absolute, name); err != nil {
			return "", out
		}
	}
	if name = filepath.Clean(name); !filepath.IsLocal(name) {
		return "", out
	}
	return name, nil
}

func (l *Loader) suits(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return refused("is a folder")
	case !info.Mode().IsRegular():
		return refused("is no regular file")
	case info.Size() > l.options.MaxBytes:
		return l.tooLarge(info.Size())
	}
	return nil
}

// read reads at most what is allowed.
func (l *Loader) read(r io.Reader, size int64) (string, error) {
	var data strings.Builder
	if size > 0 {
		data.Grow(int(min(size, l.options.MaxBytes)))
	}
	n, err := io.Copy(&data, io.LimitReader(r, l.options.MaxBytes+1))
	switch {
	case err != nil:
		return "", cause(err)
	case n > l.options.MaxBytes:
		return "", l.tooLarge(-1)
	}
	return data.String(), nil
}

// fileError tells what is wrong with a file from what is wrong with the disk.
func fileError(err error) error {
	err = cause(err)
	number, isNumber := errors.AsType[syscall.Errno](err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return refusal{why: "does not exist", hint: "paths are taken from the folder of the corpus file, or from --image-folder or source.image_folder where that is given"}
	case errors.Is(err, fs.ErrPermission):
		return refused("may not be read by this user")
	case number == syscall.ENOTDIR, number == syscall.ENAMETOOLONG, number == syscall.ELOOP, number == syscall.EINVAL:
		return refused("does not exist")
	case !isNumber: // os.Root's own
		return refused("lies outside of the folder of images, by a link")
	}
	return err
}

// cause leaves out the path of an error, which the caller names.
func cause(err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		return of.Err
	}
	return err
}
