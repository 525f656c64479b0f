package pipeline_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vecload/vecload/pipeline"
)

// letters is a sparse vector of how often each small letter is in a text.
func letters(text string) pipeline.Sparse {
	var s pipeline.Sparse
	for c := 'a'; c <= 'z'; c++ {
		if n := strings.Count(text, string(c)); n > 0 {
			s.Indices, s.Values = append(s.Indices, uint32(c)), append(s.Values, float32(n))
		}
	}
	return s
}

// hybrid runs a corpus over an index whose points have both vectors.
func hybrid(t *testing.T, source pipeline.Source, index *memory, over *pipeline.Refresh) (pipeline.Report, int) {
	t.Helper()
	embedded := &counting{}
	sparse := space()
	sparse.Sparse = "letters"
	report, err := pipeline.Pipeline{
		Source: source, Index: index, Refresh: over, KeepText: true,
		Lanes: []pipeline.Lane{{
			Vector: vectorName, Embedder: embedded, Space: sparse, Split: bars, Sparse: letters,
			Limits: pipeline.Limits{Texts: 3, InFlight: 2},
		}},
		Writes: pipeline.WriteLimits{Writers: 2},
	}.Run(t.Context(), never())
	if err != nil {
		t.Fatal(err)
	}
	return report, embedded.texts()
}

// wantLetters wants each of n points to have the sparse vector of its text.
func wantLetters(t *testing.T, index *memory, n int) {
	t.Helper()
	if len(index.points) != n {
		t.Errorf("%d points, want %d", len(index.points), n)
	}
	for _, p := range index.points {
		if diff := cmp.Diff(letters(p.Text), p.Sparse); diff != "" {
			t.Errorf("sparse vector of %q (-want +got):\n%s", p.Text, diff)
		}
		if len(p.Vector) != dim {
			t.Errorf("point of %q has no vector", p.Text)
		}
	}
}

func TestSparseVectorsAreOfTheChunksBesideWhichTheyStand(t *testing.T) {
	t.Parallel()
	before := &corpus{records: []record{titled("a", "one|two", "x"), titled("b", "123", "x"), titled("c", "three", "x")}}
	index := &memory{}
	hybrid(t, before, index, nil)
	wantLetters(t, index, 4)
	if p := index.points[pipeline.NewPointID(vectorName, "b", 0)]; p.Sparse.Len() != 0 {
		t.Errorf("a text without letters has %+v", p.Sparse)
	}

	// A refresh makes those of new texts, and leaves those of others.
	after := &corpus{records: []record{titled("a", "one|two", "new"), titled("b", "now words", "x"), titled("c", "three", "x")}}
	report, embedded := hybrid(t, after, index, &pipeline.Refresh{Index: index})
	if embedded != 1 || report.Unchanged != 1 {
		t.Errorf("embedded %d, unchanged %d, want 1 of each", embedded, report.Unchanged)
	}
	wantLetters(t, index, 4)

	// Vectors that are copied from another index get them too.
	fresh := &memory{}
	if _, embedded := hybrid(t, after, fresh, &pipeline.Refresh{Previous: index}); embedded != 0 {
		t.Errorf("%d texts were embedded again", embedded)
	}
	wantLetters(t, fresh, 4)
}

func TestSparseVectorsAreForSpacesOfTexts(t *testing.T) {
	t.Parallel()
	with := space()
	with.Sparse = "letters"
	image := func(context.Context, pipeline.Image, pipeline.Origin) (string, error) { return "", nil }
	for name, lane := range map[string]pipeline.Lane{
		"a space without":   {Space: space(), Sparse: letters},
		"nothing that does": {Space: with},
		"images":            {Space: with, Sparse: letters, Image: image},
	} {
		lane.Vector, lane.Embedder, lane.Limits = vectorName, &encoder{}, pipeline.Limits{Texts: 1, InFlight: 1}
		_, err := pipeline.Pipeline{
			Source: texts("a"), Index: &memory{}, Lanes: []pipeline.Lane{lane}, Writes: pipeline.WriteLimits{Writers: 1},
		}.Run(t.Context(), never())
		if err == nil || !strings.Contains(err.Error(), "sparse") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
