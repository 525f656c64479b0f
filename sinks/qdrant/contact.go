package qdrant

import (
	"sync"
	"time"
)

// Contact is what all who speak to one server know of it: whether it can be
// reached at all. A server that has answered is waited for when it is gone,
// one that never did is given up soon, and so is one that was waited for in
// vain. It may be used by several goroutines at once.
type Contact struct {
	mu      sync.Mutex
	answers bool      // it has answered since the beginning, or since it was given up
	success time.Time // of the last call that succeeded
	failing time.Time // when the calls began to fail; zero while they do not
}

// NewContact returns the contact to a server that nobody has spoken to.
func NewContact() *Contact { return &Contact{} }

func (c *Contact) known() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answers
}

// succeeded returns when the last call succeeded.
func (c *Contact) succeeded() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.success
}

// answered is told of an answer that asks to wait: the server is there.
func (c *Contact) answered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers = true
}

// served is told of an answer, and returns for how long calls had failed
// before it, 0 where they had not.
func (c *Contact) served(success bool) (outage time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.answers = true; success {
		c.success = now
	}
	if !c.failing.IsZero() {
		outage, c.failing = max(now.Sub(c.failing), 1), time.Time{}
	}
	return outage
}

// failed is told of a call that may succeed later.
func (c *Contact) failed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failing.IsZero() {
		c.failing = time.Now()
	}
}

// gaveUp is told that a call was repeated as long as it may be.
func (c *Contact) gaveUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers = false
}
