package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vecload/vecload/pipeline"
)

// held is an index that this run alone writes to. Its methods are called by
// one goroutine.
type held struct {
	lease pipeline.Lease
	group errgroup.Group
	end   context.CancelFunc // of what renews the lease; nil before watch
}

// hold takes the lease of the index, and waits for that of a run that seems to
// have died.
func (a assembly) hold(ctx context.Context, target pipeline.Leaser) (*held, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	me := pipeline.Holder{Run: rand.Text(), Host: host, PID: os.Getpid(), Since: time.Now(), Machine: machine()}
	lease, err := target.Acquire(ctx, me, func(other pipeline.Holder) bool {
		if isDead(other) {
			a.show.say("The run before (%s) was killed; going on where it was.", holderName(other))
			return true
		}
		a.show.say("%s is being written to by %s; waiting to see whether that run is still alive.", indexName(a.config.Index), holderName(other))
		return false
	})
	if err != nil {
		return nil, err
	}
	return &held{lease: lease}, nil
}

// holderName names another run to a person.
func holderName(h pipeline.Holder) string {
	return fmt.Sprintf("process %d on %s, since %s", h.PID, h.Host, h.Since.Local().Format("2006-01-02 15:04"))
}

// clean reports whether the run before ended in good order.
func (h *held) clean() bool { return h.lease.Clean() }

// watch renews the lease until release is called. The context that it returns
// is done when the lease is lost.
func (h *held) watch(ctx context.Context) (context.Context, context.CancelFunc) {
	keeping, end := context.WithCancel(context.WithoutCancel(ctx))
	h.end = end
	watched, lose := context.WithCancelCause(ctx)
	h.group.Go(func() error {
		err := h.lease.Keep(keeping)
		if err != nil {
			lose(err)
		}
		return nil // the run ends with it
	})
	return watched, func() { lose(nil) }
}

// release gives the lease back, with patience, and also when ctx is done.
func (h *held) release(ctx context.Context, finished bool) error {
	if h.end != nil {
		h.end()
		_ = h.group.Wait() // returns no error
	}
	err := h.lease.Release(ctx, finished)
	if err == nil || ctx.Err() == nil {
		return err
	}
	const patience = 10 * time.Second
	ctx, cancel := parting(ctx, patience)
	defer cancel()
	err = h.lease.Release(ctx, finished)
	if errors.Is(err, context.DeadlineExceeded) {
		err = &pipeline.Error{
			Class: pipeline.Transient, Hint: "it ends by itself; what the run has written is in the index",
			Err: fmt.Errorf("the lease of the index could not be given back within %s: %w", patience, err),
		}
	}
	return err
}
