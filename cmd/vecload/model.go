package main

import (
	"context"
	"fmt"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/builtin"
)

// model is an embedder with what is known about its vectors.
type model struct {
	pipeline.Embedder

	space       pipeline.Space        // Dim and Probe are missing until probe
	count       pipeline.TokenCounter // nil: tokens are estimated
	bounds      pipeline.Bounds       // of batches, as learned
	endpoints   *embedders.Fallback
	alternative bool // it is not the model that was asked for
}

// embedder makes the configured model, with the prefix that its texts get:
// the one of documents or the one of queries.
func (a assembly) embedder(prefix string) (model, error) {
	embed := a.config.Embed
	m := model{space: pipeline.Space{
		Model:     embed.Model,
		Prefix:    embed.Prefix.Document,
		Query:     embed.Prefix.Query,
		Pooling:   string(embed.Pooling),
		Normalize: embed.Normalize,
		Cut:       embed.Cut,
	}}
	var endpoints []embedders.Endpoint
	switch {
	case embed.Model == configs.Builtin:
		table, err := builtin.New()
		if err != nil {
			return model{}, err
		}
		m.space.Revision, m.count = table.Revision(), table.CountTokens
		endpoints = []embedders.Endpoint{{Name: configs.Builtin, Embedder: a.stack(table, endpointLoad{count: m.count})}}
	case len(embed.Endpoints) == 0:
		return model{}, &usageError{err: fmt.Errorf("no endpoint is named for model %s", embed.Model), hint: "give --tei URL or --openai URL, or embed.endpoints in the configuration"}
	default:
		var err error
		if m.count, err = vocabulary(embed.Model); err != nil {
			return model{}, err
		}
		for _, endpoint := range embed.Endpoints {
			client, err := a.client(endpoint, embed.Model)
			if err != nil {
				return model{}, err
			}
			endpoints = append(endpoints, embedders.Endpoint{
				Name:     endpoint.Name(),
				Embedder: a.stack(client, endpointLoad{count: m.count, others: len(embed.Endpoints) > 1}),
			})
		}
	}
	m.bounds = bounds(endpoints)
	shape := embedders.Shape{Prefix: embed.Prefix.Document, Cut: embed.Cut, Normalize: embed.Normalize}
	m.endpoints = embedders.NewFallback(embedders.FallbackOptions{
		Model: embed.Model, Endpoints: endpoints, Shape: shape, Report: a.sayFallback,
	})
	shape.Prefix = prefix
	m.Embedder = embedders.NewShape(m.endpoints, shape)
	return m, nil
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
func (a assembly) sayFallback(e embedders.FallbackEvent) {
	switch {
	case e.Err != nil:
		a.show.say("%s cannot be used: %s", e.Endpoint, clip(e.Err.Error(), 300))
	case e.Wait > 0:
		a.show.waiting("no endpoint is left; "+e.Endpoint+" is tried again", e.Wait)
	case e.Again:
		a.show.say("%s answers again, and goes on.", e.Endpoint)
	default:
		a.show.say("%s goes on.", e.Endpoint)
	}
}
