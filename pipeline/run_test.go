package pipeline_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vecload/vecload/pipeline"
)

func TestRunKeepsEachVectorWithItsText(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, index := numbered(100), &memory{}
		// Later batches are answered first.
		delay := func(texts []string) time.Duration {
			var n int
			_, _ = fmt.Sscanf(texts[0], "text %d", &n)
			return time.Duration(100-n) * time.Millisecond
		}
		report, err := single{
			Source: source, Embedder: &encoder{delay: delay}, Index: index, Space: space(),
			Limits: limits{Texts: 3, InFlight: 7, Writers: 3, Points: 10}, KeepText: true,
		}.Run(t.Context(), never())
		if err != nil {
			t.Fatal(err)
		}
		numbers{read: 100, written: 100}.check(t, report)
		if report.Points != 100 || report.Chunks != 100 || len(index.points) != 100 {
			t.Errorf("%d points and %d chunks counted, %d points stored, want 100 of each", report.Points, report.Chunks, len(index.points))
		}
		if problem := index.misplaced(); problem != "" {
			t.Error(problem)
		}
		for doc, chunks := range index.chunks() {
			if !slices.Equal(chunks, []string{doc}) {
				t.Errorf("the index holds %q of document %q", chunks, doc)
			}
		}
	})
}

func TestRunStoresWhatADocumentSays(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{true, false} {
		payload := []pipeline.Field{{Name: "year", Value: pipeline.Int(2026)}}
		source := &corpus{records: []record{{doc: pipeline.Document{ID: "a", Text: "one|two", Payload: payload}}}}
		index := &memory{}
		_, err := single{
			Source: source, Embedder: &encoder{}, Index: index, Space: space(),
			Limits: limits{Texts: 1, InFlight: 1, Writers: 1}, Split: bars, KeepText: keep,
		}.Run(t.Context(), never())
		if err != nil {
			t.Fatal(err)
		}
		one, two := encode("one"), encode("two")
		want := []pipeline.Point{
			{ID: pipeline.NewPointID(vectorName, "a", 0), Name: vectorName, Doc: "a", Chunk: 0, Chunks: 2, Text: "one", Payload: payload, Vector: one[:]},
			{ID: pipeline.NewPointID(vectorName, "a", 1), Name: vectorName, Doc: "a", Chunk: 1, Chunks: 2, Text: "two", Payload: payload, Vector: two[:]},
		}
		if !keep {
			want[0].Text, want[1].Text = "", ""
		}
		got := slices.SortedFunc(maps.Values(index.points), func(a, b pipeline.Point) int { return a.Chunk - b.Chunk })
		for i := range got {
			if got[i].Made.Input != pipeline.DigestText(bars("one|two")[i]) || got[i].Made.Rest == (pipeline.Digest{}) {
				t.Errorf("chunk %d is made from %x", i, got[i].Made)
			}
			got[i].Made = pipeline.Made{}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(pipeline.Value{})); diff != "" {
			t.Errorf("KeepText %v: points differ (-want +got):\n%s", keep, diff)
		}
	}
}

func TestRunOfFewDocuments(t *testing.T) {
	t.Parallel()
	for n := range 3 {
		source, embedder, index := numbered(n), &encoder{}, &memory{}
		report, err := single{
			Source: source, Embedder: embedder, Index: index, Space: space(),
			Limits: limits{Texts: 8, InFlight: 4, Writers: 2, Points: 100}, KeepText: true,
		}.Run(t.Context(), never())
		if err != nil {
			t.Fatal(err)
		}
		numbers{read: int64(n), written: int64(n)}.check(t, report)
		if len(index.points) != n {
			t.Errorf("%d documents gave %d points", n, len(index.points))
		}
		if n == 0 && (embedder.calls != 0 || len(index.writes) != 0) {
			t.Errorf("no document gave %d calls and %d writes", embedder.calls, len(index.writes))
		}
	}
}

func TestRunCountsTokensByTheGivenCounter(t *testing.T) {
	t.Parallel()
	var batches []int
	embedder := &encoder{delay: func(texts []string) time.Duration {
		batches = append(batches, len(texts))
		return 0
	}}
	report, err := single{
		Source: texts("a b c", "d e", "f g h i j k", "l"), Embedder: embedder, Index: &memory{}, Space: space(),
		Limits:      limits{Texts: 10, Tokens: 5, InFlight: 1, Writers: 1},
		CountTokens: func(text string) int { return len(strings.Fields(text)) },
	}.Run(t.Context(), never())
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{2, 1, 1}; !slices.Equal(batches, want) {
		t.Errorf("batches of %v texts, want %v", batches, want)
	}
	if report.Tokens != 12 {
		t.Errorf("%d tokens, want 12", report.Tokens)
	}
}

