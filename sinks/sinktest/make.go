package sinktest

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

const (
	dim = 8
	// vector is the name of the one vector of most cases.
	vector = "text"
)

// spaces are those of an index of one vector.
func spaces() pipeline.Spaces { return pipeline.Spaces{vector: space()} }

// space is that of the one vector.
func space() pipeline.Space {
	return pipeline.Space{
		Model: "sinktest/model", Revision: "r1", Dim: dim, Prefix: "passage: ",
		Query: "query: ", Pooling: "mean", Normalize: true, Cut: dim, Probe: pipeline.EncodeProbe(axis(0)),
	}
}

// prepared opens an index of one vector and makes it ready; it is closed with
// the test.
func prepared(t *testing.T, open Open) Index {
	t.Helper()
	return preparedFor(t, open, spaces())
}

func preparedFor(t *testing.T, open Open, spaces pipeline.Spaces) Index {
	t.Helper()
	index := opened(t, open)
	if err := index.Prepare(t.Context(), spaces); err != nil {
		t.Fatalf("Prepare: %v (%s)", err, pipeline.Hint(err))
	}
	return index
}

func opened(t *testing.T, open Open) Index {
	t.Helper()
	index := open(t)
	t.Cleanup(func() {
		if err := index.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return index
}

// point makes a point of a document with one chunk, in the one vector of most
// cases.
func point(doc string, components pipeline.Vector, payload ...pipeline.Field) pipeline.Point {
	return pointIn(vector, doc, components, payload...)
}

func pointIn(name, doc string, components pipeline.Vector, payload ...pipeline.Field) pipeline.Point {
	return pipeline.Point{
		ID: pipeline.NewPointID(name, doc, 0), Name: name, Doc: doc, Chunk: 0, Chunks: 1,
		Text: "text of " + doc, Payload: payload, Vector: components, Made: made(doc),
	}
}

// made is what a point is said to be made from; another seed gives another.
func made(seed string) pipeline.Made {
	return pipeline.Made{Input: pipeline.DigestText("input of " + seed), Rest: pipeline.DigestText("rest of " + seed)}
}

// randomPoints makes n points of length 1, the same for the same seed.
func randomPoints(n int, seed uint64) []pipeline.Point {
	random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test wants the same points each time
	points := make([]pipeline.Point, n)
	for i := range points {
		points[i] = point("doc-"+strconv.FormatUint(seed, 10)+"-"+strconv.Itoa(i), randomVector(random),
			pipeline.Field{Name: "n", Value: pipeline.Int(int64(i))})
	}
	return points
}

func randomVector(random *rand.Rand) pipeline.Vector {
	v := make(pipeline.Vector, dim)
	var square float64
	for i := range v {
		v[i] = float32(random.NormFloat64())
		square += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / math.Sqrt(square))
	}
	return v
}

// axis is the unit vector along one axis.
func axis(i int) pipeline.Vector {
	v := make(pipeline.Vector, dim)
	v[i] = 1
	return v
}

func write(t *testing.T, index pipeline.Index, points ...pipeline.Point) {
	t.Helper()
	if err := index.Write(t.Context(), points); err != nil {
		t.Fatalf("Write of %d points: %v (%s)", len(points), err, pipeline.Hint(err))
	}
}

// search searches the one vector of most cases.
func search(t *testing.T, index pipeline.Searcher, query pipeline.Vector, limit int) []pipeline.Hit {
	t.Helper()
	return searchIn(t, index, vector, query, limit)
}

func searchIn(t *testing.T, index pipeline.Searcher, name string, query pipeline.Vector, limit int) []pipeline.Hit {
	t.Helper()
	hits, err := index.Search(t.Context(), name, query, limit)
	if err != nil {
		t.Fatalf("Search of %s: %v (%s)", name, err, pipeline.Hint(err))
	}
	return hits
}

func wantCount(t *testing.T, index pipeline.Searcher, want int64) {
	t.Helper()
	got, err := index.Count(t.Context())
	if err != nil {
		t.Fatalf("Count: %v", err)
	}
	if got != want {
		t.Errorf("Count is %d, want %d", got, want)
	}
}

func wantClass(t *testing.T, err error, want pipeline.Class) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one of class %q", want)
	}
	if got := pipeline.Classify(err); got != want {
		t.Errorf("class of %q is %q, want %q", err, got, want)
	}
	if want == pipeline.Misconfigured && pipeline.Hint(err) == "" {
		t.Errorf("%q has no hint", err)
	}
}

// payloadText gives fields as JSON with names in order: a store need not
// keep the order of fields.
func payloadText(fields []pipeline.Field) string {
	return string(pipeline.AppendJSONFields(nil, sorted(fields)))
}

func sorted(fields []pipeline.Field) []pipeline.Field {
	out := make([]pipeline.Field, len(fields))
	for i, f := range fields {
		out[i] = pipeline.Field{Name: f.Name, Value: sortedValue(f.Value)}
	}
	slices.SortFunc(out, func(a, b pipeline.Field) int {
		switch {
		case a.Name < b.Name:
			return -1
		case a.Name > b.Name:
			return 1
		}
		return 0
	})
	return out
}

func sortedValue(v pipeline.Value) pipeline.Value {
	switch v.Kind() {
	case pipeline.KindObject:
		return pipeline.Object(sorted(v.Object()))
	case pipeline.KindList:
		list := make([]pipeline.Value, len(v.List()))
		for i, e := range v.List() {
			list[i] = sortedValue(e)
		}
		return pipeline.List(list)
	case pipeline.KindNull, pipeline.KindBool, pipeline.KindInt, pipeline.KindFloat, pipeline.KindString:
	}
	return v
}

func wantPoint(t *testing.T, hits []pipeline.Hit, want pipeline.Point) {
	t.Helper()
	i := slices.IndexFunc(hits, func(h pipeline.Hit) bool { return h.ID == want.ID })
	if i < 0 {
		t.Errorf("point %s of %q is not among %d hits", want.ID, want.Doc, len(hits))
		return
	}
	got := hits[i]
	if got.Doc != want.Doc || got.Chunk != want.Chunk || got.Chunks != want.Chunks || got.Text != want.Text {
		t.Errorf("hit is %q %d/%d %.80q,\nwant %q %d/%d %.80q", got.Doc, got.Chunk, got.Chunks, got.Text,
			want.Doc, want.Chunk, want.Chunks, want.Text)
	}
	if got.Name != want.Name {
		t.Errorf("hit is of the vector %q, want %q", got.Name, want.Name)
	}
	if g, w := payloadText(got.Payload), payloadText(want.Payload); g != w {
		t.Errorf("payload is\n%.400s,\nwant\n%.400s", g, w)
	}
	if got.Vector != nil {
		t.Error("a hit carries a vector")
	}
}
