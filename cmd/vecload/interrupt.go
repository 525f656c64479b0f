package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
)

// interruptible gives the two contexts of a command and starts watching for
// signals: the first ends stop; the second, or the end of grace after the
// first, ends ctx with [errInterrupted]; and one more has its usual effect.
// release ends the watch and waits for it.
func interruptible(parent context.Context, signals <-chan os.Signal, stderr io.Writer, grace time.Duration) (ctx, stop context.Context, release func()) {
	ctx, kill := context.WithCancelCause(parent)
	stop, halt := context.WithCancel(ctx)
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-done:
			return
		case <-signals:
		}
		halt()
		fmt.Fprintf(stderr, "\nvecload: stopping: finishing what is in flight, for %s at most; interrupt again to stop now\n", grace)
		patience := time.NewTimer(grace)
		defer patience.Stop()
		select {
		case <-done:
			return
		case <-signals:
		case <-patience.C:
			fmt.Fprintf(stderr, "vecload: stopping now: what was in flight is not finished after %s\n", grace)
		}
		signal.Reset(os.Interrupt)
		kill(errInterrupted)
	}()
	return ctx, stop, func() {
		close(done)
		<-watched
		halt()
		kill(nil)
	}
}

// graceOfQuestions is that of commands which write nothing.
const graceOfQuestions = configs.DefaultGrace

// partingTime is what a run may still take for each thing that it gives back
// after it was told to stop now: its lease, and what it deferred in the index.
// With the default grace it is gone within the 30 seconds that Kubernetes and
// others wait before they kill.
const partingTime = 1500 * time.Millisecond

// parting is a context for what is given back at the end of a run: usual is its
// time, and partingTime from when the run is told to stop now. ctx is that of
// the command.
func parting(ctx context.Context, usual time.Duration) (context.Context, context.CancelFunc) {
	giving, cancel := context.WithTimeout(context.WithoutCancel(ctx), usual)
	release := context.AfterFunc(ctx, func() { time.AfterFunc(partingTime, cancel) })
	return giving, func() {
		release()
		cancel()
	}
}

// orStopped returns what a command ended with that failed with err: the
// interrupt, where there was one before the corpus was read, for until then
// stop cuts everything short.
func orStopped(ctx, stop context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case stop.Err() != nil:
		return pipeline.ErrStopped
	}
	return err
}
