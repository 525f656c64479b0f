package sources

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"sync/atomic"

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
		var next upcoming
		defer next.drop()
		for i, name := range c.input.Files {
			more, err := c.file(ctx, i, base, &next, yield)
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

// begin opens a file of the corpus, before which base bytes were done.
func (c *Corpus) begin(ctx context.Context, i int, base int64) (*opened, error) {
	return c.input.begin(ctx, c.input.Files[i], c.mapper.want, openOptions{done: &c.done, base: base})
}

// file yields the documents of one file. It returns false when the consumer
// left the loop.
func (c *Corpus) file(ctx context.Context, i int, base int64, next *upcoming, yield func(pipeline.Document, error) bool) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, context.Cause(ctx)
	}
	name := c.input.Files[i]
	at, err := next.take(func() (*opened, error) { return c.begin(ctx, i, base) })
	if err != nil {
		return false, err
	}
	more := false
	err = at.use(func(r Reader) error {
		record := &Record{}
		ending, ahead := r.(Ending)
		ahead = ahead && c.total >= 0 && i+1 < len(c.input.Files)
		for {
			if ahead && ending.Ending() {
				ahead = false
				next.begin(func() (*opened, error) { return c.begin(ctx, i+1, base+c.sizes[i]) })
			}
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
