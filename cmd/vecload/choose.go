package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// choose returns for each vector the first configured model that is served,
// probed, and the assembly of them and of their index.
func (a assembly) choose(ctx context.Context) (assembly, []model, error) {
	var models []model
	taken := map[string]int{}
	stands := map[string][]refusal{}
	for _, l := range a.lanes() {
		m, place, refusals, err := l.choose(ctx)
		if err != nil {
			return a, nil, l.named(err)
		}
		models, taken[l.Vector], stands[l.Vector] = append(models, m), place, refusals
	}
	chosen := a
	chosen.config = a.config.Chosen(taken)
	for i := range models {
		models[i].lane.assembly = chosen
		a.sayAlternative(models[i], stands[models[i].lane.Vector], indexName(chosen.config.Index))
	}
	if !slices.ContainsFunc(models, func(m model) bool { return m.asked != "" }) {
		a.sayLeftBehind(ctx)
	}
	return chosen, models, nil
}

// named says which vector an error is about, where there are several.
func (l lane) named(err error) error {
	if len(l.config.Vectors) == 0 {
		return err
	}
	return &pipeline.Error{
		Op: l.Path, Class: pipeline.Classify(err), After: pipeline.After(err), Hint: pipeline.Hint(err), Err: err,
	}
}

// choose returns the first model of the lane that is served, probed, and its
// place among the choices. An alternative is taken only when each endpoint of
// every model before it has said that it does not serve that model: one that
// is down, or asks for rights or credit, ends the run.
func (l lane) choose(ctx context.Context) (m model, place int, refusals []refusal, err error) {
	choices, strict := l.config.Choices(l.Vector), l.Embed.Strict
	if strict {
		choices = choices[:1]
	}
	for i, embed := range choices {
		one := l
		one.Embed = embed
		m, err := one.embedder(embed.Prefix.Document)
		if err != nil {
			return model{}, 0, nil, err
		}
		err = m.probe(ctx)
		switch {
		case ctx.Err() != nil:
			return model{}, 0, nil, ctx.Err()
		case err == nil:
			if i > 0 {
				m.asked = l.Embed.Model
			}
			return m, i, refusals, nil
		case !m.endpoints.Absent():
			return model{}, 0, nil, l.explain(ctx, beside(err, embed.Model, refusals))
		case len(l.Embed.Alternatives) == 0:
			return model{}, 0, nil, l.explain(ctx, err)
		case strict:
			return model{}, 0, nil, l.explain(ctx, withHint(err, fmt.Sprintf("strict refuses the alternatives: %s", alternatives(l.Embed))))
		}
		refusals = append(refusals, refusal{model: embed.Model, answers: m.endpoints.Answers()})
	}
	return model{}, 0, nil, l.explain(ctx, &pipeline.Error{
		Class: pipeline.NotServed,
		Hint:  listRefusals(refusals, "    "),
		Err:   fmt.Errorf("neither %s nor an alternative (%s) is served; nothing was written", l.Embed.Model, alternatives(l.Embed)),
	})
}

// sayAlternative tells, before anything is written, that a model stands in
// for another.
func (a assembly) sayAlternative(m model, refusals []refusal, index string) {
	if len(refusals) > 0 {
		a.show.say("%s", listRefusals(refusals, ""))
		a.show.say("%s is not served; using the alternative %s, written to %s.", m.asked, m.space.Model, index)
	}
}

// sayLeftBehind tells that the models which were asked for are served again,
// and what their alternatives made in their absence.
func (a assembly) sayLeftBehind(ctx context.Context) {
	for _, other := range a.config.Candidates()[1:] {
		b := a
		b.config = other
		if b.indexed(ctx) {
			a.show.say("%s is served; what the alternative %s made before stays in %s.",
				modelNames(a.config), modelNames(other), indexName(other.Index))
		}
	}
}

// indexed reports whether the configured index holds what the configured
// models made.
func (a assembly) indexed(ctx context.Context) bool {
	target, err := a.index()
	if err != nil {
		return false
	}
	spaces, err := target.Spaces(ctx)
	if errors.Join(err, target.Close()) != nil {
		return false
	}
	return madeBy(a.config, spaces)
}

// madeBy reports whether the spaces have the names and the models of the
// configuration.
func madeBy(config configs.Config, spaces pipeline.Spaces) bool {
	lanes := config.Lanes()
	return len(spaces) == len(lanes) && !slices.ContainsFunc(lanes, func(l configs.Lane) bool {
		return spaces[l.Vector].Model != l.Embed.Model
	})
}

// modelNames lists the models of a configuration.
func modelNames(config configs.Config) string {
	var names []string
	for _, l := range config.Lanes() {
		names = append(names, l.Embed.Model)
	}
	return strings.Join(names, ", ")
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

func alternatives(embed configs.Embed) string {
	names := make([]string, len(embed.Alternatives))
	for i, alternative := range embed.Alternatives {
		names[i] = alternative.Model
	}
	return strings.Join(names, ", ")
}
