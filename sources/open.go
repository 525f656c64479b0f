package sources

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/vecload/vecload/pipeline"
)

// openOptions says how an input opens a file.
type openOptions struct {
	done *atomic.Int64
	base int64
	look *patience // standard input is read again later; nil: it is not
}

// opened is a file with its reader.
type opened struct {
	file   *File
	reader Reader
	closer io.Closer // of the file; nil: standard input
}

// close closes the reader, then the file.
func (o *opened) close() error {
	err := o.reader.Close()
	if o.closer != nil {
		_ = o.closer.Close() // nothing was written to it
	}
	if err != nil {
		return o.file.Corrupt("", err)
	}
	return nil
}

// open opens a file for use and closes it after.
func (in Input) open(ctx context.Context, name string, want *Want, o openOptions, use func(Reader) error) error {
	opened, err := in.begin(ctx, name, want, o)
	if err != nil {
		return err
	}
	return opened.use(use)
}

// use calls use and closes the file.
func (o *opened) use(use func(Reader) error) (err error) {
	defer func() {
		if closeErr := o.close(); err == nil {
			err = closeErr
		}
	}()
	return use(o.reader)
}

// begin opens a file.
func (in Input) begin(ctx context.Context, name string, want *Want, o openOptions) (_ *opened, err error) {
	format, err := in.format(name)
	if err != nil {
		return nil, err
	}
	file := &File{name: name, size: -1, done: o.done, base: o.base}
	made := &opened{file: file}
	if name == "-" {
		if file.read, err = in.stdin(ctx, o.look); err != nil {
			return nil, misconfigured(name, err, "write the input to a file to read it more than once")
		}
	} else {
		f, err := os.Open(name)
		if err != nil {
			return nil, openError(name, err)
		}
		made.closer = f
		info, err := f.Stat()
		switch {
		case err != nil:
			err = openError(name, err)
		case info.IsDir():
			err = misconfigured(name, errors.New("is a folder"), "name the files in it, or let the folder be expanded")
		}
		if err != nil {
			_ = f.Close() // nothing was written to it
			return nil, err
		}
		file.size, file.read, file.at = info.Size(), f.Read, f
	}
	if made.reader, err = format.Open(ctx, file, want); err != nil {
		if made.closer != nil {
			_ = made.closer.Close() // nothing was written to it
		}
		return nil, err
	}
	return made, nil
}

func (in Input) stdin(ctx context.Context, look *patience) (func([]byte) (int, error), error) {
	switch {
	case in.Stdin == nil:
		return nil, errors.New("there is no standard input")
	case look != nil:
		return in.Stdin.look(ctx, look)
	}
	return in.Stdin.take(ctx)
}

func (in Input) format(name string) (Format, error) {
	readers := formats(in.Formats)
	format, ok := readers.of(name)
	if !ok {
		return format, misconfigured(name, errUnknownFormat, readers.hint())
	}
	return format, nil
}

// openError says why a file cannot be opened, without naming it twice.
func openError(name string, err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return misconfigured(name, errors.New("the file does not exist"), "check the path; it is taken from the folder where vecload runs")
	case errors.Is(err, fs.ErrPermission):
		return misconfigured(name, errors.New("no permission to read the file"), "give the user that runs vecload the right to read it")
	case errors.Is(err, syscall.ELOOP):
		return misconfigured(name, errors.New("the path goes through links that lead in a circle"), "remove the links, or name the file that is meant")
	}
	return &pipeline.Error{
		Op: name, Class: pipeline.Fatal, Err: fmt.Errorf("open: %w", err),
		Hint: "the system did not open the file; see to its disk and to the limits of the process, and run again",
	}
}
