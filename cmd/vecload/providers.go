package main

import (
	"context"

	"github.com/vecload/vecload/pipeline"
)

// provider is one who may serve a model.
type provider struct {
	pipeline.Embedder

	name string
}

// providers embeds with the first provider that serves the model. It is found
// at the first call and kept from the first vectors on: another one may round
// its numbers otherwise, and taking over is the business of endpoints. It may
// be used by several goroutines at once.
type providers struct {
	list   func(context.Context) ([]provider, error)
	chosen func(name string)
	state  chan pipeline.Embedder // holds the one that was chosen, nil before; whoever took it may choose
}

func newProviders(list func(context.Context) ([]provider, error), chosen func(name string)) *providers {
	p := &providers{list: list, chosen: chosen, state: make(chan pipeline.Embedder, 1)}
	p.state <- nil
	return p
}

// Embed implements [pipeline.Embedder].
func (p *providers) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	var kept pipeline.Embedder
	select {
	case kept = <-p.state:
	case <-ctx.Done():
		return pipeline.Vectors{}, ctx.Err()
	}
	if kept != nil {
		p.state <- kept
		return kept.Embed(ctx, texts)
	}
	defer func() { p.state <- kept }()
	all, err := p.list(ctx)
	if err != nil {
		return pipeline.Vectors{}, err
	}
	var v pipeline.Vectors
	for _, one := range all {
		v, err = one.Embed(ctx, texts)
		if err == nil {
			kept = one.Embedder
			p.chosen(one.name)
		}
		// Only one that does not serve the model is passed over: one that
		// warms up or throttles is waited for.
		if pipeline.Classify(err) != pipeline.NotServed || ctx.Err() != nil {
			break
		}
	}
	return v, err
}
