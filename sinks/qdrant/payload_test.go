package qdrant_test

import (
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
)

// nested is a value that is nested n levels deep, in lists and objects by turns.
func nested(n int) pipeline.Value {
	v := pipeline.String("x")
	for i := range n {
		if i%2 == 0 {
			v = pipeline.List([]pipeline.Value{pipeline.Null(), v})
		} else {
			v = pipeline.Object([]pipeline.Field{{Name: "first"}, {Name: "then", Value: v}})
		}
	}
	return v
}

func TestPayloadsThatNoPointCanHaveAreRejected(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		field pipeline.Field
		ok    bool
	}{
		"of its own":        {pipeline.Field{Name: "_vecload"}, false},
		"like its own":      {pipeline.Field{Name: "_vecload_x"}, false},
		"unlike its own":    {pipeline.Field{Name: "vecload", Value: nested(1)}, true},
		"its own, below":    {pipeline.Field{Name: "a", Value: pipeline.Object([]pipeline.Field{{Name: "_vecload"}})}, true},
		"as deep as may be": {pipeline.Field{Name: "a", Value: nested(100)}, true},
		"deeper":            {pipeline.Field{Name: "a", Value: nested(101)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := qdrant.CheckPayload([]pipeline.Field{{Name: "first", Value: pipeline.Int(1)}, test.field})
			if test.ok && err != nil || !test.ok && pipeline.Classify(err) != pipeline.Rejected {
				t.Errorf("it is told: %v", err)
			}
			if !test.ok && pipeline.Hint(err) == "" {
				t.Error("nobody is told what to do")
			}
		})
	}
}

// TestADeepPayloadCanBeReadAgain guards the number of levels on a real server.
func TestADeepPayloadCanBeReadAgain(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, s testServer) {
		t.Helper()
		index := newIndex(t, qdrant.Options{URL: s.url, Collection: s.name(t), RetryAttempts: 1})
		if err := index.Prepare(t.Context(), spaces()); err != nil {
			t.Fatal(err)
		}
		p := points("a")[0]
		p.Payload = []pipeline.Field{{Name: "deep", Value: nested(100)}}
		if err := index.Write(t.Context(), []pipeline.Point{p}); err != nil {
			t.Fatal(err)
		}
		hits, err := index.Search(t.Context(), p.Name, p.Vector, 1)
		if err != nil || len(hits) != 1 {
			t.Fatalf("%d hits, %v", len(hits), err)
		}
		if got := pipeline.AppendJSONFields(nil, hits[0].Payload); string(got) != string(pipeline.AppendJSONFields(nil, p.Payload)) {
			t.Errorf("it is read as %.200s", got)
		}
	})
}
