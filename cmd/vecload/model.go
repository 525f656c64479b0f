package main

import (
	"context"
	"fmt"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/bm25"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/builtin"
	"github.com/vecload/vecload/pipeline/imaging"
)

// model is an embedder with what is known about its vectors.
type model struct {
	pipeline.Embedder

	lane      lane
	space     pipeline.Space        // Dim and Probe are missing until probe
	count     pipeline.TokenCounter // nil: tokens are estimated
	bounds    pipeline.Bounds       // of batches, as learned
	endpoints *embedders.Fallback
	places    embedders.Places // that the requests to all of several endpoints take
	words     *bm25.Model      // nil: words are not found
	used      []*usage         // of the endpoints
	asked     string           // the model of the lane, where this is an alternative to it; else ""
}

// embedder makes the configured model, with the prefix that its texts get:
// the one of documents or the one of queries.
func (l lane) embedder(prefix string) (model, error) {
	embed := l.Embed
	m := model{lane: l, space: pipeline.Space{
		Model:     embed.Model,
		Prefix:    embed.Prefix.Document,
		Query:     embed.Prefix.Query,
		Pooling:   string(embed.Pooling),
		Normalize: embed.Normalize,
		Cut:       embed.Cut,
	}}
	if l.ofImages() {
		m.space.Input = string(configs.InputImage)
	}
	var err error
	if m.words, err = l.words(); err != nil {
		return model{}, err
	}
	if m.words != nil {
		m.space.Sparse = m.words.Settings()
	}
	var endpoints []embedders.Endpoint
	switch {
	case embed.Model == configs.Builtin:
		table, err := builtin.New()
		if err != nil {
			return model{}, err
		}
		m.space.Revision, m.count = table.Revision(), table.CountTokens
		endpoints = []embedders.Endpoint{m.endpoint(&usage{endpoint: configs.Builtin}, table, endpointLoad{count: m.count})}
	case len(embed.Endpoints) == 0:
		return model{}, &usageError{err: fmt.Errorf("no endpoint is named for model %s", embed.Model), hint: "give --tei URL or --openai URL, or " + l.Path + ".endpoints in the configuration"}
	default:
		if m.count, err = l.vocabulary(); err != nil {
			return model{}, err
		}
		for _, endpoint := range embed.Endpoints {
			used := &usage{endpoint: endpoint.Name()}
			client, err := l.client(endpoint, embed.Model, used)
			if err != nil {
				return model{}, err
			}
			endpoints = append(endpoints, m.endpoint(used, client, endpointLoad{count: m.count, others: len(embed.Endpoints) > 1}))
		}
	}
	m.over(endpoints, prefix)
	return m, nil
}

// over makes one embedder of the endpoints, which gives texts the prefix.
func (m *model) over(endpoints []embedders.Endpoint, prefix string) {
	l, embed := m.lane, m.lane.Embed
	m.bounds = bounds(endpoints)
	shape := embedders.Shape{Prefix: embed.Prefix.Document, Cut: embed.Cut, Normalize: embed.Normalize}
	m.endpoints = embedders.NewFallback(embedders.FallbackOptions{
		Model: embed.Model, Endpoints: endpoints, Probes: l.probeInputs(), Shape: shape, Report: l.sayFallback,
		Patience: embed.RetryFor, WarmUp: embed.WarmUp,
	})
	shape.Prefix = prefix
	m.Embedder = embedders.NewShape(m.endpoints, shape)
	if embed.Model != configs.Builtin { // which costs no more than remembering
		m.Embedder = embedders.NewOnce(m.Embedder, 0)
	}
}

// endpoint puts the policies around the client of one endpoint.
func (m *model) endpoint(used *usage, client pipeline.Embedder, load endpointLoad) embedders.Endpoint {
	m.used = append(m.used, used)
	if load.others {
		if m.places == nil {
			m.places = embedders.NewPlaces(m.lane.Embed.InFlight)
		}
		load.shared = m.places
	}
	return embedders.Endpoint{Name: used.endpoint, Embedder: m.lane.stack(client, used, load)}
}

// probeInputs are the fixed inputs that endpoints are compared by.
func (l lane) probeInputs() []string {
	if l.ofImages() {
		return imaging.Probes()
	}
	return embedders.TextProbes()
}

// probe makes the first request of a run, and completes the space by what it
// tells.
func (m *model) probe(ctx context.Context) error {
	vector, err := m.endpoints.Probe(ctx)
	if err != nil {
		return err
	}
	m.space.Dim, m.space.Probe = len(vector), pipeline.EncodeProbe(vector)
	return nil
}

// sayFallback tells that another endpoint is asked than before.
func (l lane) sayFallback(e embedders.FallbackEvent) {
	switch {
	case e.Err != nil:
		l.show.say("%s cannot be used: %s", e.Endpoint, clip(e.Err.Error(), 300))
	case e.Wait > 0:
		l.show.waiting("no endpoint is left; "+e.Endpoint+" is tried again", e.Wait)
	case e.Again:
		l.show.say("%s answers again, and goes on.", e.Endpoint)
	default:
		l.show.say("%s goes on.", e.Endpoint)
	}
}
