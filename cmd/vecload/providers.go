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
	state  chan choice // holds one; whoever took it may choose
}

// choice is what is known so far.
type choice struct {
	kept pipeline.Embedder // that was chosen; nil before
	all  []provider        // from which to choose; nil before they were listed
}

func newProviders(list func(context.Context) ([]provider, error), chosen func(name string)) *providers {
	p := &providers{list: list, chosen: chosen, state: make(chan choice, 1)}
	p.state <- choice{}
	return p
}

// Embed implements [pipeline.Embedder].
func (p *providers) Embed(ctx context.Context, texts []string) (v pipeline.Vectors, err error) {
	var c choice
	select {
	case c = <-p.state:
	case <-ctx.Done():
		return pipeline.Vectors{}, ctx.Err()
	}
	if c.kept != nil {
		p.state <- c
		return c.kept.Embed(ctx, texts)
	}
	defer func() { p.state <- c }()
	if c.all == nil {
		if c.all, err = p.list(ctx); err != nil {
			return pipeline.Vectors{}, err
		}
	}
	for _, one := range c.all {
		v, err = one.Embed(ctx, texts)
		if err == nil {
			c.kept = one.Embedder
			p.chosen(one.name)
			return v, nil
		}
		// Only one that does not serve the model is passed over: one that
		// warms up or throttles is waited for.
		if pipeline.Classify(err) != pipeline.NotServed || ctx.Err() != nil {
			return v, err
		}
	}
	c.all = nil // another time, others may serve it
	return v, err
}
