package embedders

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/retry"
)

// pauseFirst and pauseMost bound the pause after a refusal that does not say
// how long it wants; it doubles while nothing is taken. It is also at most a
// tenth of the longest pause, so that a short one is not over after one try.
const (
	pauseFirst = 200 * time.Millisecond
	pauseMost  = 30 * time.Second
)

// aloneRefusals is how often a call has to be refused while nothing else is
// in flight, and without a time to wait, until the server is believed to
// count texts rather than requests.
const aloneRefusals = 3

// LoadOptions say what one endpoint may be asked at once.
type LoadOptions struct {
	// InFlight is how many requests there are at once at most; the number in
	// use adapts below it.
	InFlight int
	// CountsTexts tells that the server limits texts in flight and not
	// requests, as text-embeddings-inference does. Otherwise it is found out.
	CountsTexts bool
	// MaxPause bounds the pause that a server may ask for; 0 is 10 minutes.
	MaxPause time.Duration
	// Shared bounds what several endpoints have in flight together; nil is no
	// bound.
	Shared Places
	// Counters are counted up.
	Counters *pipeline.Counters
	// Opened is told when the endpoint is left alone for a while, and why.
	// It may be nil, and must return at once.
	Opened func(wait time.Duration, err error)
}

// Load lets calls through to one endpoint as it can take them: it adapts
// their number below a ceiling, pauses all of them when the server asks for
// it, and makes none for a while after failures in a row. It belongs to one
// endpoint and is shared by all who call it; it may be used by several
// goroutines at once.
type Load struct {
	inner   pipeline.Embedder
	options LoadOptions

	mu       sync.Mutex
	window   window
	breaker  breaker
	requests int       // in flight
	use      float64   // in flight, in the unit of the window
	until    time.Time // nothing starts before
	pause    time.Duration
	alone    int // refusals in a row while nothing else was in flight
	queue    []*waiter
	timer    *time.Timer // wakes them when the pause is over
	took     time.Time   // when a call last succeeded
}

// NewLoad returns an embedder that calls inner as one endpoint can take it.
func NewLoad(inner pipeline.Embedder, o LoadOptions) *Load {
	if o.MaxPause <= 0 {
		o.MaxPause = 10 * time.Minute
	}
	return &Load{inner: inner, options: o, window: newWindow(o.InFlight, o.CountsTexts)}
}

// Embed implements [pipeline.Embedder]. A call that the window will not take
// as a whole is not made: it fails with class Oversize, see [Load.Fit].
func (l *Load) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	c, err := l.enter(ctx, len(texts))
	if err != nil {
		return pipeline.Vectors{}, err
	}
	if err := l.begin(ctx, c); err != nil {
		return pipeline.Vectors{}, l.leave(ctx, c, &texts[0], err)
	}
	v, err := l.inner.Embed(WhenReceived(ctx, func() { l.received(c) }), texts)
	return v, l.leave(ctx, c, &texts[0], err)
}

// Fit returns how many of n texts to send in one call now: all of them,
// unless the server counts texts and takes fewer.
func (l *Load) Fit(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if widest := l.window.widest(); widest > 0 {
		return min(n, widest)
	}
	return n
}

// Texts returns the number of texts that batches of at most n should have, so
// that a whole number of them fills what the server takes.
func (l *Load) Texts(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	widest := int(l.window.good)
	if l.window.searching() {
		widest = l.window.widest()
	}
	if !l.window.texts || widest == 0 || n <= 0 {
		return n
	}
	return max(widest/((widest+n-1)/n), 1)
}

// Took returns when a call last succeeded; the zero time before the first.
func (l *Load) Took() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.took
}

// begin waits, where several endpoints share what may be in flight, until
// there is room for one more request.
func (l *Load) begin(ctx context.Context, c *flight) error {
	if l.options.Shared != nil {
		if err := l.options.Shared.take(ctx); err != nil {
			return err
		}
		c.started = time.Now()
	}
	if err := over(ctx); err != nil {
		l.options.Shared.give()
		return err
	}
	c.sent = true
	l.options.Counters.Requests.Add(1)
	l.options.Counters.InFlight.Add(1)
	return nil
}

// received gives the place of a call to the next one, before it is known
// whether the answer is of use.
func (l *Load) received(c *flight) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.give(c)
	l.wake()
}

// give gives back the place of a call, once.
func (l *Load) give(c *flight) {
	if c.given {
		return
	}
	c.given = true
	// Requests overtake each other: all that are in flight may have been there
	// before the one that was refused.
	c.most = max(c.use, l.use)
	c.full = c.full || l.use+c.cost > l.window.size
	l.requests--
	l.use = max(l.use-c.cost, 0)
	if l.requests == 0 {
		l.use = 0
	}
	if c.sent {
		l.options.Counters.InFlight.Add(-1)
		l.options.Shared.give()
	}
}

