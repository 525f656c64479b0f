package embedders_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
)

func TestShapeCutsAndThenNormalises(t *testing.T) {
	t.Parallel()
	var seen []string
	inner := embedder(func(_ context.Context, texts []string) (pipeline.Vectors, error) {
		seen = texts
		return pipeline.Vectors{Dim: 3, Data: []float32{3, 4, 100, 0, -2, 7}}, nil
	})
	texts := []string{"a", "b"}
	v, err := embedders.NewShape(inner, embedders.Shape{Prefix: "passage: ", Cut: 2, Normalize: true}).Embed(t.Context(), texts)
	if want := []float32{0.6, 0.8, 0, -1}; err != nil || v.Dim != 2 || !slices.Equal(v.Data, want) {
		t.Errorf("got %v, %v, want %v", v, err, want)
	}
	if want := []string{"passage: a", "passage: b"}; !slices.Equal(seen, want) || texts[0] != "a" {
		t.Errorf("texts %q, want %q", seen, want)
	}
}

func TestShapeNormalisesTheLargestAndTheSmallest(t *testing.T) {
	t.Parallel()
	for _, f := range []float32{math.MaxFloat32, math.SmallestNonzeroFloat32, 1e-20, 1e20} {
		inner := fixed(pipeline.Vectors{Dim: 4, Data: []float32{f, f, -f, f}}, nil)
		v, err := embedders.NewShape(inner, embedders.Shape{Normalize: true}).Embed(t.Context(), []string{"a"})
		if want := []float32{0.5, 0.5, -0.5, 0.5}; err != nil || !slices.Equal(v.Data, want) {
			t.Errorf("%g: %v, %v, want %v", f, v.Data, err, want)
		}
	}
}

func TestShapeRejectsWhatTheCutLeavesWithoutDirection(t *testing.T) {
	t.Parallel()
	inner := fixed(pipeline.Vectors{Dim: 3, Data: []float32{0, 0, 9, 1, 0, 9}},
		&pipeline.PartialError{Failed: map[int]error{0: failure(pipeline.Rejected, "x")}})
	v, err := embedders.NewShape(inner, embedders.Shape{Cut: 2}).Embed(t.Context(), []string{"a", "b", "c"})
	p, ok := errors.AsType[*pipeline.PartialError](err)
	if !ok || len(p.Failed) != 2 || p.Failed[0] == nil || p.Failed[1] == nil || !slices.Equal(v.Data, []float32{1, 0}) {
		t.Errorf("got %v, %v", v, err)
	}
}

func TestShapeRefusesACutBeyondTheDimension(t *testing.T) {
	t.Parallel()
	inner := fixed(pipeline.Vectors{Dim: 3, Data: []float32{1, 2, 3}}, nil)
	_, err := embedders.NewShape(inner, embedders.Shape{Cut: 4}).Embed(t.Context(), []string{"a"})
	if pipeline.Classify(err) != pipeline.Misconfigured || pipeline.Hint(err) == "" {
		t.Errorf("err = %v", err)
	}
}

func TestShapeRefusesAnotherNumberOfVectors(t *testing.T) {
	t.Parallel()
	for _, data := range [][]float32{{1, 2}, {1, 2, 3, 4, 5, 6}, {1, 2, 3}, {}} {
		inner := fixed(pipeline.Vectors{Dim: 2, Data: data}, nil)
		v, err := embedders.NewShape(inner, embedders.Shape{Normalize: true}).Embed(t.Context(), []string{"a", "b"})
		if pipeline.Classify(err) != pipeline.Fatal || v.Len() != 0 {
			t.Errorf("%d numbers for two texts: %v, %v", len(data), v, err)
		}
	}
}

func TestShapeRefusesAnotherDimensionThanBefore(t *testing.T) {
	t.Parallel()
	dim := 2
	shaped := embedders.NewShape(embedder(func(context.Context, []string) (pipeline.Vectors, error) {
		return pipeline.Vectors{Dim: dim, Data: []float32{1, 2, 3, 4, 5, 6}[:dim]}, nil
	}), embedders.Shape{Normalize: true})
	if _, err := shaped.Embed(t.Context(), []string{"a"}); err != nil {
		t.Fatal(err)
	}
	dim = 3
	if v, err := shaped.Embed(t.Context(), []string{"a"}); pipeline.Classify(err) != pipeline.Fatal || v.Len() != 0 {
		t.Errorf("%v, %v", v, err)
	}
}

