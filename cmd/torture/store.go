package main

import (
	"context"
	"errors"
)

// errNothing says that there is no index yet.
var errNothing = errors.New("there is no index yet")

// store is an index as others than vecload see it.
type store interface { //nolint:interfacebloat // two that are alike, and no third
	// config is what names it in a configuration.
	config() string
	// whole returns what readers find.
	whole(ctx context.Context) (snapshot, error)
	// previous returns what they found before; ok is false where there is none.
	previous(ctx context.Context) (s snapshot, ok bool, err error)
	// texts returns the texts of all points that the next run can use: those
	// of what readers find, and of a build. It changes nothing.
	texts(ctx context.Context) (map[string]bool, error)
	// look is one look of a reader.
	look(ctx context.Context) (glance, error)
	// leftovers names what is there and should not be after a run that came to
	// its end.
	leftovers(ctx context.Context) ([]string, error)
	// files names what can happen to its files in the next run.
	files() []string
	// watch returns when that happens to its files, or ctx is done.
	watch(ctx context.Context, what string) error
	close(ctx context.Context) error
}
