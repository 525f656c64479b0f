package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// reader is somebody who uses an index that is built beside and switched: all
// the time it has to see one that is whole, the old one or the new one, and
// never the old one again.
type reader struct {
	stop  context.CancelFunc
	ended chan error
	looks int // read after the end
	again int // that had to be repeated
}

// pause is between two looks.
const pause = 2 * time.Millisecond

// startReader starts a reader of a store that goes from one of the states to
// the next. A state that is nil is that there is no index.
func startReader(ctx context.Context, s store, states []*glance) *reader {
	ctx, stop := context.WithCancel(ctx)
	r := &reader{stop: stop, ended: make(chan error, 1)}
	go func() { r.ended <- r.read(ctx, s, states) }()
	return r
}

// end ends the reader and returns what it saw that should not have been.
func (r *reader) end() error {
	r.stop()
	return <-r.ended
}

func (r *reader) read(ctx context.Context, s store, states []*glance) error {
	for ctx.Err() == nil {
		now, err := r.look(ctx, s)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // nobody looks any more
		case err != nil:
			return fmt.Errorf("a reader got an error: %w", err)
		}
		r.looks++
		place := slices.IndexFunc(states, func(state *glance) bool {
			return state == nil && now == nil || state != nil && now != nil && *state == *now
		})
		if place < 0 {
			return fmt.Errorf("a reader saw %s, and the index is never that: %s", now, states)
		}
		states = states[place:]
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
	}
	return nil
}

// look returns nil where there is no index. Who opens a file at the moment of
// a switch may get an error, and none the second time: sinks/sqlite says so.
func (r *reader) look(ctx context.Context, s store) (*glance, error) {
	seen, err := s.look(ctx)
	if err != nil && !errors.Is(err, errNothing) && ctx.Err() == nil {
		r.again++
		seen, err = s.look(ctx)
	}
	if errors.Is(err, errNothing) {
		return nil, nil //nolint:nilnil // nothing is there
	}
	return &seen, err
}

func (g *glance) String() string {
	if g == nil {
		return "no index"
	}
	return fmt.Sprintf("%d points, %d of today", g.points, g.today)
}
