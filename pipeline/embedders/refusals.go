package embedders

import (
	"context"
	"errors"
	"fmt"
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
