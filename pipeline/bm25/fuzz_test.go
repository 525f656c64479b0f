package bm25_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/bm25"
)

// FuzzVectors checks what holds for the vectors of any text: they are valid,
// with values above zero, and each word of a document finds it.
func FuzzVectors(f *testing.F) {
	for _, text := range []string{
		"", "the reader calls io.Copy with max_value", "日本語テキスト ที่นี่ Go言語", "e\u0301 Straße ﬁle İstanbul ᾳ",
		"a\xffb\u00adc\u200bd 1️⃣ 👩\u200d👩", "ABc.DEf_gH..i.9.x_ __a__", strings.Repeat("yaY", 50), "\u0345a \u1100\u1161\u11a8 ½",
	} {
		f.Add(text)
	}
	everything := bm25.Options{K1: 1.2, B: 1, AvgLen: 256, Language: bm25.None, StopWords: []string{}}
	models := []*bm25.Model{model(f, bm25.Default()), model(f, everything)}
	for _, language := range bm25.Languages() {
		options := everything
		options.Language = language
		options.Plain = len(language)%2 == 0
		models = append(models, model(f, options))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for i, m := range models {
			document, query := m.Document(text), m.Query(text)
			for _, s := range []pipeline.Sparse{document, query} {
				if err := s.Validate(); err != nil {
					t.Fatal(err)
				}
				for _, value := range s.Values {
					if !(value > 0) || math.IsInf(float64(value), 0) {
						t.Fatalf("a value is %v", value)
					}
				}
			}
			for _, index := range query.Indices {
				if _, ok := slices.BinarySearch(document.Indices, index); !ok {
					t.Fatalf("%q as a query has index %d that it has not as a document", text, index)
				}
			}
			for _, word := range words(text) {
				asked := m.Query(word)
				if i > 0 && asked.Len() == 0 {
					t.Fatalf("%q is a word without terms", word)
				}
				for _, index := range asked.Indices {
					if _, ok := slices.BinarySearch(document.Indices, index); !ok {
						t.Fatalf("the word %q has index %d that its document %q has not", word, index, text)
					}
				}
			}
		}
	})
}

// words returns the runs of letters and digits in a text, with what may stand
// in a word and has no appearance.
func words(text string) []string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case r == 0x200b, r >= 0x600 && r <= 0x605, r == 0x6dd, r == 0x70f, r == 0x8e2:
			return ' '
		case unicode.In(r, unicode.Cf, unicode.Variation_Selector) && r < 0xFFF9, r >= 0xE0000 && r <= 0xE0FFF:
			return -1
		}
		return r
	}, text)
	parts := strings.FieldsFunc(norm.NFKC.String(visible), func(r rune) bool {
		return r != '_' && !unicode.In(r, unicode.L, unicode.N, unicode.Mn, unicode.Mc)
	})
	return slices.DeleteFunc(parts, func(part string) bool {
		return !strings.ContainsFunc(part, func(r rune) bool { return unicode.In(r, unicode.L, unicode.N) })
	})
}

func FuzzFromSettings(f *testing.F) {
	f.Add("bm25/1 language=english stop=english terms=identifiers k1=1.2 b=0.75 avg_len=256")
	f.Add("bm25/1 language=none stop=none terms=plain k1=0 b=0 avg_len=1")
	f.Fuzz(func(t *testing.T, settings string) {
		if m, err := bm25.FromSettings(settings); err == nil && m.Settings() != settings {
			t.Errorf("%q makes %q", settings, m.Settings())
		}
	})
}
