package pipeline_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func TestSpacesDifferInWhatIsStored(t *testing.T) {
	t.Parallel()
	base := pipeline.Space{
		Model: "minilm", Revision: "r1", Dim: 384, Prefix: "passage: ", Query: "query: ",
		Pooling: "mean", Normalize: true, Cut: 128,
	}
	for name, test := range map[string]struct {
		change func(*pipeline.Space)
		want   []string
	}{
		"same":             {func(*pipeline.Space) {}, nil},
		"query":            {func(s *pipeline.Space) { s.Query = "search: " }, nil},
		"unknown revision": {func(s *pipeline.Space) { s.Revision = "" }, nil},
		"model":            {func(s *pipeline.Space) { s.Model = "bge" }, []string{`model "minilm" is not "bge"`}},
		"input":            {func(s *pipeline.Space) { s.Input = "image" }, []string{`input "" is not "image"`}},
		"revision":         {func(s *pipeline.Space) { s.Revision = "r2" }, []string{`revision "r1" is not "r2"`}},
		"dimension":        {func(s *pipeline.Space) { s.Dim = 768 }, []string{`dimension 384 is not 768`}},
		"prefix":           {func(s *pipeline.Space) { s.Prefix = "" }, []string{`prefix "passage: " is not ""`}},
		"pooling":          {func(s *pipeline.Space) { s.Pooling = "cls" }, []string{`pooling "mean" is not "cls"`}},
		"normalize":        {func(s *pipeline.Space) { s.Normalize = false }, []string{`normalize true is not false`}},
		"cut":              {func(s *pipeline.Space) { s.Cut = 0 }, []string{`cut 128 is not 0`}},
		"sparse":           {func(s *pipeline.Space) { s.Sparse = "bm25" }, []string{`hybrid "" is not "bm25"`}},
		"several": {
			func(s *pipeline.Space) { s.Model, s.Dim = "bge", 768 },
			[]string{`model "minilm" is not "bge"`, `dimension 384 is not 768`},
		},
	} {
		other := base
		test.change(&other)
		if got := base.Differences(other); !slices.Equal(got, test.want) {
			t.Errorf("%s: differences %q, want %q", name, got, test.want)
		}
		if got := base.Compatible(other); got != (test.want == nil) {
			t.Errorf("%s: compatible %v", name, got)
		}
		if got := other.Compatible(base); got != (test.want == nil) {
			t.Errorf("%s: compatible the other way %v", name, got)
		}
	}
	if n := reflect.TypeFor[pipeline.Space]().NumField(); n != 11 {
		t.Errorf("Space has %d fields: decide whether the new one makes another space", n)
	}
}

func TestSpaceNamesItself(t *testing.T) {
	t.Parallel()
	for want, space := range map[string]pipeline.Space{
		"minilm (384 dimensions)":    {Model: "minilm", Dim: 384},
		"minilm@r1 (384 dimensions)": {Model: "minilm", Revision: "r1", Dim: 384},
	} {
		if got := space.String(); got != want {
			t.Errorf("space %q, want %q", got, want)
		}
	}
}
