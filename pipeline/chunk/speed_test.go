package chunk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/chunk"
)

// prose returns English text of about n bytes, wrapped and in paragraphs.
func prose(n int) string {
	const paragraph = `A reader takes what a writer gives, and no more than it asked for. When the
writer is done it says so, and the reader goes home. Nobody waits for nothing!
Is that not how it should be? It is (mostly), as 3.5 of 4 people would say.

`
	return strings.Repeat(paragraph, n/len(paragraph)+1)[:n]
}

// TestSplitTakesTimeInProportion gives each text that could make a splitter
// slow at two lengths. What takes the square of the length takes sixteen
// times as long for four times the text, and minutes for these.
func TestSplitTakesTimeInProportion(t *testing.T) {
	t.Parallel()
	const size = 1 << 18
	fill := func(head, unit string) string { return head + strings.Repeat(unit, size/len(unit)) }
	for name, text := range map[string]string{
		"no space":            fill("", "a"),
		"no full stop":        fill("", "word "),
		"spaces":              fill("a.", " ") + "b",
		"line breaks":         fill("a.", "\n") + "b",
		"brackets":            fill("a.", ")"),
		"marked brackets":     fill("a.", ")\u0301"),
		"ornaments":           fill("a.", "❝"),
		"kana marks":          fill("a.", ")\uff9e"),
		"newer marks":         fill("a.", ")\u1ad4"),
		"marks":               fill("a.", "\u0301"),
		"brackets and digits": "a." + strings.Repeat(")", 60) + fill("", "1"),
		"full stops":          fill("", ". "),
		"digits":              fill("a.", " 1"),
		"flags":               fill("", "🇩🇪"),
		"family":              fill("", "👩\u200d"),
		"characters":          fill("", "語"),
		"paragraphs":          fill("", "a\n\n"),
		"lines":               fill("", "a\n"),
		"prose":               prose(size),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counted := 0
			s := chunk.Splitter{MaxTokens: 256, Overlap: 32, Count: func(text string) int {
				counted += len(text)
				return pipeline.EstimateTokens(text)
			}}
			start := time.Now()
			chunks := s.Split(text)
			took := time.Since(start)
			if len(chunks) < 2 && name != "spaces" && name != "line breaks" && name != "marks" && name != "family" {
				t.Errorf("%d chunks", len(chunks))
			}
			t.Logf("%d chunks, %.1f bytes counted a byte, %v", len(chunks), float64(counted)/float64(len(text)), took)
			if counted > 24*len(text) {
				t.Errorf("%d bytes counted of %d", counted, len(text))
			}
			// Far above what the slowest machine under the race detector
			// takes, far below what the square takes.
			if took > 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func BenchmarkSplit(b *testing.B) {
	for _, bench := range []struct {
		name string
		text string
		s    chunk.Splitter
	}{
		{"prose", prose(1 << 20), chunk.Splitter{MaxTokens: 256}},
		{"prose, overlap", prose(1 << 20), chunk.Splitter{MaxTokens: 256, Overlap: 32}},
		{"no space", strings.Repeat("a", 1<<20), chunk.Splitter{MaxTokens: 256, Overlap: 32}},
		{"short", prose(400), chunk.Splitter{MaxTokens: 256, Overlap: 32}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.text)))
			b.ReportAllocs()
			for b.Loop() {
				bench.s.Split(bench.text)
			}
		})
	}
}
