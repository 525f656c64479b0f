package chunk_test

import (
	"fmt"
	"hash/fnv"
	"strings"
	"testing"
	"unsafe"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"pgregory.net/rapid"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/chunk"
)

// counters are the ways in which a tokenizer may count.
func counters() map[string]pipeline.TokenCounter {
	return map[string]pipeline.TokenCounter{
		"estimate":    pipeline.EstimateTokens,
		"words":       countWords,
		"runes":       countRunes,
		"bytes":       func(text string) int { return len(text) },
		"and framing": func(text string) int { return countWords(text) + 2 },
		// The whole is more than its parts.
		"square": func(text string) int { return countRunes(text) * countRunes(text) / 8 },
		// No text tells anything about another.
		"any": func(text string) int {
			h := fnv.New32a()
			_, _ = h.Write([]byte(text))
			return int(h.Sum32()%uint32(len(text)+1)) + 1
		},
		"none": func(string) int { return 0 },
		"many": func(string) int { return 1000 },
	}
}

// texts draws what looks like prose, lists, code, wrapped lines, languages
// without spaces, and noise.
func texts() *rapid.Generator[string] {
	part := rapid.SampledFrom([]string{
		"word", "Word", "a", "No", "end.", "End!", "3.5", "e.g.", "(so)", "\"quoted.\"", ",", "-", "...", ".",
		" ", " ", " ", "  ", "\n", "\n\n", "\r\n", "\t", "\n- ", "\n1. ", "\n    ", "\u2029", "\u00a0",
		"日本語", "。", "คำ", "한국어", "é", "e\u0301", "\u0301", "👩‍👩‍👧‍👦", "🇩🇪", "\u200d", "{", "}", ":", "http://a.b/c?d=e",
		strings.Repeat("long", 10), strings.Repeat(" ", 70), strings.Repeat(".)", 70),
	})
	return rapid.OneOf(
		rapid.Map(rapid.SliceOfN(part, 0, 60), func(parts []string) string { return strings.Join(parts, "") }),
		rapid.Map(rapid.SliceOfN(part, 0, 60), func(parts []string) string { return strings.Join(parts, " ") }),
		rapid.String(),
	)
}

// check holds chunks against everything that Split promises; it returns
// what is wrong.
func check(s chunk.Splitter, text string, chunks []string) error {
	count, most := s.Count, max(s.MaxTokens, 1)
	overlap := min(max(s.Overlap, 0), most-1)
	begin, end := 0, 0
	for i, c := range chunks {
		if c == "" || c != strings.TrimSpace(c) {
			return fmt.Errorf("chunk %d is %q", i, c)
		}
		// A chunk shares the memory of the text, which tells where it is.
		at := int(uintptr(unsafe.Pointer(unsafe.StringData(c))) - uintptr(unsafe.Pointer(unsafe.StringData(text))))
		if at < 0 || at+len(c) > len(text) || text[at:at+len(c)] != c {
			return fmt.Errorf("chunk %d is %q, which is no piece of the text", i, c)
		}
		if tokens := count(c); tokens > most && graphemesOf(c) != 1 {
			return fmt.Errorf("chunk %d has %d tokens of %d: %q", i, tokens, most, c)
		}
		switch {
		case i > 0 && (at <= begin || at+len(c) <= end):
			return fmt.Errorf("chunk %d at %d–%d is nothing new after %d–%d", i, at, at+len(c), begin, end)
		case at > end && strings.TrimSpace(text[end:at]) != "":
			return fmt.Errorf("%q is lost before chunk %d", text[end:at], i)
		case at < end && count(strings.TrimSpace(text[at:end])) > overlap:
			return fmt.Errorf("chunk %d repeats %q, more than %d tokens", i, text[at:end], overlap)
		}
		begin, end = at, at+len(c)
	}
	if strings.TrimSpace(text[end:]) != "" {
		return fmt.Errorf("%q is lost at the end", text[end:])
	}
	return nil
}

func graphemesOf(text string) int {
	n := 0
	for tokens := graphemes.FromString(text); tokens.Next(); n++ {
	}
	return n
}

func TestSplitKeepsItsPromises(t *testing.T) {
	t.Parallel()
	for name, count := range counters() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				s := chunk.Splitter{
					MaxTokens: rapid.IntRange(0, 40).Draw(t, "max tokens"),
					Overlap:   rapid.IntRange(0, 40).Draw(t, "overlap"),
					Count:     count,
				}
				text := texts().Draw(t, "text")
				if err := check(s, text, s.Split(text)); err != nil {
					t.Fatalf("%v\n%q", err, s.Split(text))
				}
			})
		})
	}
}

// With a counter that adds up, three chunks in a row could not have been one:
// each ends where the next piece was too much, or at a better place that
// leaves it half full.
func TestSplitFillsItsChunks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := chunk.Splitter{MaxTokens: rapid.IntRange(1, 40).Draw(t, "max tokens"), Count: countRunes}
		chunks := s.Split(texts().Draw(t, "text"))
		for i := 0; i+2 < len(chunks); i++ {
			if n := countRunes(strings.Join(chunks[i:i+3], "")); n <= s.MaxTokens {
				t.Fatalf("three chunks have %d tokens of %d: %q", n, s.MaxTokens, chunks[i:i+3])
			}
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add("The cat sat.\nThe dog stood.\n\n- one\n- two", uint8(3), uint8(1), uint8(0))
	f.Add("日本語。\xff\u0301 e\u0301\r\n\r\n", uint8(1), uint8(9), uint8(3))
	names := []string{"estimate", "words", "runes", "bytes", "and framing", "square", "any", "many"}
	all := counters()
	f.Fuzz(func(t *testing.T, text string, most, overlap, counter uint8) {
		s := chunk.Splitter{MaxTokens: int(most), Overlap: int(overlap), Count: all[names[int(counter)%len(names)]]}
		if err := check(s, text, s.Split(text)); err != nil {
			t.Fatalf("%v\n%q", err, s.Split(text))
		}
	})
}
