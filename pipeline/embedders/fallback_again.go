package embedders

import (
	"context"
	"errors"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/retry"
)

// againAfter is how long an endpoint that failed is left alone while no other
// is in use: one that is well again is not missed for longer, and one that is
// down gets no more than 12 requests a minute.
const againAfter = 5 * time.Second

// searchAgain looks for an endpoint in the middle of a run. It asks each with
// one request: the patience of its policies is for the only endpoint that is
// left, and here another one may be well again before that is used up. It has
// the turn.
func (f *Fallback) searchAgain(ctx context.Context) (*stay, error) {
	began, waited := time.Now(), false
	for {
		p, fresh, at := f.next()
		wait := time.Until(at)
		if p == nil || !fresh && time.Since(began)+max(wait, 0) > f.patience() {
			return nil, f.noneLeft()
		}
		if wait > 0 {
			if !waited {
				waited = true
				f.report(FallbackEvent{Endpoint: p.Name, Wait: wait})
			}
			if err := sleep(ctx, wait); err != nil {
				return nil, err
			}
		}
		most := f.options.Trial
		if fresh {
			// One that was never asked may be slow the first time, and still
			// does not make the search longer than its patience.
			most = max(most, f.patience()-time.Since(began))
		}
		rows, err := f.trial(retry.Once(ctx), p, most)
		s, done, err := f.settle(ctx, p, rows, err)
		if done {
			return s, err
		}
		f.lost(p, err, false)
	}
}

// next returns the endpoint that may be asked next, whether it is as good as
// new, and from when on it may be asked; nil when no endpoint will change its
// answer soon.
func (f *Fallback) next() (next *place, fresh bool, at time.Time) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, p := range f.places {
		if p.err == nil {
			return p, true, time.Time{}
		}
		from := p.until
		if temporary(pipeline.Classify(p.err)) {
			from = p.failed.Add(max(againAfter, asked(p.err)))
		} else if from.After(time.Now()) {
			continue
		}
		if next == nil || from.Before(at) {
			next, at = p, from
		}
	}
	return next, false, at
}

// patience is how long endpoints are tried while none answers.
func (f *Fallback) patience() time.Duration {
	for _, answer := range f.Answers() {
		if answer.Err != nil && pipeline.Classify(answer.Err) == pipeline.Warming {
			return max(f.options.Patience, f.options.WarmUp)
		}
	}
	return f.options.Patience
}

// asked is the wait that the server has asked for with its last answer, which
// is not the one of this side's own circuit.
func asked(err error) time.Duration {
	if open, ok := errors.AsType[*openError](err); ok {
		err = open.cause
	}
	return pipeline.After(err)
}
