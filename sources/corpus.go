package sources

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/vecload/vecload/pipeline"
)

// Input says where a corpus is read.
type Input struct {
	// Files are read one after the other, in this order; see [Files].
	Files []string
	// Formats read the files. The first one that fits a file's name reads it.
	Formats []Format
	// Stdin is the file "-"; nil when there is none.
	Stdin *Stdin
}

// Corpus is the documents of some files. It is a [pipeline.Source]. Its
// sequences are used one at a time.
type Corpus struct {
	input  Input
	mapper *Mapper
	sizes  []int64 // of the files, 0 where unknown
	total  int64
	done   atomic.Int64
}

var _ pipeline.Source = (*Corpus)(nil)

// NewCorpus returns the corpus of the input's files. It looks at the sizes of
// the files but opens none. Errors are of class Misconfigured: a wrong
// mapping, a file that does not exist or that no format reads.
func NewCorpus(input Input, mapping Mapping) (*Corpus, error) {
	mapper, err := mapping.Compile()
	if err != nil {
		return nil, err
	}
	c := &Corpus{input: input, mapper: mapper, sizes: make([]int64, len(input.Files))}
	for i, name := range input.Files {
		if _, err := input.format(name); err != nil {
			return nil, err
		}
		if name == "-" {
			c.total = -1
			continue
		}
		info, err := os.Stat(name)
		if err != nil {
			return nil, openError(name, err)
		}
		c.sizes[i] = info.Size()
		if c.total >= 0 {
			c.total += info.Size()
		}
	}
	return c, nil
}

// Progress returns how many bytes of the files are done and how many there
// are; for compressed files both are compressed sizes. The total is -1 with
// standard input. It may be called at any time and from any goroutine.
func (c *Corpus) Progress() (done, total int64) { return c.done.Load(), c.total }

// Documents implements [pipeline.Source]. Standard input can be read by one
// sequence only; a second one is an error of class Misconfigured.
func (c *Corpus) Documents(ctx context.Context) iter.Seq2[pipeline.Document, error] {
	return func(yield func(pipeline.Document, error) bool) {
		c.done.Store(0)
		var base int64
		for i, name := range c.input.Files {
			more, err := c.file(ctx, name, base, yield)
			if err != nil {
				yield(pipeline.Document{Origin: pipeline.Origin{File: name}}, err)
				return
			}
			if !more {
				return
			}
			if c.total >= 0 {
				base += c.sizes[i]
				c.done.Store(base)
			} else {
				base = c.done.Load()
			}
		}
	}
}

// file yields the documents of one file. It returns false when the consumer
// left the loop.
func (c *Corpus) file(ctx context.Context, name string, base int64, yield func(pipeline.Document, error) bool) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, context.Cause(ctx)
	}
	more := false
	err := c.input.open(ctx, name, c.mapper.want, openOptions{done: &c.done, base: base}, func(r Reader) error {
		record := &Record{}
		for {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			err := r.Next(ctx, record)
			if errors.Is(err, io.EOF) {
				more = true
				return nil
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			origin := pipeline.Origin{File: name, Row: record.Row}
			if err == nil {
				doc, err := c.mapper.Document(record)
				doc.Origin = origin
				if err != nil {
					err = pipeline.Reject(origin, err)
				}
				if !yield(doc, err) {
					return nil
				}
				continue
			}
			if pipeline.Classify(err) != pipeline.Rejected {
				return err
			}
			if !yield(pipeline.Document{Origin: origin}, err) {
				return nil
			}
		}
	})
	return more && err == nil, err
}

// openOptions says how an input opens a file.
type openOptions struct {
	done *atomic.Int64
	base int64
	look *patience // standard input is read again later; nil: it is not
}

// open opens a file for use and closes it after.
func (in Input) open(ctx context.Context, name string, want *Want, o openOptions, use func(Reader) error) (err error) {
	format, err := in.format(name)
	if err != nil {
		return err
	}
	file := &File{name: name, size: -1, done: o.done, base: o.base}
	if name == "-" {
		if file.read, err = in.stdin(ctx, o.look); err != nil {
			return misconfigured(name, err, "write the input to a file to read it more than once")
		}
	} else {
		opened, err := os.Open(name)
		if err != nil {
			return openError(name, err)
		}
		defer opened.Close() //nolint:errcheck // nothing was written to it
		info, err := opened.Stat()
		if err != nil {
			return openError(name, err)
		}
		if info.IsDir() {
			return misconfigured(name, errors.New("is a folder"), "name the files in it, or let the folder be expanded")
		}
		file.size, file.read, file.at = info.Size(), opened.Read, opened
	}
	reader, err := format.Open(ctx, file, want)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := reader.Close(); err == nil && closeErr != nil {
			err = file.Corrupt("", closeErr)
		}
	}()
	return use(reader)
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
