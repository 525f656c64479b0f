package chunk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vecload/vecload/pipeline/chunk"
)

// countWords makes the examples easy to check by eye.
func countWords(text string) int { return len(strings.Fields(text)) }

// countRunes counts characters but no space.
func countRunes(text string) int {
	n := 0
	for word := range strings.FieldsSeq(text) {
		n += len([]rune(word))
	}
	return n
}

func TestSplitByExample(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		splitter chunk.Splitter
		text     string
		want     []string
	}{
		"a short text stays whole": {
			chunk.Splitter{MaxTokens: 8, Count: countWords},
			"  One sentence. And another one.\n",
			[]string{"One sentence. And another one."},
		},
		"a blank text has no chunk": {
			chunk.Splitter{MaxTokens: 8, Count: countWords}, " \n\t\u00a0\n", nil,
		},
		"sentences are kept together": {
			chunk.Splitter{MaxTokens: 8, Count: countWords},
			"The cat sat down. The dog stood up. The bird flew off. The fish swam.",
			[]string{
				"The cat sat down. The dog stood up.",
				"The bird flew off. The fish swam.",
			},
		},
		"abbreviations and numbers end no sentence where Unicode can tell": {
			chunk.Splitter{MaxTokens: 6, Count: countWords},
			"It weighs 3.5 kg, i.e. nothing at all. Take two.",
			[]string{"It weighs 3.5 kg, i.e. nothing", "at all. Take two."},
		},
		"the overlap repeats whole sentences": {
			chunk.Splitter{MaxTokens: 8, Overlap: 4, Count: countWords},
			"The cat sat down. The dog stood up. The bird flew off. The fish swam.",
			[]string{
				"The cat sat down. The dog stood up.",
				"The dog stood up. The bird flew off.",
				"The bird flew off. The fish swam.",
			},
		},
		"the overlap repeats words where the last sentence is too long": {
			chunk.Splitter{MaxTokens: 8, Overlap: 2, Count: countWords},
			"The cat sat on the red mat. The dog stood up at once.",
			[]string{
				"The cat sat on the red mat.",
				"red mat. The dog stood up at once.",
			},
		},
		"the overlap gives way to what is new": {
			chunk.Splitter{MaxTokens: 6, Overlap: 4, Count: countWords},
			"The cat sat. The dog stood. The bird flew far away now.",
			[]string{
				"The cat sat. The dog stood.",
				"The bird flew far away now.",
			},
		},
		"a paragraph is a better place than a sentence": {
			chunk.Splitter{MaxTokens: 10, Count: countWords},
			"The cat sat down. It slept.\n\nThe dog stood up. It barked. It ran.\n\nEnd.",
			[]string{
				"The cat sat down. It slept.",
				"The dog stood up. It barked. It ran.\n\nEnd.",
			},
		},
		"but not when the chunk would be less than half full": {
			chunk.Splitter{MaxTokens: 10, Count: countWords},
			"Cats.\n\nThe cat sat down there. It slept. The dog stood up. It barked.",
			[]string{
				"Cats.\n\nThe cat sat down there. It slept.",
				"The dog stood up. It barked.",
			},
		},
		"a line break in running text is a space": {
			chunk.Splitter{MaxTokens: 9, Count: countWords},
			"The cat sat\ndown on the\nmat. The dog\r\nstood up and\r\nbarked.",
			[]string{
				"The cat sat\ndown on the\nmat.",
				"The dog\r\nstood up and\r\nbarked.",
			},
		},
		"items of a list are kept whole": {
			chunk.Splitter{MaxTokens: 8, Count: countWords},
			"Take with you:\n- a warm coat\n- two pairs of socks\n1. the map\n2. the compass",
			[]string{
				"Take with you:\n- a warm coat",
				"- two pairs of socks\n1. the map",
				"2. the compass",
			},
		},
		"items of a list are no one sentence": {
			chunk.Splitter{MaxTokens: 8, Count: countWords},
			"The cat sat down.\n* Milk\n* Bread\n* Eggs",
			[]string{"The cat sat down.\n* Milk\n* Bread", "* Eggs"},
		},
		"code is cut at lines": {
			chunk.Splitter{MaxTokens: 8, Count: countWords},
			"func main() {\n\tfmt.Println(\"Hello. World\")\n\tfor i := range 3 {\n\t\tfmt.Println(i)\n\t}\n}\n",
			[]string{
				"func main() {\n\tfmt.Println(\"Hello. World\")",
				"for i := range 3 {\n\t\tfmt.Println(i)\n\t}",
				"}",
			},
		},
		"a sentence that is too long is cut at words": {
			chunk.Splitter{MaxTokens: 3, Count: countWords},
			"one two three four five six seven",
			[]string{"one two three", "four five six", "seven"},
		},
		"a sentence that is too long leaves the short one before it whole": {
			chunk.Splitter{MaxTokens: 6, Count: countWords},
			"The cat sat. The dog stood up and barked at us all.",
			[]string{"The cat sat.", "The dog stood up and barked", "at us all."},
		},
		"Chinese and Japanese are cut at their full stops": {
			chunk.Splitter{MaxTokens: 10, Count: countRunes},
			"吾輩は猫である。名前はまだ無い。どこで生れたか。",
			[]string{"吾輩は猫である。", "名前はまだ無い。", "どこで生れたか。"},
		},
		"and where there is none, at characters, with their marks": {
			chunk.Splitter{MaxTokens: 4, Count: countRunes},
			"天地玄黃，宇宙洪荒，日月",
			[]string{"天地玄", "黃，宇宙", "洪荒，日", "月"},
		},
		"a word that is too long is cut between graphemes": {
			chunk.Splitter{MaxTokens: 3, Count: countRunes},
			"abcdefg e\u0301e\u0301e\u0301",
			[]string{"abc", "def", "g e\u0301", "e\u0301", "e\u0301"},
		},
		"a grapheme that is too long stands alone": {
			chunk.Splitter{MaxTokens: 3, Overlap: 2, Count: countRunes},
			"ab 👩‍👩‍👧‍👦 cd ef",
			[]string{"ab", "👩‍👩‍👧‍👦", "cd", "ef"},
		},
		"limits that cannot work are brought within bounds": {
			chunk.Splitter{MaxTokens: -1, Overlap: 5, Count: countWords},
			"one two",
			[]string{"one", "two"},
		},
		"without a counter tokens are estimated": {
			chunk.Splitter{MaxTokens: 8},
			"The cat sat on the mat. The dog stood up at once.",
			[]string{"The cat sat on the mat.", "The dog stood up at once."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.splitter.Split(test.text)); diff != "" {
				t.Errorf("chunks differ (-want +got):\n%s", diff)
			}
		})
	}
}

// A counter that gives parts more tokens than the whole, as one does that
// rounds up, leaves no chunk half empty.
func TestSplitFillsItsChunksWhenPartsCountMore(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"words":      strings.Repeat("a bc ", 2000),
		"characters": strings.Repeat("a", 10_000),
	} {
		s := chunk.Splitter{MaxTokens: 100} // 399 bytes, by the estimate
		for i, c := range s.Split(text)[:20] {
			if len(c) < 390 || len(c) > 399 {
				t.Errorf("%s: chunk %d has %d bytes, want nearly 399", name, i, len(c))
			}
		}
	}
}

func TestSplitIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	s := chunk.Splitter{MaxTokens: 20, Overlap: 5}
	first := s.Split(prose(5000))
	for range 3 {
		if again := s.Split(prose(5000)); !slices.Equal(again, first) {
			t.Fatal("the same text was split otherwise")
		}
	}
}
