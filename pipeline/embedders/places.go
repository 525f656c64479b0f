package embedders

import (
	"context"

	"github.com/vecload/vecload/pipeline"
)

// Places are how many requests several endpoints may have in flight together:
// while calls go over from one to another, each keeps its own limit, and all
// keep this one. nil is no limit. It may be used by several goroutines at once.
type Places chan struct{}

// NewPlaces returns places for n requests.
func NewPlaces(n int) Places { return make(Places, n) }

// take waits for a place, unless the run is asked to stop.
func (p Places) take(ctx context.Context) error {
	if p == nil {
		return nil
	}
	select {
	case p <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-pipeline.Stopping(ctx):
		return pipeline.ErrStopped
	}
}

func (p Places) give() {
	if p != nil {
		<-p
	}
}
