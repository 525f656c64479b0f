package embedders

import (
	"context"
	"errors"
	"fmt"

	"github.com/vecload/vecload/pipeline"
)

// TextProbes are the fixed texts that endpoints are probed with: the first
// where there is one, all where there are several. The others differ from it
// in what servers treat differently: capitals, accents, digits and length.
// They never change, for indexes remember what was made of them.
func TextProbes() []string {
	return []string{
		ProbeText,
		"The Cafe and the Café are 2 places in Zürich: No. 17 & No. 23.",
		// Short enough for models that take 77 tokens.
		"A longer text comes to other vectors than a short one where a server pools over the words, puts something before them " +
			"or leaves some of them away: this one tells of a train that left at seven, and of a library in which somebody reads.",
	}
}

// probe asks an endpoint for the vectors of the probes, as they would be
// stored. That it refuses any of them says something about the endpoint and
// nothing about it.
func (f *Fallback) probe(ctx context.Context, p *place) ([]pipeline.Vector, error) {
	texts := f.options.Probes
	if len(f.places) == 1 {
		texts = texts[:1]
	}
	prefixed := make([]string, len(texts))
	for i, text := range texts {
		prefixed[i] = f.options.Shape.Prefix + text
	}
	v, err := probeVectors(ForDocuments(ctx), p.Embedder, prefixed)
	if err != nil {
		return nil, err
	}
	shape := f.options.Shape
	shape.Prefix = ""
	// The vectors are at hand: what fails now is the shape, which no other
	// endpoint changes.
	shaped, err := NewShape(given(v), shape).Embed(ctx, texts)
	if err != nil {
		return nil, notShaped(err)
	}
	rows := make([]pipeline.Vector, len(texts))
	for i := range rows {
		rows[i] = shaped.At(i)
	}
	return rows, nil
}

// given is an embedder that has its answer.
type given pipeline.Vectors

func (g given) Embed(context.Context, []string) (pipeline.Vectors, error) {
	return pipeline.Vectors(g), nil
}

// disagreement says how the vectors of an endpoint differ from those of the
// first; nil when they agree.
func disagreement(p *place, model string, reference, rows []pipeline.Vector) error {
	least := 1.0
	for i := range rows {
		if len(rows[i]) != len(reference[i]) {
			return otherModel(p, model, fmt.Sprintf("%d dimensions, not %d", len(rows[i]), len(reference[i])))
		}
		cosine := reference[i].Cosine(rows[i])
		if !(cosine >= least) { // NaN is no agreement
			least = cosine
		}
	}
	if !(least >= pipeline.SameCosine) {
		return otherModel(p, model, fmt.Sprintf("cosine %.3f", least))
	}
	return nil
}

func otherModel(p *place, model, how string) error {
	return &pipeline.Error{
		Class: pipeline.Fatal,
		Hint: "nothing that it made was written; let it serve the model that the other endpoints serve, in the same revision and with the same pooling, " +
			"or take it out of the list",
		Err: fmt.Errorf("%s serves another model under the name %s (%s)", p.Name, model, how),
	}
}

// shapeError is a failure of what is done on this side. It stops a search.
type shapeError struct{ err error }

func (e *shapeError) Error() string { return e.err.Error() }
func (e *shapeError) Unwrap() error { return e.err }

func notShaped(err error) error {
	if p, ok := errors.AsType[*pipeline.PartialError](err); ok {
		// The cut left nothing of a probe.
		return &pipeline.Error{Class: pipeline.Misconfigured, Hint: "make the cut larger, or leave it out", Err: &shapeError{errors.New(p.Error())}}
	}
	return &pipeline.Error{Class: pipeline.Classify(err), Hint: pipeline.Hint(err), Err: &shapeError{err}}
}
