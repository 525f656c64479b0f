package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// torture brings the index to one edition of the corpus, with kills between.
func (s *story) torture(ctx context.Context, index store, phase int) error {
	want := &s.expected[phase]
	if err := save(s.corpus(), s.format, corpusOf(s.documents, want.edition, s.seed)); err != nil {
		return err
	}
	s.told = append(s.told, fmt.Sprintf("phase %d, the corpus of %s:", phase+1, want.edition))
	if !s.byAlias() {
		return s.kill(ctx, index, phase)
	}
	states := []*glance{nil, glanceOf(want)}
	if phase > 0 {
		states[0] = glanceOf(&s.expected[phase-1])
	}
	reader := startReader(ctx, index, states)
	err := s.kill(ctx, index, phase)
	if seen := reader.end(); seen != nil {
		err = errors.Join(err, seen)
	}
	s.tally.read(reader)
	return errors.Join(err, s.leftovers(ctx, index))
}

func glanceOf(of *reference) *glance {
	g := of.snapshot.glance()
	return &g
}

// kill runs the program until it came to its end, and looks at what it made.
func (s *story) kill(ctx context.Context, index store, phase int) error {
	want := &s.expected[phase]
	held, err := index.texts(ctx) // what nobody needs to embed any more
	if err != nil {
		return err
	}
	for kill := 0; ; kill++ {
		var at *moment
		if kill < s.kills {
			m := drawMoment(s.random, want.whole, left(want, held), index.files(), s.surely)
			at = &m
			s.told = append(s.told, m.String())
		}
		before := s.endpoint.counts()
		end, err := s.step(ctx, index, want, at)
		if err != nil {
			return err
		}
		made := s.newly(before, want)
		s.tally.embedded(s.endpoint.counts(), before, want.snapshot.texts)
		if err := checkEnd(&end); err != nil {
			return err
		}
		if again := paidAgain(made, held); len(again) > 0 {
			return fmt.Errorf("%d texts were embedded that the index had already, such as %.100q", len(again), again[0])
		}
		if most := wait + 10*want.took; end.finished() && end.took > most {
			return fmt.Errorf("the run took %s, and seems to have waited for what a killed one left:\n%s", end.took, end.stderr)
		}
		if end.finished() {
			s.told = append(s.told, fmt.Sprintf("  ended with %d after %s", end.code, end.took))
			if at != nil {
				s.tally.missed()
			}
			return s.compare(ctx, index, phase, end)
		}
		if held, err = index.texts(ctx); err != nil {
			return err
		}
		lost := 0
		for _, text := range made {
			if !held[text] {
				lost++
			}
		}
		s.told = append(s.told, fmt.Sprintf("  killed: %t, with %d, after %s; %d texts were embedded in it, %d of them in vain", end.killed, end.code, end.after, len(made), lost))
		s.tally.kill(s.combination, *at, end, lost)
		if err := s.checkLost(end, lost); err != nil {
			return err
		}
	}
}

// left is how many texts are to be embedded.
func left(want *reference, held map[string]bool) (n int) {
	for text := range want.snapshot.texts {
		if !held[text] {
			n++
		}
	}
	return n
}

// newly returns the texts of the corpus that were embedded since.
func (s *story) newly(before map[string]int, want *reference) []string {
	var made []string
	for text, n := range s.endpoint.counts() {
		if n > before[text] && want.snapshot.texts[text] {
			made = append(made, text)
		}
	}
	return made
}

func paidAgain(made []string, held map[string]bool) []string {
	return slices.DeleteFunc(slices.Clone(made), func(text string) bool { return !held[text] })
}

// checkEnd finds out whether a run ended as one may that was killed, asked to
// end, or let run.
func checkEnd(end *ended) error {
	switch {
	case strings.Contains(end.stderr, "waiting to see whether"):
		return fmt.Errorf("a run that was killed kept the next one waiting:\n%s", end.stderr)
	case end.killed && end.sent, end.finished():
		return nil
	case !end.sent || end.code != 130:
		return fmt.Errorf("vecload ended with %d:\n%s", end.code, end.stderr)
	case !end.reported:
		return fmt.Errorf("a run that was asked to end left no report:\n%s", end.stderr)
	case end.report.Outcome != "interrupted" || end.report.ExitCode != end.code:
		return fmt.Errorf("the report of a run that was asked to end is another one: %+v", end.report)
	}
	return nil
}

// checkLost compares what was embedded in vain with what may be. A run that
// was asked to end has written all that it paid for, but for parts of batches
// that it was cutting since the endpoint refused one of their texts.
func (s *story) checkLost(end ended, lost int) error {
	switch {
	case !end.killed && lost > inFlight*(batchTexts-1):
		return fmt.Errorf("%d texts were embedded and not written by a run that was asked to end:\n%s", lost, end.stderr)
	case lost > s.atMost():
		return fmt.Errorf("%d texts were embedded in vain, and %d may be", lost, s.atMost())
	}
	return nil
}

// compare looks at the index after a run that came to its end.
func (s *story) compare(ctx context.Context, index store, phase int, end ended) error {
	want := &s.expected[phase]
	r := end.report
	if end.code != want.code || r.Read != want.report.Read || r.Rejected != want.report.Rejected || r.Unfinished != 0 {
		return fmt.Errorf("the last run ended with %d and %+v, one that was not killed with %d and %+v", end.code, r, want.code, want.report)
	}
	got, err := index.whole(ctx)
	if err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	if err := equal(got, want.snapshot, nil); err != nil {
		return fmt.Errorf("the index is not that of a run that was not killed: %w", err)
	}
	rejects, err := s.rejects()
	if err == nil && !slices.Equal(rejects, want.rejects) {
		err = fmt.Errorf("the rejects are others: %d lines, and %d of the run that was not killed", len(rejects), len(want.rejects))
	}
	s.tally.compared(len(got.points))
	if !s.byAlias() {
		err = errors.Join(err, s.leftovers(ctx, index))
	}
	return err
}

// leftovers looks for what a killed run left for good. No reader is there any
// more, who might have a log of his own.
func (s *story) leftovers(ctx context.Context, index store) error {
	left, err := index.leftovers(ctx)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("this was left: %s", strings.Join(left, ", "))
	}
	previous, ok, err := index.previous(ctx)
	if err != nil || !ok {
		return err
	}
	for i := range s.expected {
		if equal(previous, s.expected[i].snapshot, nil) == nil {
			return nil
		}
	}
	return errors.New("what readers used before is kept, and is none of what they used")
}
