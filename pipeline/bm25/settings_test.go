package bm25_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vecload/vecload/pipeline/bm25"
)

func TestAModelIsMadeAgainFromItsSettings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		options := bm25.Options{
			K1:       rapid.Float64Range(0, 100).Draw(t, "k1"),
			B:        rapid.Float64Range(0, 1).Draw(t, "b"),
			AvgLen:   rapid.Float64Range(1, 1e6).Draw(t, "length"),
			Language: rapid.SampledFrom(append(bm25.Languages(), bm25.None)).Draw(t, "language"),
			Plain:    rapid.Bool().Draw(t, "plain"),
		}
		if rapid.Bool().Draw(t, "without stop words") {
			options.StopWords = []string{}
		}
		want, err := bm25.New(options)
		if err != nil {
			t.Fatal(err)
		}
		got, err := bm25.FromSettings(want.Settings())
		if err != nil {
			t.Fatal(err)
		}
		const text = "The readers of io.Copy and max_value read the NewReader's réponses"
		if diff := cmp.Diff(want.Document(text), got.Document(text)); diff != "" {
			t.Fatalf("another vector (-want +got):\n%s", diff)
		}
	})
}

func TestSettingsThatCannotBeFollowedAreRefused(t *testing.T) {
	t.Parallel()
	options := bm25.Default()
	options.StopWords = []string{"foo"}
	own, err := bm25.New(options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bm25.FromSettings(own.Settings()); !errors.Is(err, bm25.ErrStopWords) {
		t.Errorf("a list of stop words: %v", err)
	}
	options.StopWords = nil
	known, err := bm25.New(options)
	if err != nil {
		t.Fatal(err)
	}
	for name, settings := range map[string]string{
		"nothing":          "",
		"a later version":  strings.Replace(known.Settings(), "bm25/1", "bm25/2", 1),
		"another language": strings.Replace(known.Settings(), "language=english", "language=klingon", 1),
		"no number":        strings.Replace(known.Settings(), "k1=1.2", "k1=x", 1),
		"more":             known.Settings() + " more=1",
		"a part":           strings.TrimPrefix(known.Settings(), "bm25/1 "),
		"another range":    strings.Replace(known.Settings(), "b=0.75", "b=NaN", 1),
	} {
		if m, err := bm25.FromSettings(settings); err == nil {
			t.Errorf("%s: %q makes %q", name, settings, m.Settings())
		}
	}
}
