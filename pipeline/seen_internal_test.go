package pipeline

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestSeenKnowsWhatItMet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, model := newSeen(), map[string]string{}
		for range rapid.IntRange(0, 200).Draw(t, "documents") {
			id := rapid.StringMatching(`[ab]{0,4}`).Draw(t, "id")
			text := rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "text")
			want := first
			if earlier, ok := model[id]; ok {
				want = different
				if earlier == text {
					want = same
				}
			} else {
				model[id] = text
			}
			if got := s.add(&Document{ID: id, Text: text}); got != want {
				t.Fatalf("document %q of text %q is encounter %d, want %d", id, text, got, want)
			}
		}
		if s.count != len(model) {
			t.Fatalf("%d ids counted, want %d", s.count, len(model))
		}
	})
}

func TestSeenForgetsNothingWhenItGrows(t *testing.T) {
	t.Parallel()
	const n = 100_000
	s := newSeen()
	for round, want := range []encounter{first, same} {
		for i := range n {
			if got := s.add(&Document{ID: strconv.Itoa(i), Text: strconv.Itoa(-i)}); got != want {
				t.Fatalf("round %d: document %d is encounter %d, want %d", round, i, got, want)
			}
		}
	}
	if s.count != n || len(s.ids) != len(s.content) || len(s.ids)*4 < n*5 || len(s.ids) > n*5/2 {
		t.Errorf("%d ids in %d slots", s.count, len(s.ids))
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
	s := newSeen()
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
