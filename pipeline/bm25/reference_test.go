package bm25_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/bm25"
)

// reference is what others make of a text, by testdata/reference.py: pairs of
// index and value, the index rising.
type reference struct {
	Kind, Text        string
	FastEmbed, Qdrant [][2]float64
	FastEmbedQuery    [][2]float64
	QdrantQuery       [][2]float64
}

func references(t *testing.T) []reference {
	t.Helper()
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []reference
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func indices(pairs [][2]float64) []uint32 {
	out := make([]uint32, len(pairs))
	for i, pair := range pairs {
		out[i] = uint32(pair[0])
	}
	return out
}

// same fails unless got has exactly the components of want, to the seven
// digits that are on file.
func same(t *testing.T, who, text string, got pipeline.Sparse, want [][2]float64) {
	t.Helper()
	if !slices.Equal(got.Indices, indices(want)) {
		t.Errorf("%s: %q has indices %v, want %v", who, text, got.Indices, indices(want))
		return
	}
	for i, pair := range want {
		if math.Abs(float64(got.Values[i])-pair[1]) > 2e-7 {
			t.Errorf("%s: %q has at index %d value %v, want %v", who, text, got.Indices[i], got.Values[i], pair[1])
		}
	}
}

func TestPlainVectorsAreThoseOfFastEmbed(t *testing.T) {
	t.Parallel()
	options := bm25.Default()
	options.Plain = true
	m := model(t, options)
	for _, want := range references(t) {
		same(t, "FastEmbed", want.Text, m.Document(want.Text), want.FastEmbed)
		if got := m.Query(want.Text).Indices; !slices.Equal(got, indices(want.FastEmbedQuery)) {
			t.Errorf("query %q has indices %v, want %v", want.Text, got, want.FastEmbedQuery)
		}
		if want.Kind != "identifiers" {
			same(t, "Qdrant", want.Text, m.Document(want.Text), want.Qdrant)
		}
	}
}

func TestIdentifiersAddToTheTermsOfFastEmbedAndQdrant(t *testing.T) {
	t.Parallel()
	m := model(t, bm25.Default())
	for _, want := range references(t) {
		got, query := m.Document(want.Text), m.Query(want.Text)
		for _, index := range slices.Concat(indices(want.FastEmbed), indices(want.Qdrant)) {
			if !slices.Contains(got.Indices, index) || !slices.Contains(query.Indices, index) {
				t.Errorf("%q lacks index %d", want.Text, index)
			}
		}
		// What a query of theirs brings in finds what it finds in theirs.
		for _, theirs := range [][][2]float64{want.FastEmbedQuery, want.QdrantQuery} {
			s := pipeline.Sparse{Indices: indices(theirs)}
			for range s.Indices {
				s.Values = append(s.Values, 1)
			}
			if s.Len() > 0 && s.Score(got, nil) <= 0 {
				t.Errorf("%q is not found by its own query", want.Text)
			}
		}
	}
}

func TestIdentifiersLeaveTheWeightsOfOtherWordsAlone(t *testing.T) {
	t.Parallel()
	plain := bm25.Default()
	plain.Plain = true
	const text = "the reader wraps bufio.NewScanner and max_value"
	m, p := model(t, bm25.Default()), model(t, plain)
	all, few := m.Document(text), p.Document(text)
	if all.Len() <= few.Len() {
		t.Fatalf("%d terms with identifiers, %d without", all.Len(), few.Len())
	}
	for i, index := range few.Indices {
		if at, ok := slices.BinarySearch(all.Indices, index); !ok || all.Values[at] != few.Values[i] {
			t.Errorf("index %d has another weight with identifiers", index)
		}
	}
}
