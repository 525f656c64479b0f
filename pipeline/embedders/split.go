package embedders

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/vecload/vecload/pipeline"
)

// Split makes smaller calls of one that is refused: halves of one that is too
// large, and halves again and again of one that holds a text which will never
// succeed, until that text stands alone. It may be used by several goroutines
// at once.
type Split struct {
	inner pipeline.Embedder
	most  atomic.Int64 // texts in a call, as learned; 0 while nothing was
}

// NewSplit returns an embedder whose calls never fail as a whole for what one
// text of them does: the vectors of the others come with a
// [*pipeline.PartialError].
func NewSplit(inner pipeline.Embedder) *Split { return &Split{inner: inner} }

// Embed implements [pipeline.Embedder].
func (s *Split) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	most := int(s.most.Load())
	if most == 0 || len(texts) <= most {
		v, err := s.inner.Embed(ctx, texts)
		if err == nil {
			return v, nil
		}
		c := newCollector(len(texts))
		if err := s.refused(ctx, texts, 0, v, err, c); err != nil {
			return pipeline.Vectors{}, err
		}
		return c.vectors()
	}
	c := newCollector(len(texts))
	for start := 0; start < len(texts); start += most {
		part := texts[start:min(start+most, len(texts))]
		if err := s.embed(ctx, part, start, c); err != nil {
			return pipeline.Vectors{}, err
		}
	}
	return c.vectors()
}

// embed collects what becomes of texts, whose first has the place first in
// the whole call.
func (s *Split) embed(ctx context.Context, texts []string, first int, c *collector) error {
	v, err := s.inner.Embed(ctx, texts)
	if err == nil {
		return c.add(first, len(texts), v)
	}
	return s.refused(ctx, texts, first, v, err, c)
}

// refused goes on after a call that failed.
func (s *Split) refused(ctx context.Context, texts []string, first int, v pipeline.Vectors, err error, c *collector) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if p, ok := errors.AsType[*pipeline.PartialError](err); ok {
		return s.partial(ctx, texts, first, v, p, c)
	}
	class := pipeline.Classify(err)
	switch {
	case class != pipeline.Oversize && class != pipeline.Rejected:
		return err
	case len(texts) == 1:
		c.fail(first, rejection(class, err))
		return nil
	}
	half := (len(texts) + 1) / 2
	before := len(c.failed)
	if err := s.embed(ctx, texts[:half], first, c); err != nil {
		return err
	}
	if err := s.embed(ctx, texts[half:], first+half, c); err != nil {
		return err
	}
	if class == pipeline.Oversize && len(c.failed) == before {
		s.learn(half)
	}
	return nil
}

// learn remembers a number of texts that was not refused while twice as many
// were. A call that was refused for one huge text teaches nothing: that text
// failed alone.
func (s *Split) learn(n int) {
	for {
		most := s.most.Load()
		if most != 0 && most <= int64(n) || s.most.CompareAndSwap(most, int64(n)) {
			return
		}
	}
}

// partial takes the vectors of a call and tries each text that failed again,
// alone: what was computed beside other texts may have failed because of them.
func (s *Split) partial(ctx context.Context, texts []string, first int, v pipeline.Vectors, p *pipeline.PartialError, c *collector) error {
	if err := c.addAround(first, len(texts), v, p.Failed); err != nil {
		return err
	}
	for i, reason := range p.Failed {
		if len(texts) == 1 {
			c.fail(first+i, reason)
			continue
		}
		if err := s.embed(ctx, texts[i:i+1], first+i, c); err != nil {
			return err
		}
	}
	return nil
}

// rejection is the reason of a text that was refused alone.
func rejection(class pipeline.Class, err error) error {
	if class == pipeline.Rejected {
		return err
	}
	return &pipeline.Error{
		Class: pipeline.Rejected,
		Hint:  pipeline.Hint(err),
		Err:   fmt.Errorf("the text is too large even alone: %w", err),
	}
}
