package configs

import (
	"slices"
	"strings"
)

// Hybrid says how the words of texts are found, beside what their vectors
// find.
type Hybrid struct {
	Vector      string   `yaml:"vector"`      // whose texts; "": the only vector of texts
	Language    string   `yaml:"language"`    // whose words are stemmed, or NoLanguage
	StopWords   []string `yaml:"stop_words"`  // that are left out; nil: those of the language, where it has some
	K1          float64  `yaml:"k1"`          // how much more counts what is said again
	B           float64  `yaml:"b"`           // how much long texts are held to their length
	AvgLen      float64  `yaml:"avg_len"`     // usual length of a text, in words
	Identifiers bool     `yaml:"identifiers"` // find parts of identifiers, and joined ones
}

// NoLanguage finds words as they are written.
const NoLanguage = "none"

// DefaultHybrid returns what holds where a section hybrid says nothing.
func DefaultHybrid() Hybrid {
	return Hybrid{Language: "english", K1: 1.2, B: 0.75, AvgLen: 256, Identifiers: true}
}

func (h *Hybrid) defaults() { *h = DefaultHybrid() }

// HybridLanguages lists the languages that have stems, in their order.
func HybridLanguages() []string {
	return []string{
		"arabic", "danish", "dutch", "english", "finnish", "french", "german", "hungarian", "italian", "norwegian",
		"portuguese", "romanian", "russian", "spanish", "swedish", "tamil", "turkish",
	}
}

// giveWords gives the lane that the words belong to its settings.
func (h *Hybrid) giveWords(lanes []Lane) {
	if h == nil {
		return
	}
	names := ofTexts(lanes)
	for i := range lanes {
		if lanes[i].Vector == h.Vector || h.Vector == "" && len(names) == 1 && lanes[i].Vector == names[0] {
			lanes[i].Hybrid = h
		}
	}
}

// ofTexts names the lanes that are made of texts.
func ofTexts(lanes []Lane) []string {
	var names []string
	for _, lane := range lanes {
		if !lane.Embed.ofImages() {
			names = append(names, lane.Vector)
		}
	}
	return names
}

func (h *Hybrid) validate(v *validator, lanes []Lane) {
	if h == nil {
		return
	}
	texts := ofTexts(lanes)
	place := slices.IndexFunc(lanes, func(l Lane) bool { return l.Vector == h.Vector })
	switch {
	case len(texts) == 0:
		v.check(false, "index.hybrid", "has no effect: no vector is made of texts")
	case h.Vector == "":
		v.check(len(texts) == 1, "index.hybrid.vector", "is missing: several vectors are made of texts (%s); name the one whose words are found",
			strings.Join(texts, ", "))
	case place < 0:
		v.check(false, "index.hybrid.vector", "names no vector of texts (%s), is %s", strings.Join(texts, ", "), quote(h.Vector))
	default:
		v.check(!lanes[place].Embed.ofImages(), "index.hybrid.vector", "names a vector of images, %s; words are those of texts (%s)",
			quote(h.Vector), strings.Join(texts, ", "))
	}
	v.check(h.Language == NoLanguage || slices.Contains(HybridLanguages(), h.Language), "index.hybrid.language",
		"must be %s or one of %s; is %s", NoLanguage, strings.Join(HybridLanguages(), ", "), quote(h.Language))
	for i, word := range h.StopWords {
		v.check(strings.TrimSpace(word) != "", element("index.hybrid.stop_words", i, len(h.StopWords)), "must be a word")
	}
	v.check(h.K1 >= 0 && h.K1 <= 100, "index.hybrid.k1", "must be from 0 to 100, is %v", h.K1)
	v.check(h.B >= 0 && h.B <= 1, "index.hybrid.b", "must be from 0 to 1, is %v", h.B)
	v.check(h.AvgLen >= 1 && h.AvgLen <= 1e9, "index.hybrid.avg_len", "must be at least 1, is %v", h.AvgLen)
}
