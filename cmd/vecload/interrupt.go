package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// interruptible gives the two contexts of a run and starts watching for
// signals: the first ends stop, the second ends ctx with [errInterrupted], and
// a third has its usual effect. release ends the watch and waits for it.
func interruptible(parent context.Context, signals <-chan os.Signal, stderr io.Writer) (ctx, stop context.Context, release func()) {
	ctx, kill := context.WithCancelCause(parent)
	stop, halt := context.WithCancel(ctx)
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		for count := 0; ; {
			select {
			case <-done:
				return
			case <-signals:
			}
			if count++; count == 1 {
				halt()
				fmt.Fprintln(stderr, "\nvecload: stopping: finishing what is in flight; interrupt again to stop now")
				continue
			}
			signal.Reset(os.Interrupt)
			kill(errInterrupted)
			return
		}
	}()
	return ctx, stop, func() {
		close(done)
		<-watched
		halt()
		kill(nil)
	}
}
