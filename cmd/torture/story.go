package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// plan says what a story is about.
type plan struct {
	combination

	program   string // vecload
	qdrant    string // address of a Qdrant; "" where the combination needs none
	folder    string // for everything; removed when nothing went wrong
	seed      uint64
	documents int
	phases    int  // the first one fills an index, the others refresh it
	kills     int  // in each phase, at most
	thorough  bool // compare a refreshed index with a new one, too
	surely    bool // kill at events that happen, and at no others
}

// story is one index that is filled and then refreshed, while those who do it
// are killed, and a second one for which nobody is.
type story struct {
	plan

	random   *rand.Rand
	events   *events
	endpoint *endpoint
	child    child
	tally    *tally
	told     []string // what happened so far
	expected []reference
}

// reference is what an uninterrupted run made.
type reference struct {
	whole

	edition  string
	rebuild  bool
	snapshot snapshot
	report   runReport
	code     int
	rejects  []string
}

// tell runs the story. An error says all that is needed to see it again.
func (p plan) tell(ctx context.Context, tally *tally) (err error) {
	s := &story{
		plan: p, tally: tally, events: newEvents(),
		random: rand.New(rand.NewPCG(p.seed, uint64(slices.Index(combinations(), p.combination)))), //nolint:gosec // nothing is secured by it
	}
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return err
	}
	s.child = child{program: s.program, folder: s.folder, events: s.events}
	if s.endpoint, err = startEndpoint(ctx, s.events, s.seed); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.endpoint.stop()) }()
	if err := s.run(ctx); err != nil {
		return fmt.Errorf("%s with seed %d, in %s:\n  %s\n%w", s.combination, s.seed, s.folder, strings.Join(s.told, "\n  "), err)
	}
	return os.RemoveAll(s.folder)
}

func (s *story) run(ctx context.Context) error {
	for phase := range s.phases {
		edition := yesterday
		if phase%2 == 1 {
			edition = today
		}
		s.expected = append(s.expected, reference{edition: edition, rebuild: phase > 0 && s.byAlias()})
	}
	if err := s.refer(ctx); err != nil {
		return fmt.Errorf("the run that nobody kills: %w", err)
	}
	index, err := s.store(ctx, "index")
	if err != nil {
		return err
	}
	for phase := range s.expected {
		if err == nil {
			err = s.torture(ctx, index, phase)
		}
	}
	return errors.Join(err, index.close(context.WithoutCancel(ctx)))
}

// store makes one that nobody else uses.
func (s *story) store(ctx context.Context, name string) (store, error) {
	if s.index == "sqlite" {
		return newSQLiteStore(filepath.Join(s.folder, name), s.byAlias())
	}
	return newQdrantStore(ctx, s.events, s.qdrant, fmt.Sprintf("vecload-torture-%d-%s-%d-%s", os.Getpid(), s.combination, s.seed, name), s.byAlias())
}

func (s *story) corpus() string { return filepath.Join(s.folder, "corpus."+s.format) }

// step runs vecload over the corpus once.
func (s *story) step(ctx context.Context, index store, of *reference, at *moment) (ended, error) {
	var args []string
	if of.rebuild {
		args = append(args, "--rebuild")
	}
	return s.child.run(ctx, at, index.watch, func(run int) error {
		config := s.config(s.corpus(), s.endpoint.of(run), index.config())
		return os.WriteFile(filepath.Join(s.folder, "vecload.yaml"), []byte(config), 0o600)
	}, args...)
}

// refer makes what all else is compared with.
func (s *story) refer(ctx context.Context) (err error) {
	index, err := s.store(ctx, "reference")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, index.close(context.WithoutCancel(ctx))) }()
	for i := range s.expected {
		if err := s.referTo(ctx, index, &s.expected[i]); err != nil {
			return err
		}
	}
	if !s.thorough || s.phases < 2 {
		return nil
	}
	return s.compareRefresh(ctx)
}

func (s *story) referTo(ctx context.Context, index store, of *reference) error {
	if err := save(s.corpus(), s.format, corpusOf(s.documents, of.edition, s.seed)); err != nil {
		return err
	}
	end, err := s.step(ctx, index, of, nil)
	if err != nil {
		return err
	}
	if !end.finished() {
		return fmt.Errorf("exit code %d:\n%s", end.code, end.stderr)
	}
	of.took, of.seen, of.report, of.code = end.took, s.events.counts(), end.report, end.code
	if of.rejects, err = s.rejects(); err != nil {
		return err
	}
	of.snapshot, err = index.whole(ctx)
	return err
}

// compareRefresh makes sure that a refresh ends in what a new index of the
// corpus would be, but for documents that are rejected now, which keep the
// points that they had.
func (s *story) compareRefresh(ctx context.Context) (err error) {
	index, err := s.store(ctx, "fresh")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, index.close(context.WithoutCancel(ctx))) }()
	fresh := reference{edition: today}
	if err := s.referTo(ctx, index, &fresh); err != nil {
		return err
	}
	rejected := map[string]bool{}
	for _, d := range corpusOf(s.documents, today, s.seed) {
		if d.body == "" || strings.Contains(d.body, refusedWord) {
			rejected[d.id] = true
		}
	}
	if err := equal(s.expected[1].snapshot, fresh.snapshot, rejected); err != nil {
		return fmt.Errorf("a refreshed index is not that of a new one: %w", err)
	}
	if s.phases > 2 {
		if err := equal(s.expected[2].snapshot, s.expected[0].snapshot, nil); err != nil {
			return fmt.Errorf("an index that was refreshed back is not what it was: %w", err)
		}
	}
	return nil
}

// rejects returns the lines of the rejects file, in an order of their own.
func (s *story) rejects() ([]string, error) {
	text, err := os.ReadFile(filepath.Join(s.folder, "rejects.jsonl"))
	if err != nil {
		return nil, err
	}
	// A reason may name the server, of which each run has its own address.
	lines := strings.Split(strings.ReplaceAll(string(text), s.endpoint.of(s.events.current()), "endpoint"), "\n")
	slices.Sort(lines)
	return lines, nil
}
