package embedders_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

func TestAProbeGoesThroughTheShapeOfDocuments(t *testing.T) {
	t.Parallel()
	vector := stubserver.Hash(8)
	var asked []string
	record := embedder(func(_ context.Context, texts []string) (pipeline.Vectors, error) {
		asked = append(asked, texts...)
		v := pipeline.Vectors{Dim: 8}
		for _, text := range texts {
			v.Data = append(v.Data, vector(text)...)
		}
		return v, nil
	})
	shape := embedders.Shape{Prefix: "passage: ", Cut: 3, Normalize: true}
	for _, n := range []int{1, 2} {
		asked = nil
		f := embedders.NewFallback(embedders.FallbackOptions{
			Model: "m", Shape: shape, Endpoints: slices.Repeat([]embedders.Endpoint{{Name: "a", Embedder: record}}, n),
		})
		got, err := f.Probe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range asked {
			if !strings.HasPrefix(text, "passage: ") {
				t.Errorf("asked %q, want the prefix of documents", text)
			}
		}
		want, err := embedders.NewShape(record, shape).Embed(t.Context(), []string{embedders.ProbeText})
		if err != nil || !slices.Equal(got, want.At(0)) {
			t.Errorf("%d endpoints: probe %v, want %v (%v)", n, got, want, err)
		}
	}
}

func TestACutBeyondTheDimensionIsNoFailureOfAnEndpoint(t *testing.T) {
	t.Parallel()
	a, b := newServer("a"), newServer("b")
	f := embedders.NewFallback(embedders.FallbackOptions{Model: "m", Shape: embedders.Shape{Cut: 5}, Endpoints: []embedders.Endpoint{
		{Name: "a", Embedder: a}, {Name: "b", Embedder: b},
	}})
	_, err := f.Probe(t.Context())
	if asked, _ := b.counts(); asked != 0 || pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(fmt.Sprint(err), "cannot be cut to 5") {
		t.Errorf("%v, and the second endpoint was asked %d times", err, asked)
	}
}

func TestEachProbeHasToAgree(t *testing.T) {
	t.Parallel()
	for place := range 3 {
		a, b := newServer("a"), newServer("b")
		f, _ := fallback(a, b)
		wantVector(t, f, "first")
		a.answersWith(pipeline.Transient)
		var probes []string
		b.set(func(texts []string) error {
			probes = texts
			return nil
		})
		b.vector = func(text string) []float32 {
			if len(probes) > place && text == probes[place] {
				text = "other " + text
			}
			return stubserver.Hash(4)(text)
		}
		_, err := f.Embed(t.Context(), []string{"second"})
		if len(probes) != 3 || probes[0] != embedders.ProbeText || !strings.Contains(fmt.Sprint(err), "serves another model") {
			t.Errorf("probe %d of %q differs: %v", place, probes, err)
		}
	}
}