// leave takes note of how a call ended, and returns its error as the policy
// of repetition wants it.
func (l *Load) leave(ctx context.Context, c *flight, batch *string, err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.give(c)
	l.judge(ctx, c.call, c.trial, batch, err, now)
	l.options.Counters.Limit.Store(l.limit())
	l.wake()
	switch pipeline.Classify(err) { //nolint:exhaustive // The others are not repeated.
	case pipeline.Transient, pipeline.Throttled, pipeline.Warming:
		return &attempt{err: err, took: now.Sub(c.started), sent: true}
	}
	return err
}

func (l *Load) judge(ctx context.Context, c call, trial bool, batch *string, err error, now time.Time) {
	if err != nil && (ctx.Err() != nil || errors.Is(err, pipeline.ErrStopped)) {
		l.breaker.undecided(trial)
		return
	}
	if _, partial := errors.AsType[*pipeline.PartialError](err); err == nil || partial {
		l.succeeded(c, trial, now)
		return
	}
	switch pipeline.Classify(err) {
	case pipeline.Rejected, pipeline.Oversize:
		l.breaker.alive()
	case pipeline.Throttled:
		l.breaker.alive()
		l.throttled(c, pipeline.After(err), now)
	case pipeline.Warming:
		// A model that loads is waited for by the policy of repetition.
		l.breaker.undecided(trial)
		l.holdUntil(now.Add(min(pipeline.After(err), l.options.MaxPause)))
	case pipeline.Transient, pipeline.Fatal, pipeline.NotServed, pipeline.Denied, pipeline.Misconfigured:
		l.window.failed(c, now)
		if l.breaker.fail(trial, batch, err, now) {
			l.window.restart()
			// Who asks for a trial tells of it, and when the next comes.
			if l.options.Opened != nil && !retry.IsOnce(ctx) {
				l.options.Opened(l.breaker.cool, err)
			}
		}
	}
}

func (l *Load) succeeded(c call, trial bool, now time.Time) {
	l.breaker.alive()
	l.took, l.pause, l.alone = now, 0, 0
	if trial {
		return // one swallow: the window grows with the next
	}
	l.window.taken(c, now)
}

func (l *Load) throttled(c call, after time.Duration, now time.Time) {
	wait := min(after, l.options.MaxPause)
	if after <= 0 {
		// Refusals of calls that were in flight together are one refusal.
		if c.started.After(l.window.cutAt) {
			l.pause = min(max(2*l.pause, pauseFirst), pauseMost, max(l.options.MaxPause/10, pauseFirst))
		}
		wait = l.pause
		if c.most <= c.cost && c.n > 1 {
			l.alone++
		}
	}
	if !l.window.texts && l.alone >= aloneRefusals {
		// It was the size of the call and no load, which would pass: a smaller
		// one need not wait as long. If that is refused too, it will.
		l.holdUntil(now.Add(min(wait, pauseFirst)))
		l.window.countTexts(c.n)
		return
	}
	l.holdUntil(now.Add(wait))
	l.window.refused(c, now, wait)
}

// holdUntil lets nothing start before a time. A pause never shortens another.
func (l *Load) holdUntil(t time.Time) {
	if t.After(l.until) {
		l.until = t
	}
}

// limit is the number of requests that may be in flight at once.
func (l *Load) limit() int64 {
	size := l.window.size
	if l.window.texts {
		batch := max(l.window.batch, 1)
		if widest := l.window.widest(); widest > 0 {
			batch = min(batch, widest)
		}
		size /= float64(batch)
	}
	return int64(max(1, min(size, float64(l.window.ceiling))))
}

// errTooWide marks a call that is larger than the server takes at once now.
var errTooWide = errors.New("more texts than the endpoint takes at once")

func tooWide(n, widest int) error {
	return &pipeline.Error{Class: pipeline.Oversize, Err: fmt.Errorf("%w: %d of %d", errTooWide, n, widest)}
}

// attempt is the failure of a call with what it cost, without the time that
// it waited for its turn.
type attempt struct {
	err  error
	took time.Duration
	sent bool // false where the breaker did not let it out
}

func (a *attempt) Error() string { return a.err.Error() }

func (a *attempt) Unwrap() error { return a.err }

// Attempt tells what the call cost, see package retry.
func (a *attempt) Attempt() (took time.Duration, sent bool) { return a.took, a.sent }

// Learn takes in what the server says of itself: one that limits texts in
// flight is met in texts, and below its limit; one that works on some requests
// at once gets no more than those and the next.
func (l *Load) Learn(k Known) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k.InFlight > 0 {
		l.window.lower(k.InFlight + 1)
	}
	if k.InFlightTexts > 0 {
		l.window.learn(k.InFlightTexts)
	}
}
