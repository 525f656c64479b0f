package builtin_test

import (
	"math"
	"strings"
	"testing"
)

// FuzzEmbed: any bytes give a vector of length 1, or are refused when they
// have no token.
func FuzzEmbed(f *testing.F) {
	for _, text := range []string{
		"", "io.Copy", "café\u0301", "向量", "각ᆨ", "\xff\xed\xa0\x80", "≠\u0338=", strings.Repeat("é", 101),
		"\U0001d15e", "[UNK]##a", "\u212b\u0344\u1fef",
	} {
		f.Add(text)
	}
	e := model(f)
	f.Fuzz(func(t *testing.T, text string) {
		tokens := e.CountTokens(text)
		v, err := e.Embed(t.Context(), []string{text})
		if (err == nil) != (tokens > 0) {
			t.Fatalf("%d tokens and error %v for %q", tokens, err, text)
		}
		if err != nil {
			return
		}
		if n := cosine(v.At(0), v.At(0)); math.IsNaN(n) || math.Abs(n-1) > 1e-6 {
			t.Fatalf("squared length %v for %q", n, text)
		}
	})
}
