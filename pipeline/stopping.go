package pipeline

import (
	"context"
	"errors"
)

// stopKey is the key of the context that is done when a run is to stop.
type stopKey struct{}

// WithStop returns a context whose calls can tell that the run is asked to
// stop, which is once stop is done. Such a call may go on, and what it has
// begun is worth finishing; but nothing is begun any more, and nothing is
// waited for that is not under way. [Pipeline.Run] gives it to all that it
// calls.
func WithStop(ctx, stop context.Context) context.Context {
	return context.WithValue(ctx, stopKey{}, stop)
}

// Stopping returns a channel that is closed once the run is asked to stop; nil
// where nobody can ask for it. Who waits, for a pause to end or for his turn,
// waits for it too, and then fails with [ErrStopped].
func Stopping(ctx context.Context) <-chan struct{} {
	if stop, ok := ctx.Value(stopKey{}).(context.Context); ok {
		return stop.Done()
	}
	return nil
}

// IsStopping reports whether the run is asked to stop: what is not under way
// is to fail with [ErrStopped].
func IsStopping(ctx context.Context) bool {
	stop, ok := ctx.Value(stopKey{}).(context.Context)
	return ok && stop.Err() != nil
}

// UntilStop returns a context that also is done, with the cause [ErrStopped],
// once the run is asked to stop. It is for what is not worth finishing then:
// questions, probes, and preparations.
func UntilStop(ctx context.Context) (context.Context, context.CancelFunc) {
	stop, ok := ctx.Value(stopKey{}).(context.Context)
	if !ok {
		return context.WithCancel(ctx)
	}
	until, cancel := context.WithCancelCause(ctx)
	if stop.Err() != nil {
		cancel(ErrStopped) // at once, and not when a goroutine comes to it
	}
	release := context.AfterFunc(stop, func() { cancel(ErrStopped) })
	return until, func() {
		release()
		cancel(nil)
	}
}

// leftBy reports whether err says only that the run was asked to stop.
func leftBy(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && IsStopping(ctx) &&
		(errors.Is(err, ErrStopped) || errors.Is(err, context.Canceled))
}
