package main

import (
	"context"
	"sync"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// usage counts what one endpoint made, for the report. It may be used by
// several goroutines at once.
type usage struct {
	endpoint string // kind and address, no secret

	mutex       sync.Mutex
	provider    string // who answered behind a router; "" where nobody is behind
	requests    int64  // that were answered with vectors
	vectors     int64
	first, last time.Time // of those answers
}

// answered counts one answer.
func (u *usage) answered(vectors int, now time.Time) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if u.requests == 0 {
		u.first = now
	}
	u.requests++
	u.vectors += int64(vectors)
	u.last = now
}

// by notes who answers behind a router.
func (u *usage) by(provider string) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	u.provider = provider
}

// endpointUse is a usage for machines.
type endpointUse struct {
	Endpoint string `json:"endpoint"`
	Provider string `json:"provider,omitempty"`
	Requests int64  `json:"requests"` // that were answered with vectors, probes included
	Vectors  int64  `json:"vectors"`
	First    string `json:"first"` // RFC 3339
	Last     string `json:"last"`
}

// told returns the usage for the report, and false while nothing was answered.
func (u *usage) told() (endpointUse, bool) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	return endpointUse{
		Endpoint: u.endpoint, Provider: u.provider, Requests: u.requests, Vectors: u.vectors,
		First: u.first.UTC().Format(time.RFC3339), Last: u.last.UTC().Format(time.RFC3339),
	}, u.requests > 0
}

// metered counts the answers of one endpoint.
type metered struct {
	pipeline.Embedder

	usage *usage
}

// Embed implements [pipeline.Embedder].
func (m metered) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	v, err := m.Embedder.Embed(ctx, texts)
	if n := v.Len(); n > 0 {
		m.usage.answered(n, time.Now())
	}
	return v, err
}
