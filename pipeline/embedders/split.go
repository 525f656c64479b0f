package embedders

import (
	"context"
	"errors"
	"fmt"

	"github.com/vecload/vecload/pipeline"
)

// SplitOptions say what is known of the size of calls. The zero SplitOptions
// know nothing.
type SplitOptions struct {
	// Known is what the server says of itself.
	Known Known
	// Load tells how many texts fit into what the server takes now; it is the
	// one that the calls go through. nil: any number.
	Load *Load
	// Count counts tokens, for servers that bound them; nil estimates.
	Count pipeline.TokenCounter
	// Probe is a fixed input that the endpoint has to take if it takes any; ""
	// is [ProbeText].
	Probe string
	// Counters are told what was learned; nil tells nobody.
	Counters *pipeline.Counters
}

// Split makes smaller calls of one that is refused: pieces of one that is too
// large, and halves again and again of one that holds a text which will never
// succeed, until that text stands alone. What it learns of the size that the
// server takes is kept for the run. It may be used by several goroutines at
// once.
type Split struct {
	inner    pipeline.Embedder
	options  SplitOptions
	sizes    sizes
	refusals refusals
}

// NewSplit returns an embedder whose calls never fail as a whole for what one
// text of them does: the vectors of the others come with a
// [*pipeline.PartialError]. An endpoint that took texts before and now refuses
// all of them is an error of class Fatal.
func NewSplit(inner pipeline.Embedder, o SplitOptions) *Split {
	if o.Count == nil {
		o.Count = pipeline.EstimateTokens
	}
	if o.Probe == "" {
		o.Probe = ProbeText
	}
	s := &Split{inner: inner, options: o, sizes: sizes{count: o.Count}}
	s.sizes.know(o.Known)
	return s
}

// Bounds lowers the bounds on texts, tokens and bytes of a batch to what is
// known of the server, so that batches are made as it takes them. 0 is no
// bound.
func (s *Split) Bounds(texts, tokens, bytes int) (int, int, int) {
	mostTexts, mostTokens, mostBytes := s.sizes.bounds()
	texts, tokens, bytes = least(texts, mostTexts), least(tokens, mostTokens), least(bytes, mostBytes)
	if s.options.Load != nil {
		texts = s.options.Load.Texts(texts)
	}
	return texts, tokens, bytes
}

// Embed implements [pipeline.Embedder].
func (s *Split) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	if s.cut(texts) < len(texts) {
		c := newCollector(len(texts))
		if err := s.pieces(ctx, texts, 0, c); err != nil {
			return pipeline.Vectors{}, err
		}
		return s.confirmed(ctx, texts, c)
	}
	v, err := s.inner.Embed(ctx, texts)
	if err == nil {
		s.taken(texts)
		return v, nil
	}
	c := newCollector(len(texts))
	if err := s.refused(ctx, texts, 0, v, err, c); err != nil {
		return pipeline.Vectors{}, err
	}
	return s.confirmed(ctx, texts, c)
}

// confirmed returns what was collected, once it is sure what was refused.
func (s *Split) confirmed(ctx context.Context, texts []string, c *collector) (pipeline.Vectors, error) {
	if err := s.confirm(ctx, texts, c); err != nil {
		return pipeline.Vectors{}, err
	}
	return c.vectors()
}

// cut returns how many of the first texts go into one call.
func (s *Split) cut(texts []string) int {
	n := s.sizes.cut(texts)
	if s.options.Load != nil {
		n = s.options.Load.Fit(n)
	}
	return n
}

func (s *Split) taken(texts []string) {
	s.sizes.taken(texts)
	s.refusals.taken()
}

// pieces collects what becomes of texts, whose first has the place first in
// the whole call, in calls as large as the server takes them.
func (s *Split) pieces(ctx context.Context, texts []string, first int, c *collector) error {
	for len(texts) > 0 {
		n := s.cut(texts)
		if err := s.piece(ctx, texts[:n], first, c); err != nil {
			return err
		}
		texts, first = texts[n:], first+n
	}
	return nil
}

func (s *Split) piece(ctx context.Context, texts []string, first int, c *collector) error {
	v, err := s.inner.Embed(ctx, texts)
	if err == nil {
		s.taken(texts)
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
	case errors.Is(err, errTooWide):
		return s.pieces(ctx, texts, first, c)
	case len(texts) == 1:
		reason := rejection(class, err)
		c.fail(first, reason)
		return s.doubt(ctx, reason)
	}
	if class == pipeline.Oversize {
		if told, ok := errors.AsType[*LimitError](err); ok && s.sizes.know(told.Limit) {
			s.tell()
			if s.sizes.cut(texts) < len(texts) {
				return s.pieces(ctx, texts, first, c)
			}
		}
	}
	half := (len(texts) + 1) / 2
	before := len(c.failed)
	if err := s.pieces(ctx, texts[:half], first, c); err != nil {
		return err
	}
	if err := s.pieces(ctx, texts[half:], first+half, c); err != nil {
		return err
	}
	// A call that was refused for one huge text teaches nothing: that text
	// failed alone.
	if class == pipeline.Oversize && len(c.failed) == before {
		s.sizes.refused(texts, half)
		s.tell()
	}
	return nil
}

// tell counts what was learned.
func (s *Split) tell() {
	if s.options.Counters != nil {
		texts, _, _ := s.sizes.bounds()
		s.options.Counters.Texts.Store(int64(texts))
	}
}

// partial takes the vectors of a call and tries each text that failed again,
// alone: what was computed beside other texts may have failed because of them.
func (s *Split) partial(ctx context.Context, texts []string, first int, v pipeline.Vectors, p *pipeline.PartialError, c *collector) error {
	if v.Len() > 0 {
		s.refusals.taken()
	}
	if err := c.addAround(first, len(texts), v, p.Failed); err != nil {
		return err
	}
	for i, reason := range p.Failed {
		if len(texts) == 1 {
			c.fail(first+i, reason)
			return s.doubt(ctx, reason)
		}
		if err := s.piece(ctx, texts[i:i+1], first+i, c); err != nil {
			return err
		}
		// It was refused in a call of which others were taken, and now again.
		c.sure[first+i] = v.Len() > 0
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
