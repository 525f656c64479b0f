package embedders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/vecload/vecload/pipeline"
)

// suspectFirst is how many texts in a row an endpoint may refuse alone until
// it is asked for one that any model takes. Each time that it takes that one,
// and so is well, the number doubles up to suspectMost: a part of the corpus
// that is full of bad documents then costs one request in a hundred more.
const (
	suspectFirst = 3
	suspectMost  = 96
)

// errRefusesAll marks the failure of an endpoint whose word counts no more:
// another endpoint should be asked.
var errRefusesAll = errors.New("the endpoint refuses every text")

// refusals counts texts that were refused alone, with nothing taken between.
type refusals struct {
	mu     sync.Mutex
	proven bool // something was taken before
	row    int
	most   int
}

func (r *refusals) taken() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.proven, r.row = true, 0
}

// refused tells whether it is time to doubt the endpoint.
func (r *refusals) refused() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.row++
	return r.proven && r.row >= max(r.most, suspectFirst)
}

// since tells whether the endpoint, which took something before, has refused a
// text since it last took one, and whether it ever took any.
func (r *refusals) since() (open, proven bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.row > 0, r.proven
}

// trusted is told that the endpoint took the text that any model takes.
func (r *refusals) trusted() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.row, r.most = 0, min(2*max(r.most, suspectFirst), suspectMost)
}

// doubt asks the endpoint for the probe when it has refused one text after
// the other. If it refuses that as well, the error is of class Fatal: what it
// says of documents is not to be believed.
func (s *Split) doubt(ctx context.Context, reason error) error {
	if !s.refusals.refused() {
		return nil
	}
	return s.prove(ctx, reason)
}

// prove asks the endpoint, which has refused a text for a reason, for the probe.
func (s *Split) prove(ctx context.Context, reason error) error {
	_, err := s.inner.Embed(ctx, []string{s.options.Probe})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		s.refusals.trusted()
		return nil
	}
	if _, partial := errors.AsType[*pipeline.PartialError](err); !partial {
		switch pipeline.Classify(err) { //nolint:exhaustive // The other classes mean what they say.
		case pipeline.Rejected, pipeline.Oversize:
		default:
			return err
		}
	}
	return &pipeline.Error{
		Class: pipeline.Fatal,
		Hint:  "the endpoint took texts before and now refuses any, so that no document is rejected on its word; look at its log, and start again when it is well",
		Err:   fmt.Errorf("%w: %w", errRefusesAll, reason),
	}
}

// confirm makes sure that texts were refused for what is in them, and not by an
// endpoint that was sick for a while: each is asked for again after the
// endpoint has taken something, and is believed to be bad when it is refused
// twice. That is one more request for a text that is rejected. A refusal that
// names the limit which the text exceeds is believed at once, and so is one
// that was repeated already.
func (s *Split) confirm(ctx context.Context, texts []string, c *collector) error {
	var places []int
	for place, reason := range c.failed {
		if _, told := errors.AsType[*LimitError](reason); !told && !c.sure[place] {
			places = append(places, place)
		}
	}
	open, proven := s.refusals.since()
	if len(places) == 0 || !proven {
		return nil
	}
	slices.Sort(places)
	if open {
		if err := s.prove(ctx, c.failed[places[0]]); err != nil {
			return err
		}
	}
	for _, place := range places {
		v, err := s.inner.Embed(ctx, texts[place:place+1])
		if err == nil {
			delete(c.failed, place)
			if err := c.add(place, 1, v); err != nil {
				return err
			}
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if class := pipeline.Classify(err); class != pipeline.Rejected && class != pipeline.Oversize {
			return err
		}
	}
	return nil
}
