package bm25

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// version is that of the terms that a text has: of tokenizer, folding, stems
// and hash. It changes with any of them, as vectors of two do not mix.
const version = 1

// None is the language without stems and stop words, for mixed corpora.
const None = "none"

// Options of a model. The zero value is none: start from [Default].
type Options struct {
	// K1 says how much the second and later occurrences of a term count: 0,
	// not at all. At most 100.
	K1 float64
	// B says how much a document is held to its length: 0, not at all, and 1,
	// in full.
	B float64
	// AvgLen is the length in words that counts as usual. It is set and not
	// measured, since that would take another pass over all documents. It
	// matters little where documents are cut into chunks of one size; where
	// these are far from 256 words, set it to theirs. At least 1.
	AvgLen float64
	// Language names the stemmer, one of [Languages], or [None].
	Language string
	// StopWords are the words that are left out. With nil those of the
	// language are, where it has a list: of all only English has. An empty
	// slice leaves out none.
	StopWords []string
	// Plain leaves out what is added for identifiers: parts of them
	// (NewReader, new_reader) and words joined by full stops (io.Reader).
	Plain bool
}

// Default returns the options of Qdrant/bm25.
func Default() Options {
	return Options{K1: 1.2, B: 0.75, AvgLen: 256, Language: "english"}
}

func (o *Options) validate() error {
	switch {
	case !(o.K1 >= 0 && o.K1 <= 100):
		return fmt.Errorf("bm25: k1 is %v, must be from 0 to 100", o.K1)
	case !(o.B >= 0 && o.B <= 1):
		return fmt.Errorf("bm25: b is %v, must be from 0 to 1", o.B)
	case !(o.AvgLen >= 1 && o.AvgLen <= 1e9):
		return fmt.Errorf("bm25: the average length is %v words, must be at least 1", o.AvgLen)
	case o.Language == "":
		return errors.New("bm25: the language is missing, give \"none\" for no stems")
	case o.Language != None && stemmer(o.Language) == nil:
		return fmt.Errorf("bm25: there is no stemmer for %q, known are none, %s",
			o.Language, strings.Join(Languages(), ", "))
	}
	return nil
}

// settings tells all that vectors depend on in one line.
func (o *Options) settings() string {
	float := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	terms := "identifiers"
	if o.Plain {
		terms = "plain"
	}
	return fmt.Sprintf("bm25/%d language=%s stop=%s terms=%s k1=%s b=%s avg_len=%s",
		version, o.Language, o.stopSettings(), terms, float(o.K1), float(o.B), float(o.AvgLen))
}

func (o *Options) stopSettings() string {
	words := slices.Sorted(slices.Values(o.stopWords()))
	words = slices.Compact(words)
	switch {
	case len(words) == 0:
		return "none"
	case o.StopWords == nil:
		return o.Language
	}
	sum := sha256.Sum256([]byte(strings.Join(words, "\n")))
	return hex.EncodeToString(sum[:8])
}

// stopWords returns the words that are left out, folded.
func (o *Options) stopWords() []string {
	if o.StopWords == nil {
		if o.Language == "english" {
			return strings.Fields(english)
		}
		return nil
	}
	var words []string
	var fold folder
	for _, word := range o.StopWords {
		if word = string(fold.append(nil, normalize(strings.TrimSpace(word)))); word != "" {
			words = append(words, word)
		}
	}
	return words
}
