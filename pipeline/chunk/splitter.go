package chunk

import (
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// Splitter cuts texts into chunks. It may be used by several goroutines at
// once when Count may.
type Splitter struct {
	// MaxTokens is what one chunk may hold, by Count; less than 1 is taken
	// as 1.
	MaxTokens int
	// Overlap is how many tokens a chunk may repeat of the end of the chunk
	// before it: whole sentences, or words where the last sentence is longer.
	// It is taken to lie between 0 and MaxTokens − 1.
	Overlap int
	// Count counts the tokens of a text; nil estimates them.
	Count pipeline.TokenCounter
}

// Split returns the chunks of text in their order, none for a text that is
// blank. A chunk is a contiguous piece of text without the space around it;
// together they hold everything but space. A chunk has at most MaxTokens,
// except a single grapheme that has more, which is a chunk of its own. Each
// chunk holds something that no earlier one does. The time it takes grows
// with the text, however the text is made, and with what it repeats.
func (s Splitter) Split(text string) []string {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	most := max(s.MaxTokens, 1)
	count := s.Count
	if count == nil {
		count = pipeline.EstimateTokens
	}
	if count(text) <= most {
		return []string{text}
	}
	p := packer{text: text, most: most, overlap: min(max(s.Overlap, 0), most-1), count: count}
	begin := 0
	for end, closes := range sentenceEnds(text) {
		p.take(begin, end, closes, sentence)
		begin = end
	}
	return p.finish()
}
