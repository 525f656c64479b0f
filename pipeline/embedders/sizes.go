package embedders

import (
	"sync"

	"github.com/vecload/vecload/pipeline"
)

// sizes is what one call to an endpoint may carry, as the server told it or
// as its refusals taught. What was told stays for the run. What was guessed
// is given up when the server contradicts it. 0 is no bound.
type sizes struct {
	count pipeline.TokenCounter

	mu      sync.Mutex
	told    Known
	texts   int // guessed
	bytes   int // guessed
	longest struct{ texts, bytes int }
}

// know takes in what the server says of itself or in a refusal, and tells
// whether it says anything about the size of a call.
func (s *sizes) know(k Known) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told.Texts = least(s.told.Texts, k.Texts)
	s.told.Tokens = least(s.told.Tokens, k.Tokens)
	// A body is a tenth longer than the texts in it: quotes, escapes, names.
	s.told.Bytes = least(s.told.Bytes, k.Bytes*9/10)
	return k.Texts > 0 || k.Tokens > 0 || k.Bytes > 0
}

// least is the smaller bound of two, of which 0 is none.
func least(a, b int) int {
	if a <= 0 || b > 0 && b < a {
		return max(b, 0)
	}
	return a
}

// bounds returns the bounds on texts, tokens and bytes.
func (s *sizes) bounds() (texts, tokens, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return least(s.told.Texts, s.texts), s.told.Tokens, least(s.told.Bytes, s.bytes)
}

// cut returns how many of the first texts go into one call, at least one.
func (s *sizes) cut(list []string) int {
	texts, tokens, bytes := s.bounds()
	n := len(list)
	if texts > 0 {
		n = min(n, texts)
	}
	if tokens <= 0 && bytes <= 0 {
		return n
	}
	usedTokens, usedBytes := 0, 0
	for i, text := range list[:n] {
		usedBytes += len(text)
		if tokens > 0 {
			usedTokens += s.count(text)
		}
		if i > 0 && (tokens > 0 && usedTokens > tokens || bytes > 0 && usedBytes > bytes) {
			return i
		}
	}
	return n
}

// taken is told of a call that the server worked on.
func (s *sizes) taken(list []string) {
	bytes := length(list)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.longest.texts = max(s.longest.texts, len(list))
	s.longest.bytes = max(s.longest.bytes, bytes)
}

// refused is told of a call that was refused for its size by a server that
// does not say what it would take, and all of whose texts were taken in
// smaller calls. The number of texts is suspected first; if as many were taken
// before, it is the bytes; and if as many of these were, the halves of what
// was refused are what is left.
func (s *sizes) refused(list []string, half int) {
	bytes := length(list)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.longest.texts < len(list):
		s.texts = least(s.texts, half)
	case s.longest.bytes < bytes:
		s.texts, s.bytes = 0, least(s.bytes, s.longest.bytes)
	default:
		s.texts = least(s.texts, half)
	}
}

func length(list []string) int {
	n := 0
	for _, text := range list {
		n += len(text)
	}
	return n
}
