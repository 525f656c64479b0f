package embedders

import (
	"context"

	"github.com/vecload/vecload/pipeline"
)

// over says why nothing is begun any more: the context is done, or the run is
// asked to stop; nil while neither is so.
func over(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case pipeline.IsStopping(ctx):
		return pipeline.ErrStopped
	}
	return nil
}
