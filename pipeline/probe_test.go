package pipeline_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vecload/vecload/pipeline"
)

func TestProbesOfOtherWeightsMakeAnotherSpace(t *testing.T) {
	t.Parallel()
	probe := func(v ...float32) string { return pipeline.EncodeProbe(v) }
	for name, test := range map[string]struct {
		a, b string
		want string // part of the difference; "" is none
	}{
		"same":              {probe(1, 2, 3), probe(1, 2, 3), ""},
		"none in the index": {"", probe(1, 2, 3), ""},
		"none in the run":   {probe(1, 2, 3), "", ""},
		"another precision": {probe(1, 2, 3), probe(1.001, 2, 3.01), ""},
		"another length":    {probe(1, 2, 3), probe(2, 4, 6), ""},
		"other weights":     {probe(1, 2, 3), probe(3, -2, 1), "cosine 0.143"},
		"just below":        {probe(1, 0), probe(0.9988, 0.0469), "cosine 0.999"},
		"cut off":           {probe(1, 2, 3), probe(1, 2), "another vector"},
		"damaged":           {probe(1, 2, 3), "%%%", "cannot be read"},
		"half a number":     {probe(1, 2, 3), "AAAA", "ends within a number"},
		"zero":              {probe(1, 2, 3), probe(0, 0, 0), "another vector"},
	} {
		a := pipeline.Space{Model: "m", Dim: 3, Probe: test.a}
		b := pipeline.Space{Model: "m", Dim: 3, Probe: test.b}
		got := strings.Join(a.Differences(b), "; ")
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) || a.Compatible(b) != (test.want == "") {
			t.Errorf("%s: differences %q, want %q", name, got, test.want)
		}
	}
}

func TestAnotherModelIsNotToldTwice(t *testing.T) {
	t.Parallel()
	a := pipeline.Space{Model: "a", Dim: 2, Probe: pipeline.EncodeProbe(pipeline.Vector{1, 0})}
	b := pipeline.Space{Model: "b", Dim: 2, Probe: pipeline.EncodeProbe(pipeline.Vector{0, 1})}
	if got := a.Differences(b); len(got) != 1 {
		t.Errorf("differences %q, want that of the models alone", got)
	}
}

func TestAProbeAgreesWithItsOwnDirection(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var v pipeline.Vector
		for _, n := range rapid.SliceOfN(rapid.Int16(), 1, 20).Draw(r, "v") {
			v = append(v, float32(n)/256)
		}
		if math.IsNaN(v.Cosine(v)) {
			r.Skip("a zero vector has no direction")
		}
		half, against := make(pipeline.Vector, len(v)), make(pipeline.Vector, len(v))
		for i := range v {
			half[i], against[i] = v[i]/2, -v[i]
		}
		space := pipeline.Space{Model: "m", Dim: len(v), Probe: pipeline.EncodeProbe(v)}
		other := space
		if other.Probe = pipeline.EncodeProbe(half); !space.Compatible(other) {
			r.Errorf("%v does not agree with its half: %q", v, space.Differences(other))
		}
		if other.Probe = pipeline.EncodeProbe(against); space.Compatible(other) {
			r.Errorf("%v agrees with its opposite", v)
		}
	})
}

func TestCosine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b pipeline.Vector
		want float64
	}{
		{pipeline.Vector{1, 0}, pipeline.Vector{5, 0}, 1},
		{pipeline.Vector{1, 0}, pipeline.Vector{0, 2}, 0},
		{pipeline.Vector{1, 1}, pipeline.Vector{-3, -3}, -1},
		{pipeline.Vector{1e30, 1e30}, pipeline.Vector{1e30, 1e30}, 1},
		{pipeline.Vector{1e-30}, pipeline.Vector{1e-30}, 1},
	} {
		if got := test.a.Cosine(test.b); math.Abs(got-test.want) > 1e-6 {
			t.Errorf("cosine of %v and %v is %v, want %v", test.a, test.b, got, test.want)
		}
	}
	for _, other := range []pipeline.Vector{{1}, {0, 0}, nil} {
		if got := (pipeline.Vector{1, 2}).Cosine(other); !math.IsNaN(got) {
			t.Errorf("cosine with %v is %v, want none", other, got)
		}
	}
}