func TestRunCountsADocumentThatComesTwiceOnce(t *testing.T) {
	t.Parallel()
	twice := texts("a", "b", "a")
	other := document(3, "b", "another text")
	twice.records = append(twice.records, record{doc: other})
	index, refused := &memory{}, &rejects{}
	report, err := single{
		Source: twice, Embedder: &encoder{}, Index: index, Space: space(), KeepText: true,
		Limits: limits{Texts: 1, InFlight: 1, Writers: 1}, Reject: refused.take,
	}.Run(t.Context(), never())
	if err != nil {
		t.Fatal(err)
	}
	numbers{read: 4, written: 2, unchanged: 1, rejected: 1}.check(t, report)
	if len(refused.list) != 1 || refused.list[0].Document.Origin != other.Origin {
		t.Fatalf("rejected %v, want the document at %v", refused.list, other.Origin)
	}
	reason := refused.list[0].Err
	if pipeline.Classify(reason) != pipeline.Rejected || pipeline.Hint(reason) == "" || strings.Contains(reason.Error(), other.Text) {
		t.Errorf("reason %q of class %v with hint %q", reason, pipeline.Classify(reason), pipeline.Hint(reason))
	}
	if got := index.chunks()["b"]; !slices.Equal(got, []string{"b"}) {
		t.Errorf("the index holds %q of document b, want its first text", got)
	}
}

func TestRunRefusesLimitsThatCannotWork(t *testing.T) {
	t.Parallel()
	for _, limits := range []limits{
		{InFlight: 1, Writers: 1},
		{Texts: 1, Writers: 1},
		{Texts: 1, InFlight: 1},
		{Texts: -1, InFlight: 1, Writers: 1},
	} {
		source := numbered(1)
		if _, err := (single{Source: source, Limits: limits}).Run(t.Context(), never()); err == nil || source.yielded != 0 {
			t.Errorf("%+v: error %v, %d documents read", limits, err, source.yielded)
		}
	}
}

func TestRunStopsAtAnAnswerThatFitsNoText(t *testing.T) {
	t.Parallel()
	good := func(n int) []float32 {
		data := make([]float32, n)
		for i := range data {
			data[i] = 1
		}
		return data
	}
	with := func(place int, x float64) []float32 {
		data := good(2 * dim)
		data[place] = float32(x)
		return data
	}
	refusal := &pipeline.Error{Class: pipeline.Rejected, Err: errors.New("no")}
	for name, answer := range map[string]answering{
		"no vector":           {vectors: pipeline.Vectors{Dim: dim}},
		"one vector less":     {vectors: pipeline.Vectors{Dim: dim, Data: good(dim)}},
		"one vector more":     {vectors: pipeline.Vectors{Dim: dim, Data: good(3 * dim)}},
		"half a vector":       {vectors: pipeline.Vectors{Dim: dim, Data: good(dim + dim/2)}},
		"another dimension":   {vectors: pipeline.Vectors{Dim: dim / 2, Data: good(dim)}},
		"no dimension":        {},
		"not a number":        {vectors: pipeline.Vectors{Dim: dim, Data: with(dim+1, math.NaN())}},
		"infinite":            {vectors: pipeline.Vectors{Dim: dim, Data: with(0, math.Inf(-1))}},
		"zero":                {vectors: pipeline.Vectors{Dim: dim, Data: append(good(dim), make([]float32, dim)...)}},
		"refused and a hole":  {vectors: pipeline.Vectors{Dim: dim, Data: good(2 * dim)}, err: &pipeline.PartialError{Failed: map[int]error{0: refusal}}},
		"refused beyond":      {vectors: pipeline.Vectors{Dim: dim, Data: good(dim)}, err: &pipeline.PartialError{Failed: map[int]error{2: refusal}}},
		"refused before":      {vectors: pipeline.Vectors{Dim: dim, Data: good(dim)}, err: &pipeline.PartialError{Failed: map[int]error{-1: refusal}}},
		"refused for a while": {vectors: pipeline.Vectors{Dim: dim, Data: good(dim)}, err: &pipeline.PartialError{Failed: map[int]error{0: &pipeline.Error{Class: pipeline.Throttled}}}},
		"refused as a whole":  {err: refusal},
		"empty refusal":       {err: &pipeline.PartialError{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			index, refused := &memory{}, &rejects{}
			report, err := single{
				Source: texts("secret one", "secret two"), Embedder: answer, Index: index, Space: space(),
				Limits: limits{Texts: 2, InFlight: 1, Writers: 1}, Reject: refused.take,
			}.Run(t.Context(), never())
			if err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v, want one that holds no text", err)
			}
			if len(index.writes) != 0 || len(refused.list) != 0 {
				t.Errorf("%d writes and %d rejects, want none", len(index.writes), len(refused.list))
			}
			numbers{read: 2}.check(t, report)
			if report.Unfinished() != 2 {
				t.Errorf("%d documents unfinished, want 2", report.Unfinished())
			}
		})
	}
}
