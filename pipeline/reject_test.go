package pipeline_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func TestRunRejectsAndGoesOn(t *testing.T) {
	t.Parallel()
	source := texts("good", "refused", "one|refused two|three", "refused a|refused b", "  \n", "also good")
	malformed := record{doc: pipeline.Document{Origin: pipeline.Origin{File: "corpus.jsonl", Row: 99}}}
	malformed.err = pipeline.Reject(malformed.doc.Origin, errors.New("not JSON"))
	source.records = slices.Insert(source.records, 1, malformed)
	// A text that is empty is so each time it comes.
	source.records = append(source.records, record{doc: document(9, "  \n", "  \n")})
	for _, size := range []int{1, 2, 3, 100} {
		index, refused := &memory{}, &rejects{}
		report, err := single{
			Source: source, Embedder: &encoder{}, Index: index, Space: space(), Split: bars, KeepText: true,
			Limits: limits{Texts: size, InFlight: 3, Writers: 2, Points: 4}, Reject: refused.take,
		}.Run(t.Context(), never())
		if err != nil {
			t.Fatal(err)
		}
		numbers{read: 8, written: 2, rejected: 6}.check(t, report)
		want := []string{"", "  \n", "  \n", "one|refused two|three", "refused", "refused a|refused b"}
		if got := refused.ids(); !slices.Equal(got, want) {
			t.Errorf("batches of %d: rejected %q, want each once: %q", size, got, want)
		}
		for _, r := range refused.list {
			if pipeline.Classify(r.Err) != pipeline.Rejected {
				t.Errorf("%q is rejected for %v, of class %v", r.Document.ID, r.Err, pipeline.Classify(r.Err))
			}
		}
		if problem := index.misplaced(); problem != "" {
			t.Error(problem)
		}
		for _, p := range index.points {
			if strings.Contains(p.Text, "refused") {
				t.Errorf("the index holds %q, which has no vector", p.Text)
			}
		}
	}
}

func TestRunWritesNothingOfABatchThatIsRefusedWhole(t *testing.T) {
	t.Parallel()
	index := &memory{}
	report, err := single{
		Source: texts("refused a", "refused b"), Embedder: &encoder{}, Index: index, Space: space(),
		Limits: limits{Texts: 2, InFlight: 1, Writers: 1},
	}.Run(t.Context(), never())
	if err != nil {
		t.Fatal(err)
	}
	numbers{read: 2, rejected: 2}.check(t, report)
	if len(index.writes) != 0 {
		t.Errorf("writes of %v points, want none", index.writes)
	}
}

func TestRunStopsWhenARejectCannotBeKept(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	for name, source := range map[string]*corpus{
		"refused by the embedder": texts("refused"),
		"refused among others":    texts("refused", "good"),
		"refused as empty":        texts(""),
		"refused by the source": {records: []record{{
			err: pipeline.Reject(pipeline.Origin{File: "f", Row: 1}, errors.New("not JSON")),
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := &rejects{fail: func(int) error { return full }}
			report, err := single{
				Source: source, Embedder: &encoder{}, Index: &memory{}, Space: space(),
				Limits: limits{Texts: 2, InFlight: 2, Writers: 1}, Reject: refused.take,
			}.Run(t.Context(), never())
			if !errors.Is(err, full) {
				t.Errorf("error %v, want %v", err, full)
			}
			if report.Rejected != 0 {
				t.Errorf("%d documents counted as rejected that are kept nowhere", report.Rejected)
			}
			if source.open {
				t.Error("the source was left open")
			}
		})
	}
}
