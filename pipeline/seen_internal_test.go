package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// shelf is an archive in memory.
type shelf struct {
	kept  map[Met]uint32
	calls int
	fails error
}

func (s *shelf) Keep(_ context.Context, met []Met) error {
	s.calls++
	if s.fails != nil {
		return s.fails
	}
	if !slices.IsSortedFunc(met, Met.Compare) {
		return errors.New("not in order")
	}
	for _, m := range met {
		s.kept[Met{ID: m.ID, More: m.More}] = m.Content
	}
	return nil
}

func (s *shelf) Find(_ context.Context, met Met) (Met, bool, error) {
	content, ok := s.kept[Met{ID: met.ID, More: met.More}]
	met.Content = content
	return met, ok, s.fails
}

func TestSeenKnowsWhatItMet(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		s, model := newSeen(nil), map[string]string{}
		if rapid.Bool().Draw(t, "archived") {
			s = newSeen(&shelf{kept: map[Met]uint32{}})
			s.slots, s.most = make([]Met, 2), 4
		}
		for range rapid.IntRange(0, 200).Draw(t, "documents") {
			id := rapid.StringMatching(`[abcd]{0,3}`).Draw(t, "id")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				if err := s.meet(ctx, id); err != nil {
					t.Fatal(err)
				}
				if _, ok := model[id]; !ok {
					model[id] = "only met"
				}
				continue
			case 1:
				_, want := model[id]
				if got, err := s.has(ctx, id); got != want || err != nil {
					t.Fatalf("document %q was met: %t, want %t (%v)", id, got, want, err)
				}
				continue
			}
			text := rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "text")
			want := first
			if earlier, ok := model[id]; ok && earlier != "only met" {
				want = different
				if earlier == text {
					want = same
				}
			} else {
				model[id] = text
			}
			if got, err := s.add(ctx, &Document{ID: id, Text: text}); got != want || err != nil {
				t.Fatalf("document %q of text %q is encounter %d, want %d (%v)", id, text, got, want, err)
			}
		}
		if s.archive == nil && s.count != len(model) {
			t.Fatalf("%d ids counted, want %d", s.count, len(model))
		}
	})
}

func TestSeenForgetsNothingWhenItGrows(t *testing.T) {
	t.Parallel()
	const n, most = 100_000, 1 << 14
	for name, archive := range map[string]*shelf{
		"in memory":         nil,
		"in an archive":     {kept: map[Met]uint32{}},
		"without its place": {fails: fmt.Errorf("read-only: %w", ErrNoArchive)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSeen(nil)
			if archive != nil {
				s = newSeen(archive)
				s.most = most
			}
			for round, want := range []encounter{first, same} {
				for i := range n {
					got, err := s.add(t.Context(), &Document{ID: strconv.Itoa(i), Text: strconv.Itoa(-i)})
					if got != want || err != nil {
						t.Fatalf("round %d: document %d is encounter %d, want %d (%v)", round, i, got, want, err)
					}
				}
			}
			switch {
			case archive != nil && archive.fails == nil:
				if len(s.slots) != most || len(archive.kept)+s.count != n {
					t.Errorf("%d slots, and %d ids in the archive", len(s.slots), len(archive.kept))
				}
			case archive != nil && archive.calls != 1:
				t.Errorf("an archive without a place was asked %d times", archive.calls)
			case s.count != n || len(s.slots)*4 < n*5 || len(s.slots) > n*5/2:
				t.Errorf("%d ids in %d slots", s.count, len(s.slots))
			}
		})
	}
}

func TestSeenAsksAnArchiveThatFailsNoMore(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is full")
	archive := &shelf{kept: map[Met]uint32{}}
	s := newSeen(archive)
	s.slots, s.most = make([]Met, 4), 4
	for i := range 8 {
		if _, err := s.add(t.Context(), &Document{ID: strconv.Itoa(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if archive.calls != 2 {
		t.Fatalf("%d calls of the archive", archive.calls)
	}
	archive.fails = broken
	_, added := s.add(t.Context(), &Document{ID: "new"})
	met := s.meet(t.Context(), "newer")
	_, had := s.has(t.Context(), "newest")
	for _, err := range []error{added, met, had} {
		if !errors.Is(err, broken) {
			t.Errorf("got %v, want that the disk is full", err)
		}
	}
}

func TestSeenTellsContentsApart(t *testing.T) {
	t.Parallel()
	field := func(name string, v Value) []Field { return []Field{{Name: name, Value: v}} }
	documents := []Document{
		{},
		{Text: "a"},
		{Text: "b"},
		{Text: "a", Payload: field("n", Null())},
		{Text: "a", Payload: field("m", Null())},
		{Text: "a", Payload: field("n", Bool(false))},
		{Text: "a", Payload: field("n", Bool(true))},
		{Text: "a", Payload: field("n", Int(0))},
		{Text: "a", Payload: field("n", Int(1))},
		{Text: "a", Payload: field("n", Float(0))},
		{Text: "a", Payload: field("n", Float(1))},
		{Text: "a", Payload: field("n", String(""))},
		{Text: "a", Payload: field("n", String("1"))},
		{Text: "a", Payload: field("n", List(nil))},
		{Text: "a", Payload: field("n", List([]Value{Int(1), Int(2)}))},
		{Text: "a", Payload: field("n", List([]Value{Int(2), Int(1)}))},
		{Text: "a", Payload: field("n", List([]Value{List([]Value{Int(1)}), Int(2)}))},
		{Text: "a", Payload: field("n", List([]Value{List([]Value{Int(1), Int(2)})}))},
		{Text: "a", Payload: field("n", Object(nil))},
		{Text: "a", Payload: field("n", Object(field("x", Int(1))))},
		{Text: "a", Payload: field("n", Object(field("y", Int(1))))},
		{Text: "a", Payload: []Field{{Name: "n", Value: String("x")}, {Name: "m", Value: String("")}}},
		{Text: "a", Payload: []Field{{Name: "n", Value: String("")}, {Name: "m", Value: String("x")}}},
	}
	s := newSeen(nil)
	for i := range documents {
		for j := range documents {
			if a, b := s.contentHash(&documents[i]), s.contentHash(&documents[j]); (a == b) != (i == j) {
				t.Errorf("contents %d and %d: hashes %x and %x", i, j, a, b)
			}
		}
	}
	// The place of a document in its file is not its content.
	moved := documents[1]
	moved.Origin = Origin{File: "f", Row: 7}
	if s.contentHash(&moved) != s.contentHash(&documents[1]) {
		t.Error("a document that moved has other content")
	}
}