func TestCheckRejectsRowsAndRefusesAnswers(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	rejected := failure(pipeline.Rejected, "x")
	tests := []struct {
		name   string
		v      pipeline.Vectors
		err    error
		failed []int
		want   []float32
		class  pipeline.Class // of a refused answer
		text   string
	}{
		{"good", pipeline.Vectors{Dim: 1, Data: []float32{1, 2, 3}}, nil, nil, []float32{1, 2, 3}, 0, ""},
		{"NaN", pipeline.Vectors{Dim: 1, Data: []float32{1, nan, 3}}, nil, []int{1}, []float32{1, 3}, 0, ""},
		{"infinite and zero", pipeline.Vectors{Dim: 1, Data: []float32{inf, 2, 0}}, nil, []int{0, 2}, []float32{2}, 0, ""},
		{"beside a failure", pipeline.Vectors{Dim: 1, Data: []float32{nan, 3}}, &pipeline.PartialError{Failed: map[int]error{0: rejected}}, []int{0, 1}, []float32{3}, 0, ""},
		{"all failed", pipeline.Vectors{}, &pipeline.PartialError{Failed: map[int]error{0: rejected, 1: rejected, 2: rejected}}, []int{0, 1, 2}, nil, 0, ""},
		{"too few", pipeline.Vectors{Dim: 1, Data: []float32{1, 2}}, nil, nil, nil, pipeline.Fatal, "2 vectors for 3 inputs"},
		{"too many", pipeline.Vectors{Dim: 1, Data: []float32{1, 2, 3}}, &pipeline.PartialError{Failed: map[int]error{0: rejected}}, nil, nil, pipeline.Fatal, "3 vectors for 2 inputs"},
		{"not a multiple", pipeline.Vectors{Dim: 2, Data: []float32{1, 2, 3, 4, 5, 6, 7}}, nil, nil, nil, pipeline.Fatal, "vectors"},
		{"no dimension", pipeline.Vectors{Dim: 0, Data: nil}, nil, nil, nil, pipeline.Fatal, "0 vectors"},
		{"another error", pipeline.Vectors{}, failure(pipeline.Denied, "denied"), nil, nil, pipeline.Denied, "denied"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v, err := embedders.NewCheck(fixed(test.v, test.err)).Embed(t.Context(), []string{"a", "b", "c"})
			if test.text != "" {
				if err == nil || pipeline.Classify(err) != test.class || !strings.Contains(err.Error(), test.text) || v.Len() != 0 {
					t.Errorf("got %v, %v, want %s with %q", v, err, test.class, test.text)
				}
				return
			}
			p, _ := errors.AsType[*pipeline.PartialError](err)
			if (p != nil) != (len(test.failed) > 0) || p != nil && len(p.Failed) != len(test.failed) {
				t.Fatalf("err = %v, want %v to fail", err, test.failed)
			}
			for _, i := range test.failed {
				if pipeline.Classify(p.Failed[i]) != pipeline.Rejected {
					t.Errorf("text %d: %v, want it rejected", i, p.Failed[i])
				}
			}
			if !slices.Equal(v.Data, test.want) {
				t.Errorf("got %v, want %v", v.Data, test.want)
			}
		})
	}
}

func TestCheckRefusesAnotherDimension(t *testing.T) {
	t.Parallel()
	dim := 2
	check := embedders.NewCheck(embedder(func(context.Context, []string) (pipeline.Vectors, error) {
		return pipeline.Vectors{Dim: dim, Data: []float32{1, 1, 1}[:dim]}, nil
	}))
	for range 2 {
		if _, err := check.Embed(t.Context(), []string{"a"}); err != nil {
			t.Fatal(err)
		}
	}
	dim = 3
	_, err := check.Embed(t.Context(), []string{"a"})
	if err == nil || pipeline.Classify(err) != pipeline.Fatal || !strings.Contains(err.Error(), "3 dimensions, and of 2 before") {
		t.Errorf("err = %v", err)
	}
}

func TestProbeReturnsTheDimension(t *testing.T) {
	t.Parallel()
	dim, err := embedders.Probe(t.Context(), &picky{}, embedders.ProbeText)
	if dim != 4 || err != nil {
		t.Errorf("got %d, %v", dim, err)
	}
}

func TestProbeBlamesTheEndpoint(t *testing.T) {
	t.Parallel()
	rejected := &pipeline.Error{Class: pipeline.Rejected, Hint: "do this", Err: errors.New("no")}
	tests := []struct {
		err  error
		want pipeline.Class
	}{
		{rejected, pipeline.Misconfigured},
		{&pipeline.PartialError{Failed: map[int]error{0: rejected}}, pipeline.Misconfigured},
		{failure(pipeline.Oversize, "x"), pipeline.Misconfigured},
		{failure(pipeline.NotServed, "x"), pipeline.NotServed},
		{failure(pipeline.Denied, "x"), pipeline.Denied},
		{failure(pipeline.Transient, "x"), pipeline.Transient},
	}
	for _, test := range tests {
		_, err := embedders.Probe(t.Context(), fixed(pipeline.Vectors{}, test.err), embedders.ProbeText)
		if pipeline.Classify(err) != test.want {
			t.Errorf("%v becomes %v (%s), want %s", test.err, err, pipeline.Classify(err), test.want)
		}
		if test.want == pipeline.Misconfigured && pipeline.Classify(test.err) == pipeline.Rejected && pipeline.Hint(err) != "do this" {
			t.Errorf("%v: hint %q", err, pipeline.Hint(err))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := embedders.Probe(ctx, &picky{}, embedders.ProbeText); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
