package sinktest

import (
	"errors"
	"maps"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func theSpaceIsKept(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	for _, handle := range []Index{index, opened(t, open)} {
		got, err := handle.Spaces(t.Context())
		if err != nil {
			t.Fatalf("Spaces: %v", err)
		}
		if want := spaces(); !maps.Equal(got, want) {
			t.Errorf("Spaces are %+v, want %+v", got, want)
		}
	}
	// A later run prepares again.
	again := prepared(t, open)
	write(t, again, point("a", axis(0)))
	wantCount(t, index, 1)
}

func anotherSpaceIsRefused(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	write(t, index, point("a", axis(0)))
	for name, change := range map[string]func(*pipeline.Space){
		"model":     func(s *pipeline.Space) { s.Model = "sinktest/other" },
		"revision":  func(s *pipeline.Space) { s.Revision = "r2" },
		"dim":       func(s *pipeline.Space) { s.Dim = dim + 1 },
		"prefix":    func(s *pipeline.Space) { s.Prefix = "" },
		"pooling":   func(s *pipeline.Space) { s.Pooling = "cls" },
		"normalize": func(s *pipeline.Space) { s.Normalize = false },
		"cut":       func(s *pipeline.Space) { s.Cut = 0 },
		"probe":     func(s *pipeline.Space) { s.Probe = pipeline.EncodeProbe(axis(1)) },
	} {
		other := space()
		change(&other)
		err := opened(t, open).Prepare(t.Context(), pipeline.Spaces{vector: other})
		if err == nil {
			t.Errorf("a space of another %s was taken", name)
			continue
		}
		wantClass(t, err, pipeline.Misconfigured)
	}
	if got, err := index.Spaces(t.Context()); err != nil || !maps.Equal(got, spaces()) {
		t.Errorf("after the refusals Spaces are %+v, %v", got, err)
	}
	wantCount(t, index, 1)
}

func aCompatibleSpaceIsTaken(t *testing.T, open Open) {
	t.Helper()
	prepared(t, open)
	other := space()
	other.Revision, other.Query, other.Probe = "", "find: ", ""
	index := opened(t, open)
	if err := index.Prepare(t.Context(), pipeline.Spaces{vector: other}); err != nil {
		t.Fatalf("Prepare with a compatible space: %v", err)
	}
	write(t, index, point("a", axis(0)))
	wantCount(t, index, 1)
}

func nothingIsFoundBeforePrepare(t *testing.T, open Open) {
	t.Helper()
	index := opened(t, open)
	_, err := index.Spaces(t.Context())
	wantClass(t, err, pipeline.Misconfigured)
	_, err = index.Search(t.Context(), vector, axis(0), 1)
	wantClass(t, err, pipeline.Misconfigured)
	_, err = index.Count(t.Context())
	wantClass(t, err, pipeline.Misconfigured)
	// And looking for it did not make it.
	_, err = opened(t, open).Spaces(t.Context())
	wantClass(t, err, pipeline.Misconfigured)
	// Once it was prepared, the same handle finds it.
	prepared(t, open)
	if _, err := index.Spaces(t.Context()); err != nil {
		t.Errorf("Spaces after Prepare by another handle: %v", err)
	}
}

func writeNeedsPrepare(t *testing.T, open Open) {
	t.Helper()
	prepared(t, open)
	err := opened(t, open).Write(t.Context(), []pipeline.Point{point("a", axis(0))})
	wantClass(t, err, pipeline.Fatal)
}

func aWrongVectorIsRefused(t *testing.T, open Open) {
	t.Helper()
	index := prepared(t, open)
	zero := float32(0)
	for name, components := range map[string]pipeline.Vector{
		"short":    axis(0)[:dim-1],
		"long":     append(axis(0), 1),
		"none":     nil,
		"zero":     make(pipeline.Vector, dim),
		"NaN":      append(axis(0)[:dim-1], zero/zero),
		"infinity": append(axis(0)[:dim-1], 1/zero),
	} {
		err := index.Write(t.Context(), []pipeline.Point{point("good", axis(1)), point("bad", components)})
		if err == nil {
			t.Errorf("a vector that is wrong (%s) was taken", name)
			continue
		}
		wantClass(t, err, pipeline.Fatal)
	}
	wantCount(t, index, 0)
	if _, err := index.Search(t.Context(), vector, axis(0)[:dim-1], 3); err == nil {
		t.Error("a query of another dimension was answered")
	}
}

func closeMayBeCalledTwice(t *testing.T, open Open) {
	t.Helper()
	index := open(t)
	if err := index.Prepare(t.Context(), spaces()); err != nil {
		t.Fatalf("Prepare: %v", err)
	}
	for range 2 {
		if err := index.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	err := index.Write(t.Context(), []pipeline.Point{point("a", axis(0))})
	if err == nil || errors.Is(err, t.Context().Err()) {
		t.Errorf("Write after Close gives %v", err)
	}
}
