package sources

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	"github.com/vecload/vecload/pipeline"
)

// Format reads the records of one kind of file.
type Format struct {
	// Name is how messages call the format.
	Name string
	// Extensions are the ends of file names that the format reads, in lower
	// case and with their dots: ".jsonl", ".jsonl.gz".
	Extensions []string
	// Stdin says that the format reads standard input.
	Stdin bool
	// Open gives a reader of the file's records. The file is closed by the
	// caller, after the reader.
	Open func(ctx context.Context, file *File, want *Want) (Reader, error)
}

// Reader reads the records of one file in their order. It is used by one
// goroutine.
type Reader interface {
	// Next fills the record with the next one of the file. At the end it
	// returns io.EOF. An error of class Rejected, made by [File.Reject], is
	// about this record only; after any other error Next is not called again.
	Next(ctx context.Context, record *Record) error
	// Close frees what the reader holds beside the file.
	Close() error
}

// Ending is implemented by readers that read ahead, as soon as they are opened.
// So that they can go on doing so, the next file is opened when the end of one
// is near.
type Ending interface {
	// Ending reports whether the file has few records left.
	Ending() bool
}

// File is an open file as a [Format] gets it. Reading it front to back with
// Read counts as progress; a format that reads by ReadAt tells its progress
// by [File.Advance].
type File struct {
	name string
	size int64
	read func(p []byte) (int, error)
	at   io.ReaderAt   // nil: front to back only
	done *atomic.Int64 // of the corpus
	base int64         // what was done before this file
	pos  int64         // up to where Read has read
}

// ErrShorter is why a file cannot be read on that had more bytes when it was
// opened. Its end would pass for the end of the corpus otherwise.
var ErrShorter = errors.New("the file became shorter while it was read")

// Name returns the file's path as the user gave it; "-" is standard input.
func (f *File) Name() string { return f.name }

// Size returns the size in bytes, -1 where it is not known.
func (f *File) Size() int64 { return f.size }

// Read implements [io.Reader]. Where a file ends before the size that it had
// when it was opened, the error is [ErrShorter]; what was added since is read.
func (f *File) Read(p []byte) (int, error) {
	n, err := f.read(p)
	f.done.Add(int64(n))
	f.pos += int64(n)
	if errors.Is(err, io.EOF) && f.pos < f.size {
		err = ErrShorter
	}
	return n, err
}

// ReadAt implements [io.ReaderAt]. Standard input has no places to read at.
// Where there were bytes when the file was opened and are none, the error is
// [ErrShorter].
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	if f.at == nil {
		return 0, errors.ErrUnsupported
	}
	n, err := f.at.ReadAt(p, off)
	if errors.Is(err, io.EOF) && off+int64(n) < f.size {
		err = ErrShorter
	}
	return n, err
}

// Advance says that the first n bytes of the file are done.
func (f *File) Advance(n int64) { f.done.Store(f.base + n) }

// Reject returns the error of a record that makes no document.
func (f *File) Reject(row int64, err error) *pipeline.Error {
	return pipeline.Reject(pipeline.Origin{File: f.name, Row: row}, err)
}

// Corrupt returns the error of a file that cannot be read on. The place is
// put behind the file's name: "line 12", "row group 3", or "" for none.
func (f *File) Corrupt(place string, err error) *pipeline.Error {
	op := f.name
	if place != "" {
		op += ", " + place
	}
	return &pipeline.Error{
		Op: op, Class: pipeline.Fatal, Err: err,
		Hint: "the file is damaged or was not written to its end; fetch or write it again",
	}
}

// Unsuited returns the error of a file that can never be read as it is
// configured.
func (f *File) Unsuited(err error, hint string) *pipeline.Error {
	return misconfigured(f.name, err, hint)
}

func misconfigured(op string, err error, hint string) *pipeline.Error {
	return &pipeline.Error{Op: op, Class: pipeline.Misconfigured, Err: err, Hint: hint}
}

var errUnknownFormat = errors.New("the name's extension is of no format that can be read")

// formats are those that a program knows.
type formats []Format

// of returns the format that reads a file of the given name.
func (f formats) of(name string) (Format, bool) {
	lower := strings.ToLower(name)
	for _, format := range f {
		if name == "-" && format.Stdin {
			return format, true
		}
		for _, ext := range format.Extensions {
			if strings.HasSuffix(lower, ext) {
				return format, true
			}
		}
	}
	return Format{}, false
}

// reads reports whether files of this name can be read.
func (f formats) reads(name string) bool {
	_, ok := f.of(name)
	return ok
}

// hint says which files can be read.
func (f formats) hint() string {
	var ends []string
	stdin := ""
	for _, format := range f {
		ends = append(ends, format.Extensions...)
		if format.Stdin && stdin == "" {
			stdin = `; "-" is ` + format.Name + " on standard input"
		}
	}
	return "files end in " + strings.Join(ends, ", ") + stdin
}
