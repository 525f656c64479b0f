package pipeline

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestBatcherLosesNothingAndKeepsItsLimits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limits := Limits{
			Texts:  rapid.IntRange(1, 6).Draw(t, "texts"),
			Tokens: rapid.IntRange(0, 20).Draw(t, "tokens"),
			Bytes:  rapid.IntRange(0, 40).Draw(t, "bytes"),
		}
		type piece struct{ tokens, bytes int }
		pieces := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) piece {
			return piece{rapid.IntRange(0, 25).Draw(t, "tokens of a chunk"), rapid.IntRange(1, 50).Draw(t, "bytes of a chunk")}
		}), 0, 40).Draw(t, "chunks")

		b := batcher{limits: limits}
		var batches []Batch
		for i, p := range pieces {
			if full, ok := b.add(Chunk{Index: i, Text: strings.Repeat("x", p.bytes)}, p.tokens); ok {
				batches = append(batches, full)
			}
		}
		if last, ok := b.rest(); ok {
			batches = append(batches, last)
		}
		if again, ok := b.rest(); ok {
			t.Fatalf("the rest came twice: %v", again)
		}

		next := 0
		for n, batch := range batches {
			if len(batch.Chunks) == 0 {
				t.Fatalf("batch %d is empty", n)
			}
			tokens, bytes := 0, 0
			for _, chunk := range batch.Chunks {
				if chunk.Index != next {
					t.Fatalf("batch %d has chunk %d where %d comes next", n, chunk.Index, next)
				}
				tokens, bytes = tokens+pieces[next].tokens, bytes+pieces[next].bytes
				next++
			}
			if batch.Tokens != tokens {
				t.Fatalf("batch %d says %d tokens, has %d", n, batch.Tokens, tokens)
			}
			within := len(batch.Chunks) <= limits.Texts &&
				(limits.Tokens == 0 || tokens <= limits.Tokens) && (limits.Bytes == 0 || bytes <= limits.Bytes)
			if !within && len(batch.Chunks) > 1 {
				t.Fatalf("batch %d of %d chunks, %d tokens and %d bytes exceeds %+v", n, len(batch.Chunks), tokens, bytes, limits)
			}
			// A batch ends only where one more chunk would exceed a limit.
			if next < len(pieces) {
				fits := len(batch.Chunks) < limits.Texts &&
					(limits.Tokens == 0 || tokens+pieces[next].tokens <= limits.Tokens) &&
					(limits.Bytes == 0 || bytes+pieces[next].bytes <= limits.Bytes)
				if fits {
					t.Fatalf("batch %d ends before chunk %d, which fits", n, next)
				}
			}
		}
		if next != len(pieces) {
			t.Fatalf("%d of %d chunks came out", next, len(pieces))
		}
	})
}

func TestABatchIsNotChangedOnceItLeft(t *testing.T) {
	t.Parallel()
	b := batcher{limits: Limits{Texts: 2}}
	b.add(Chunk{Text: "a"}, 1)
	b.add(Chunk{Text: "b"}, 1)
	full, ok := b.add(Chunk{Text: "c"}, 1)
	b.add(Chunk{Text: "d"}, 1)
	b.add(Chunk{Text: "e"}, 1)
	var got []string
	for _, chunk := range full.Chunks {
		got = append(got, chunk.Text)
	}
	if want := []string{"a", "b"}; !ok || !slices.Equal(got, want) {
		t.Errorf("first batch %q, want %q", got, want)
	}
}
