package sources

import (
	"context"
	"errors"
	"time"
)

// surveyQuiet is how long a survey of standard input waits for one more
// record, and surveyMost for all after the first: somebody may write into the
// pipe a line now and then, and nothing is embedded before the survey is over.
const (
	surveyQuiet = 2 * time.Second
	surveyMost  = 10 * time.Second
)

var errQuiet = errors.New("nothing more came for a while")

// patience bounds how long a survey waits for a stream. Before the first
// record it waits without bound.
type patience struct {
	first, last time.Time // when records came
	over        bool      // it waited long enough
}

// met is told of a record.
func (p *patience) met() {
	p.last = time.Now()
	if p.first.IsZero() {
		p.first = p.last
	}
}

// wait calls next with a context that ends when the survey should. What next
// did not return then is left for the next call of it.
func (p *patience) wait(ctx context.Context, next func(context.Context) ([]byte, error)) ([]byte, error) {
	if p.first.IsZero() {
		return next(ctx)
	}
	end := p.last.Add(surveyQuiet)
	if most := p.first.Add(surveyMost); most.Before(end) {
		end = most
	}
	waiting, cancel := context.WithDeadlineCause(ctx, end, errQuiet)
	defer cancel()
	data, err := next(waiting)
	p.over = p.over || errors.Is(err, errQuiet)
	return data, err
}
