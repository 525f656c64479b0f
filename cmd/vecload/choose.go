package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
)

// refusal is a model that no endpoint of it serves.
type refusal struct {
	model   string
	answers []embedders.Answer
}

// choose returns the first configured model that is served, probed, and the
// assembly of it and its index. An alternative is taken only when each
// endpoint of every model before it has said that it does not serve that
// model: one that is down, or asks for rights or credit, ends the run.
func (a assembly) choose(ctx context.Context) (assembly, model, error) {
	candidates, strict := a.config.Candidates(), a.config.Embed.Strict
	if strict {
		candidates = candidates[:1]
	}
	var refusals []refusal
	for i, config := range candidates {
		b := a
		b.config = config
		m, err := b.embedder(config.Embed.Prefix.Document)
		if err != nil {
			return a, model{}, err
		}
		err = m.probe(ctx)
		switch {
		case ctx.Err() != nil:
			return a, model{}, ctx.Err()
		case err == nil:
			m.alternative = i > 0
			a.sayChoice(ctx, b, refusals)
			return b, m, nil
		case !m.endpoints.Absent():
			return a, model{}, beside(err, config.Embed.Model, refusals)
		case len(a.config.Embed.Alternatives) == 0:
			return a, model{}, err
		case strict:
			return a, model{}, withHint(err, fmt.Sprintf("strict refuses the alternatives: %s", alternatives(a.config)))
		}
		refusals = append(refusals, refusal{model: config.Embed.Model, answers: m.endpoints.Answers()})
	}
	return a, model{}, &pipeline.Error{
		Class: pipeline.NotServed,
		Hint:  listRefusals(refusals, "    "),
		Err:   fmt.Errorf("neither %s nor an alternative (%s) is served; nothing was written", a.config.Embed.Model, alternatives(a.config)),
	}
}

// sayChoice tells, before anything is written, that a model stands in for
// another, or that none needs to any more.
func (a assembly) sayChoice(ctx context.Context, chosen assembly, refusals []refusal) {
	if len(refusals) > 0 {
		a.show.say("%s", listRefusals(refusals, ""))
		a.show.say("%s is not served; using the alternative %s, written to %s.",
			a.config.Embed.Model, chosen.config.Embed.Model, indexName(chosen.config.Index))
		return
	}
	for _, other := range a.config.Candidates()[1:] {
		b := a
		b.config = other
		if b.indexed(ctx) {
			a.show.say("%s is served; what the alternative %s made before stays in %s.",
				chosen.config.Embed.Model, other.Embed.Model, indexName(other.Index))
		}
	}
}

// indexed reports whether the configured index holds what the configured
// model made.
func (a assembly) indexed(ctx context.Context) bool {
	target, err := a.index()
	if err != nil {
		return false
	}
	space, err := target.Space(ctx)
	return errors.Join(err, target.Close()) == nil && space.Model == a.config.Embed.Model
}

// beside adds to the failure of an alternative why it was asked at all.
func beside(err error, failed string, refusals []refusal) error {
	if len(refusals) == 0 {
		return err
	}
	hint := pipeline.Hint(err)
	if hint != "" {
		hint += "\n    "
	}
	return &pipeline.Error{
		Class: pipeline.Classify(err),
		After: pipeline.After(err),
		Hint:  hint + listRefusals(refusals, "    "),
		Err:   fmt.Errorf("%s is not served, and its alternative %s failed: %w", refusals[0].model, failed, err),
	}
}

// withHint adds a line to what the user can do about err.
func withHint(err error, line string) error {
	if hint := pipeline.Hint(err); hint != "" {
		line = hint + "\n    " + line
	}
	return &pipeline.Error{Class: pipeline.Classify(err), After: pipeline.After(err), Hint: line, Err: err}
}

// listRefusals writes what each model's endpoints answered, with what to do
// about it; the lines after the first are indented by indent.
func listRefusals(refusals []refusal, indent string) string {
	var lines []string
	for _, r := range refusals {
		lines = append(lines, r.model+" is not served:", "  "+embedders.ListAnswers(r.answers, indent+"  "))
	}
	return strings.Join(lines, "\n"+indent)
}

func alternatives(config configs.Config) string {
	names := make([]string, len(config.Embed.Alternatives))
	for i, alternative := range config.Embed.Alternatives {
		names[i] = alternative.Model
	}
	return strings.Join(names, ", ")
}
