package pipeline_test

import (
	"maps"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// The beginning of a document was refused and its end was written: when it
// becomes shorter, a run finds that end only if it looks at all points.
func TestARejectedDocumentLeavesNothingBehindForGood(t *testing.T) {
	t.Parallel()
	index := &memory{}
	run := func(text string, careful bool) pipeline.Report {
		report, err := single{
			Source: texts(text), Embedder: &encoder{}, Index: index, Space: space(), Split: bars, KeepText: true,
			Limits:  limits{Texts: 4, InFlight: 1, Writers: 1},
			Refresh: &pipeline.Refresh{Index: index, Careful: careful},
		}.Run(t.Context(), never())
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	rename := func(id string) { // documents are named for their texts
		for old, p := range index.points {
			delete(index.points, old)
			p.Doc, p.ID = id, pipeline.NewPointID(vectorName, id, p.Chunk)
			index.points[p.ID] = p
		}
	}
	first := run("refused|and|its end", false)
	if first.Rejected != 1 || !first.Torn || len(index.points) != 2 {
		t.Fatalf("rejected %d, torn %v, %d points; want 1, true, 2", first.Rejected, first.Torn, len(index.points))
	}
	rename("short")
	if second := run("short", first.Torn); second.Torn || len(index.points) != 1 {
		t.Errorf("torn %v, %d points; want false and the one of the short text", second.Torn, len(index.points))
	}
}

// A run over another corpus in between must not take the index for whole while
// it leaves the end of a rejected document where it is.
func TestAnotherCorpusInBetweenRemovesWhatARejectedDocumentLeft(t *testing.T) {
	t.Parallel()
	index := built(t, texts("other"))
	torn := built(t, texts("refused|and|its end"))
	maps.Copy(index.points, torn.points)
	if len(index.points) != 3 {
		t.Fatalf("%d points, want one of the other document and two behind what was refused", len(index.points))
	}
	report, _, err := refresh(t, texts("other"), index, func(s *single) { s.Refresh.Careful, s.Refresh.DeleteMissing = true, nil })
	if err != nil || report.Deleted != 2 || len(index.points) != 1 {
		t.Errorf("%d deleted, %d points left, %v; want 2 and 1", report.Deleted, len(index.points), err)
	}
}
