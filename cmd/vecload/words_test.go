package main

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline/bm25"
)

// The configuration imports no package of ours, and repeats what it has to know.
func TestTheConfigurationKnowsWhatWordsTake(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(bm25.Languages(), configs.HybridLanguages()); diff != "" {
		t.Errorf("languages (-bm25 +configs):\n%s", diff)
	}
	if configs.NoLanguage != bm25.None || slices.Contains(configs.HybridLanguages(), configs.NoLanguage) {
		t.Errorf("no language is %q", configs.NoLanguage)
	}
	h := configs.DefaultHybrid()
	words, err := lane{Lane: configs.Lane{Hybrid: &h}}.words()
	if err != nil {
		t.Fatal(err)
	}
	want, err := bm25.New(bm25.Default())
	if err != nil {
		t.Fatal(err)
	}
	if got := words.Settings(); got != want.Settings() {
		t.Errorf("defaults are %q, want %q", got, want.Settings())
	}
}
