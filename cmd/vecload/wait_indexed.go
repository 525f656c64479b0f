package main

import (
	"context"
	"time"

	"github.com/vecload/vecload/sinks/qdrant"
)

// waitIndexed waits for the optimizer of a Qdrant server, and says now and
// then how it goes.
func (a assembly) waitIndexed(ctx context.Context, target index) error {
	waiting, ok := target.(interface {
		WaitIndexed(ctx context.Context, progress func(qdrant.State)) error
	})
	if !ok {
		return nil
	}
	const every = 30 * time.Second
	said := time.Now().Add(2*time.Second - every) // a short wait needs no words
	return waiting.WaitIndexed(ctx, func(s qdrant.State) {
		if time.Since(said) >= every {
			said = time.Now()
			a.show.say("Waiting for Qdrant to index: %s.", s)
		}
	})
}
