package main

import "time"

// outageEvery is how often it is said, where a line cannot be rewritten, that
// Qdrant is still being waited for.
const outageEvery = 30 * time.Second

// outage tells that Qdrant is being waited for, and why. Several writers wait
// at once, and one line for all of them is enough.
func (p *progress) outage(err error, wait time.Duration) {
	what := "waiting for Qdrant: " + clip(err.Error(), 200)
	if p.terminal {
		p.waiting(what, wait)
		return
	}
	if p.saysOutage(time.Now()) {
		p.say("%s", what)
	}
}

func (p *progress) saysOutage(now time.Time) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.outageSaid.IsZero() && now.Sub(p.outageSaid) < outageEvery {
		return false
	}
	p.outageSaid = now
	return true
}

// over tells that Qdrant answers again, unless nobody noticed that it did not.
func (p *progress) over(outage time.Duration) {
	const noticed = time.Second
	p.mutex.Lock()
	p.outageSaid, p.note = time.Time{}, ""
	p.mutex.Unlock()
	if outage >= noticed {
		p.say("Qdrant answers again, after %s.", shortDuration(outage))
	}
}
