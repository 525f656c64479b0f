package embedders

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// Endpoint is one server of a model, behind policies of its own.
type Endpoint struct {
	Name     string // as messages name it: kind and address, no secret
	Embedder pipeline.Embedder
}

// FallbackOptions say which endpoints there are.
type FallbackOptions struct {
	// Model is the name by which all endpoints are asked.
	Model string
	// Endpoints are at least one, the preferred one first.
	Endpoints []Endpoint
	// Probes are the fixed inputs that endpoints are compared by, the first of
	// which completes the space; nil is [TextProbes].
	Probes []string
	// Shape is that of documents. Probes go through it, so that what is
	// compared is what is stored.
	Shape Shape
	// Report is told when another endpoint is asked than before; nil for
	// nobody. It may be called from several goroutines at once.
	Report func(FallbackEvent)

	// CoolDown is how long an endpoint is left alone after it failed; it
	// doubles with each failed trial up to MaxCoolDown. Trial bounds the time
	// of a trial of an endpoint that failed. 0 is 30 seconds, 5 minutes and
	// 10 seconds.
	CoolDown, MaxCoolDown, Trial time.Duration
	// Patience is how long endpoints are tried again and again while none of
	// them answers, once one did; WarmUp that time while one of them loads its
	// model, where it is longer. 0 is a minute and 5 minutes.
	Patience, WarmUp time.Duration
}

// FallbackEvent is a change of endpoints, or the wait for one.
type FallbackEvent struct {
	Endpoint string
	Err      error // why it is not asked any more; nil when it is asked from now on
	Again    bool  // it failed before, and answers again
	// Wait is the time until it is tried, while no endpoint is in use. It is
	// told once of each time for which there is none.
	Wait time.Duration
}

// Fallback asks the first endpoint of a model that can be used, and goes on
// with the next when that one fails for good; what failed is tried again
// later, and comes back in the order of preference. While none can be used, it
// tries all that may be well again every few seconds. Vectors of an endpoint are
// passed on only after it has made the same vectors of fixed texts as the
// first that was in use, since a server may hold another model under the same
// name. It may be used by several goroutines at once, which share one search
// for an endpoint.
//
// With one endpoint it adds nothing: errors are those of the endpoint.
type Fallback struct {
	options FallbackOptions
	turn    chan struct{} // held by the one goroutine that looks for an endpoint
	served  atomic.Int64  // calls that an endpoint answered

	mutex     sync.Mutex
	places    []*place
	current   *stay             // nil while none is in use
	stays     int               // how often an endpoint was taken into use
	rounds    int               // how often a search found none
	none      error             // what the last such search ended with
	stopped   error             // ends everything: an endpoint serves another model
	reference []pipeline.Vector // of the probes; nil before the first endpoint was in use
}

// place is an endpoint and what is known about it.
type place struct {
	Endpoint

	err    error         // its last failure; nil when it is as good as new
	failed time.Time     // when that was
	until  time.Time     // it is left alone until then, as long as another is in use
	wait   time.Duration // that it was left alone for
}

// NewFallback returns an embedder over the endpoints of o.
func NewFallback(o FallbackOptions) *Fallback {
	set := func(d *time.Duration, standard time.Duration) {
		if *d == 0 {
			*d = standard
		}
	}
	set(&o.CoolDown, 30*time.Second)
	set(&o.MaxCoolDown, 5*time.Minute)
	set(&o.Trial, 10*time.Second)
	if o.Probes == nil {
		o.Probes = TextProbes()
	}
	set(&o.Patience, time.Minute)
	set(&o.WarmUp, 5*time.Minute)
	f := &Fallback{options: o, turn: make(chan struct{}, 1)}
	for _, endpoint := range o.Endpoints {
		f.places = append(f.places, &place{Endpoint: endpoint})
	}
	return f
}

