package embedders

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// use returns the endpoint to ask. None is looked for in a run that is asked to
// stop, for there would be nothing to ask it.
func (f *Fallback) use(ctx context.Context) (*stay, error) {
	looking, cancel := pipeline.UntilStop(ctx)
	defer cancel()
	s, err := f.look(looking)
	if looking.Err() != nil {
		return nil, over(ctx)
	}
	return s, err
}

// look finds the endpoint to ask. While none is in use, one goroutine looks
// for one and the others wait for what it finds; while one is, a goroutine
// tries a preferred one that has cooled down, and the others do not wait.
func (f *Fallback) look(ctx context.Context) (*stay, error) {
	f.mutex.Lock()
	current, rounds, stopped := f.current, f.rounds, f.stopped
	again := f.cooledDown()
	f.mutex.Unlock()
	switch {
	case stopped != nil:
		return nil, stopped
	case current != nil && again == nil:
		return current, nil
	case current != nil:
		select {
		case f.turn <- struct{}{}:
		default:
			return current, nil
		}
		defer func() { <-f.turn }()
		return f.tryAgain(ctx)
	}
	select {
	case f.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-f.turn }()
	f.mutex.Lock()
	current, none, stopped := f.current, f.none, f.stopped
	failed := f.rounds != rounds
	f.mutex.Unlock()
	switch {
	case stopped != nil:
		return nil, stopped
	case current != nil:
		return current, nil
	case failed:
		return nil, none
	}
	return f.search(ctx)
}

// search looks for an endpoint while none is in use. It has the turn.
func (f *Fallback) search(ctx context.Context) (*stay, error) {
	f.mutex.Lock()
	begun := f.stays > 0
	f.mutex.Unlock()
	if begun {
		return f.searchAgain(ctx)
	}
	for _, p := range f.places {
		f.mutex.Lock()
		cooling := p.until.After(time.Now())
		f.mutex.Unlock()
		if cooling {
			continue
		}
		rows, err := f.probe(ctx, p) // with all the patience of its policies
		s, done, err := f.settle(ctx, p, rows, err)
		if done {
			return s, err
		}
		f.lost(p, err, false)
	}
	return nil, f.noneLeft()
}

// settle tells whether a search is done with what a probe led to.
func (f *Fallback) settle(ctx context.Context, p *place, rows []pipeline.Vector, err error) (*stay, bool, error) {
	if ctx.Err() != nil {
		return nil, true, ctx.Err()
	}
	if err == nil {
		s, err := f.take(p, rows)
		return s, true, err
	}
	if other := f.otherModel(p, err); other != nil {
		return nil, true, f.stop(other)
	}
	return nil, !leaves(err), err
}

// tryAgain tries the preferred endpoint that has cooled down, once and not for
// long. It has the turn.
func (f *Fallback) tryAgain(ctx context.Context) (*stay, error) {
	f.mutex.Lock()
	p, current := f.cooledDown(), f.current
	f.mutex.Unlock()
	if p == nil || current == nil {
		// Somebody else was faster, or the one in use failed meanwhile.
		if current == nil {
			return f.search(ctx)
		}
		return current, nil
	}
	rows, err := f.trial(ctx, p, f.options.Trial)
	s, done, err := f.settle(ctx, p, rows, err)
	if done {
		return s, err
	}
	f.lost(p, err, true)
	f.mutex.Lock()
	current = f.current
	f.mutex.Unlock()
	if current == nil {
		return f.search(ctx)
	}
	return current, nil
}

// trial probes an endpoint that failed or may fail, for so long at most.
func (f *Fallback) trial(ctx context.Context, p *place, most time.Duration) ([]pipeline.Vector, error) {
	trying, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	rows, err := f.probe(trying, p)
	if err != nil && trying.Err() != nil {
		err = &pipeline.Error{Class: pipeline.Transient, Err: fmt.Errorf("no answer within %s", most.Round(time.Second))}
	}
	return rows, err
}

// cooledDown returns the first endpoint that is preferred to the one in use,
// failed and may be tried again; nil when there is none. It needs the mutex.
func (f *Fallback) cooledDown() *place {
	if f.current == nil {
		return nil
	}
	now := time.Now()
	for _, p := range f.places {
		if p == f.current.place {
			return nil
		}
		if !p.until.After(now) {
			return p
		}
	}
	return nil
}

// take puts an endpoint to use whose vectors of the probes agree.
func (f *Fallback) take(p *place, rows []pipeline.Vector) (*stay, error) {
	f.mutex.Lock()
	if f.reference == nil {
		f.reference = rows
	}
	if err := disagreement(p, f.options.Model, f.reference, rows); err != nil {
		f.mutex.Unlock()
		return nil, f.stop(err)
	}
	again := p.err != nil
	changed := f.stays > 0 || p != f.places[0]
	p.err, p.until = nil, time.Time{}
	var before []FallbackEvent
	if f.stays == 0 {
		before = f.failures()
	}
	f.stays++
	s := &stay{place: p, began: time.Now(), calls: map[*context.CancelFunc]struct{}{}}
	f.current = s
	f.mutex.Unlock()
	for _, event := range before {
		f.report(event)
	}
	if changed {
		f.report(FallbackEvent{Endpoint: p.Name, Again: again})
	}
	return s, nil
}

// failures tells why endpoints were passed over. It needs the mutex.
func (f *Fallback) failures() []FallbackEvent {
	var events []FallbackEvent
	for _, p := range f.places {
		if p.err != nil {
			events = append(events, FallbackEvent{Endpoint: p.Name, Err: p.err})
		}
	}
	return events
}

// leave ends the use of an endpoint that failed for good. Of several calls
// that failed so, one does it.
func (f *Fallback) leave(s *stay, err error) {
	if !s.end() {
		return
	}
	f.mutex.Lock()
	if f.current == s {
		f.current = nil
	}
	if time.Since(s.began) >= f.options.MaxCoolDown {
		s.place.wait = 0 // what it failed from long ago is over
	}
	f.mutex.Unlock()
	f.lost(s.place, err, false)
}

// lost notes a failure and leaves the endpoint alone for a while. One that was
// tried before its time is left alone until then, and no longer.
func (f *Fallback) lost(p *place, err error, trial bool) {
	f.mutex.Lock()
	now := time.Now()
	p.err, p.failed = err, now
	early := p.until.After(now)
	if !early {
		p.wait = min(max(2*p.wait, f.options.CoolDown), f.options.MaxCoolDown)
		p.until = now.Add(p.wait)
	}
	if !temporary(pipeline.Classify(err)) {
		p.wait = f.options.MaxCoolDown
		p.until = now.Add(p.wait)
	}
	// Until one was in use, the failures are told when one is, or else by
	// the error that lists them.
	told := !trial && !early && f.stays > 0
	f.mutex.Unlock()
	if told {
		f.report(FallbackEvent{Endpoint: p.Name, Err: err})
	}
}

// stop ends everything.
func (f *Fallback) stop(err error) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.stopped = err
	return err
}

func (f *Fallback) report(e FallbackEvent) {
	if f.options.Report != nil {
		f.options.Report(e)
	}
}

// sleep waits for d, or returns the context's error as soon as it is done.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// otherModel says that an endpoint which was in use before answers in another
// dimension now, as its own check has found; nil when that is not the failure.
func (f *Fallback) otherModel(p *place, err error) error {
	if d, ok := errors.AsType[*dimensionError](err); ok {
		return otherModel(p, f.options.Model, d.Error())
	}
	return nil
}