// Embed implements [pipeline.Embedder]. When no endpoint is left, the error is
// a [*pipeline.Error] that wraps the failures of all. Its class is Denied when
// one of them is; else Transient when one of them may pass, or when the model
// was served before; else NotServed, unless all are Misconfigured.
func (f *Fallback) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	if len(f.places) == 1 {
		return f.places[0].Embedder.Embed(ctx, texts)
	}
	// Endpoints that answer probes and fail with these texts would be asked
	// in turn for ever. A call that came to nothing because of others is no
	// such failure while others succeed.
	most := 3 * len(f.places)
	for failed, cut, served := 0, 0, f.served.Load(); failed < most && cut < most; {
		s, err := f.use(ctx)
		if err != nil {
			return pipeline.Vectors{}, err
		}
		v, left, err := s.embed(ctx, texts)
		switch {
		case err == nil, !left && !leaves(err):
			f.served.Add(1)
			return v, err
		case ctx.Err() != nil:
			return pipeline.Vectors{}, ctx.Err()
		case !left:
			f.leave(s, err)
		}
		if !left && !IsOpen(err) {
			failed++
			continue
		}
		if now := f.served.Load(); now != served {
			cut, served = 0, now
		}
		cut++
	}
	return pipeline.Vectors{}, f.noneLeft()
}

// Probe returns the vector of the first probe in the shape of documents, by the
// endpoint that is in use first. Called before anything else it is the first
// request of a run, as [Probe] is.
func (f *Fallback) Probe(ctx context.Context) (pipeline.Vector, error) {
	if len(f.places) == 1 {
		rows, err := f.probe(ctx, f.places[0])
		if err != nil {
			f.mutex.Lock()
			f.places[0].err = err
			f.mutex.Unlock()
			return nil, err
		}
		return rows[0], nil
	}
	if _, err := f.use(ctx); err != nil {
		return nil, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.reference[0], nil
}

// leaves reports whether an endpoint that failed so may be replaced by
// another. What is said of a text is true of it everywhere, and an error that
// nobody classified stops the run.
func leaves(err error) bool {
	if _, ok := errors.AsType[*shapeError](err); ok {
		return false
	}
	if errors.Is(err, errRefusesAll) {
		return true
	}
	switch pipeline.Classify(err) {
	case pipeline.Transient, pipeline.Warming, pipeline.Throttled,
		pipeline.NotServed, pipeline.Denied, pipeline.Misconfigured:
		return true
	case pipeline.Fatal, pipeline.Oversize, pipeline.Rejected:
	}
	return false
}

// temporary reports whether the same endpoint may serve the same call later.
func temporary(class pipeline.Class) bool {
	return class == pipeline.Transient || class == pipeline.Warming || class == pipeline.Throttled
}

// stay is the time that one endpoint is in use. When it ends, the calls that
// wait for the endpoint are cut short, since each of them would find out by
// itself, and as slowly, that the endpoint failed.
type stay struct {
	place *place
	began time.Time

	mutex sync.Mutex
	left  bool
	calls map[*context.CancelFunc]struct{}
}

// embed calls the endpoint. left says that the call came to nothing because
// the endpoint was left.
func (s *stay) embed(ctx context.Context, texts []string) (v pipeline.Vectors, left bool, err error) {
	calling, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mutex.Lock()
	if s.left {
		s.mutex.Unlock()
		return pipeline.Vectors{}, true, context.Canceled
	}
	s.calls[&cancel] = struct{}{}
	s.mutex.Unlock()
	defer func() {
		s.mutex.Lock()
		delete(s.calls, &cancel)
		s.mutex.Unlock()
	}()
	v, err = s.place.Embedder.Embed(calling, texts)
	if _, partial := errors.AsType[*pipeline.PartialError](err); err == nil || partial {
		return v, false, err
	}
	return pipeline.Vectors{}, calling.Err() != nil && ctx.Err() == nil, err
}

// end cuts all calls short; it reports false when that was done before.
func (s *stay) end() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.left {
		return false
	}
	s.left = true
	for cancel := range s.calls {
		(*cancel)()
	}
	return true
}
