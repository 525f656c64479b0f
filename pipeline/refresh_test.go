package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vecload/vecload/pipeline"
)

// refresh runs a corpus over an index, and returns the report and how many
// texts were embedded.
func refresh(tb testing.TB, source pipeline.Source, index *memory, change func(*single)) (pipeline.Report, int, error) {
	tb.Helper()
	embedded := &counting{}
	run := single{
		Source: source, Embedder: embedded, Index: index, Space: space(), Split: bars, KeepText: true,
		Limits:  limits{Texts: 3, InFlight: 2, Writers: 2, Points: 5},
		Refresh: &pipeline.Refresh{Index: index, Group: 4, DeleteMissing: &pipeline.DeleteMissing{MaxShare: 1}},
	}
	if change != nil {
		change(&run)
	}
	report, err := run.Run(tb.Context(), never())
	return report, embedded.texts(), err
}

// counting counts the texts that it embeds.
type counting struct {
	encoder

	n int
}

func (c *counting) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	c.mutex.Lock()
	c.n += len(texts)
	c.mutex.Unlock()
	return c.encoder.Embed(ctx, texts)
}

func (c *counting) texts() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.n
}

func titled(id, text, title string) record {
	doc := document(0, id, text)
	doc.Payload = []pipeline.Field{{Name: "title", Value: pipeline.String(title)}}
	return record{doc: doc}
}

// built is the index that a first run over a corpus makes.
func built(tb testing.TB, source *corpus) *memory {
	tb.Helper()
	index := &memory{}
	if _, _, err := refresh(tb, source, index, func(s *single) { s.Refresh = nil }); err != nil {
		tb.Fatal(err)
	}
	return index
}

func wantSame(tb testing.TB, got, want *memory) {
	tb.Helper()
	if diff := cmp.Diff(want.points, got.points, cmp.AllowUnexported(pipeline.Value{})); diff != "" {
		tb.Errorf("the index differs from one that was made at once (-want +got):\n%s", diff)
	}
}

func TestARefreshDoesWhatIsLeftToDo(t *testing.T) {
	t.Parallel()
	old := func() *corpus {
		return &corpus{records: []record{
			titled("same", "a|b", "one"), titled("payload", "c|d", "two"), titled("text", "e|f", "three"),
			titled("shorter", "g|h|i", "four"), titled("longer", "j", "five"), titled("gone", "k|l", "six"),
		}}
	}
	now := func() *corpus {
		return &corpus{records: []record{
			titled("same", "a|b", "one"), titled("payload", "c|d", "another"), titled("text", "e|changed", "three"),
			titled("shorter", "g", "four"), titled("longer", "j|m", "five"), titled("new", "n", "seven"),
		}}
	}
	index := built(t, old())
	report, embedded, err := refresh(t, now(), index, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, index, built(t, now()))
	numbers{read: 6, written: 5, unchanged: 1}.check(t, report)
	// The chunk "j" of a document with one chunk more is updated, like "g".
	if embedded != 3 || report.New != 1 || report.Changed != 3 || report.Updated != 1 || report.Deleted != 4 {
		t.Errorf("%d texts embedded, %+v", embedded, report)
	}

	report, embedded, err = refresh(t, now(), index, nil)
	if err != nil || embedded != 0 || report.Unchanged != 6 || report.Points != 0 || report.Deleted != 0 {
		t.Errorf("the second time %d texts were embedded, %+v, %v", embedded, report, err)
	}
}

func TestWhatIsMissingStaysWhereItIsNotSure(t *testing.T) {
	t.Parallel()
	all := func() *corpus { return texts("a", "b", "c", "d", "e") }
	for name, test := range map[string]struct {
		source  pipeline.Source
		share   float64
		deletes int64
		fails   string
	}{
		"all are there":      {all(), 0, 0, ""},
		"within the share":   {texts("a", "b", "c", "d"), 0.2, 1, ""},
		"above the share":    {texts("a", "b", "c"), 0.3, 0, "40%"},
		"an empty corpus":    {texts(), 1, 0, "the corpus is empty"},
		"a rejected text":    {&corpus{records: append(texts("a", "b", "c", "d").records, record{doc: document(9, "e", "refused")})}, 1, 0, ""},
		"an empty text":      {&corpus{records: append(texts("a", "b", "c", "d").records, record{doc: document(9, "e", " ")})}, 1, 0, ""},
		"a record unread":    {&corpus{records: append(texts("a", "b").records, record{err: pipeline.Reject(pipeline.Origin{File: "x"}, errors.New("bad"))})}, 1, 0, ""},
		"a record with name": {&corpus{records: append(texts("a", "b", "c", "d").records, record{doc: document(9, "e", ""), err: pipeline.Reject(pipeline.Origin{File: "x"}, errors.New("bad"))})}, 1, 0, ""},
		"a source that ends": {&corpus{records: append(texts("a").records, record{err: errors.New("the disk is away")})}, 1, 0, "the disk is away"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			index := built(t, all())
			report, _, err := refresh(t, test.source, index, func(s *single) {
				s.Refresh.DeleteMissing.MaxShare = test.share
			})
			if (err != nil) != (test.fails != "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Errorf("error %v, want one of %q", err, test.fails)
			}
			if report.Deleted != test.deletes || int64(len(index.points)) != 5-test.deletes {
				t.Errorf("%d deleted, %d points left", report.Deleted, len(index.points))
			}
			if want := name == "a record unread"; report.KeptMissing != want {
				t.Errorf("KeptMissing is %v", report.KeptMissing)
			}
		})
	}
}

func TestARefreshKeepsWhatIsMissingUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	index := built(t, texts("a", "b"))
	report, _, err := refresh(t, texts("a"), index, func(s *single) { s.Refresh.DeleteMissing = nil })
	if err != nil || report.Deleted != 0 || len(index.points) != 2 {
		t.Errorf("%+v, %v", report, err)
	}
}

// A run that died between writing a document that became shorter and deleting
// its tail leaves points which look as if nobody had left them.
func TestACarefulRunFindsTailsThatADeadOneLeft(t *testing.T) {
	t.Parallel()
	now := func() *corpus { return texts("a", "b") }
	for _, careful := range []bool{true, false} {
		index := built(t, now())
		for chunk := 1; chunk < 4; chunk++ {
			id := pipeline.NewPointID(vectorName, "a", chunk)
			index.points[id] = pipeline.Point{ID: id, Name: vectorName, Doc: "a", Chunk: chunk, Chunks: 4}
		}
		report, embedded, err := refresh(t, now(), index, func(s *single) { s.Refresh.Careful = careful })
		if err != nil || embedded != 0 {
			t.Fatalf("%d texts embedded, %v", embedded, err)
		}
		if careful {
			wantSame(t, index, built(t, now()))
			if report.Deleted != 3 {
				t.Errorf("%d points deleted, want 3", report.Deleted)
			}
		}
		numbers{read: 2, unchanged: 2}.check(t, report)
	}
}

func TestARebuildCopiesTheVectorsOfWhatIsUnchanged(t *testing.T) {
	t.Parallel()
	old := built(t, &corpus{records: []record{titled("a", "one|two", "x"), titled("b", "three", "y")}})
	now := func() *corpus {
		return &corpus{records: []record{titled("a", "one|changed", "other"), titled("b", "three", "y"), titled("c", "four", "z")}}
	}
	index := &memory{}
	report, embedded, err := refresh(t, now(), index, func(s *single) { s.Refresh = &pipeline.Refresh{Previous: old} })
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, index, built(t, now()))
	numbers{read: 3, written: 3}.check(t, report)
	if embedded != 2 || report.Copied != 2 || report.New != 3 {
		t.Errorf("%d texts embedded, %d copied, %d new", embedded, report.Copied, report.New)
	}
}

func TestAPlanSaysWhatARunDoes(t *testing.T) {
	t.Parallel()
	index := built(t, &corpus{records: []record{titled("same", "a", ""), titled("payload", "b", "x"), titled("text", "c|d|e", ""), titled("gone", "f|g", "")}})
	before := maps.Clone(index.points)
	run := single{
		Source: &corpus{records: []record{
			titled("same", "a", ""), titled("payload", "b", "y"), titled("text", "c|other", ""), titled("new", "h|i", ""), titled("empty", "", ""),
		}},
		Index: index, Space: space(), Split: bars, KeepText: true, Limits: limits{Texts: 1, InFlight: 1},
		CountTokens: func(text string) int { return len(text) },
		Refresh:     &pipeline.Refresh{Index: index, DeleteMissing: &pipeline.DeleteMissing{}},
	}
	got, err := run.pipeline().Plan(t.Context(), never(), 2)
	got.Elapsed = 0
	todo, done := got.Lanes[0].Todo, got.Lanes[0].Done
	if len(todo) != 2 || len(done) != 1 || !strings.ContainsAny(todo[0].Text, "ohi") || done[0].Text != "a" {
		t.Errorf("a sample of %v and %v", todo, done)
	}
	got.Lanes[0].Todo, got.Lanes[0].Done = nil, nil
	want := pipeline.Plan{
		Read: 5, New: 1, Changed: 1, Updated: 1, Unchanged: 1, Rejected: 1,
		Lanes: []pipeline.LanePlan{{Vector: vectorName, Chunks: 3, Tokens: 7, Bytes: 7, Whole: 6}},
		Tails: 1, Missing: 2, Points: 7,
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("plan (-want +got):\n%s%v", diff, err)
	}
	if diff := cmp.Diff(before, index.points, cmp.AllowUnexported(pipeline.Value{})); diff != "" {
		t.Errorf("planning changed the index:\n%s", diff)
	}
}

func TestAPlanOfARebuildCountsWhatIsCopied(t *testing.T) {
	t.Parallel()
	old := built(t, texts("a|b", "c"))
	got, err := single{
		Source: texts("a|b", "d"), Space: space(), Split: bars, KeepText: true, Limits: limits{Texts: 1, InFlight: 1},
		Refresh: &pipeline.Refresh{Previous: old},
	}.pipeline().Plan(t.Context(), never(), 0)
	if err != nil || got.New != 2 || got.Copied != 2 || got.Lanes[0].Chunks != 1 || got.Lanes[0].Whole != 3 {
		t.Errorf("plan %+v, %v", got, err)
	}
}

// Whatever corpora follow each other, and wherever runs over them die, the
// next run that ends leaves the index that one run over its corpus would make,
// and embeds no text that the index holds.
func TestRefreshesEndInTheSameIndexAsARunAtOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(draw *rapid.T) {
		index, clean := &memory{}, true
		text := rapid.SampledFrom([]string{"a", "b", "a|b", "a|b|c", "c|b|a|d", "", "refused|a"})
		title := rapid.SampledFrom([]string{"", "one", "two"})
		for round := range rapid.IntRange(1, 5).Draw(draw, "rounds") {
			source := &corpus{}
			for i := range 6 {
				if rapid.Bool().Draw(draw, "there") {
					source.records = append(source.records, titled(fmt.Sprint(i), text.Draw(draw, "text"), title.Draw(draw, "title")))
				}
			}
			source.records = append(source.records, titled("always", "z", ""))
			dies := rapid.IntRange(-1, 8).Draw(draw, "dies")
			group := rapid.IntRange(1, 5).Draw(draw, "group")
			synctest.Test(t, func(t *testing.T) {
				held := map[pipeline.Digest]bool{}
				for _, p := range index.points {
					held[p.Made.Input] = true
				}
				index.fail = nil
				var calls atomic.Int64
				if dies >= 0 && round < 4 {
					index.fail = func(int) error {
						if calls.Add(1) > int64(dies) {
							return errors.New("killed")
						}
						return nil
					}
				}
				_, _, err := refresh(t, source, index, func(s *single) {
					s.Refresh.Careful, s.Refresh.Group = !clean, group
				})
				clean = err == nil
			})
			if !clean {
				continue
			}
			// What was refused keeps what it had.
			want := built(t, source)
			for id, p := range index.points {
				kept := slices.ContainsFunc(source.records, func(r record) bool {
					return r.doc.ID == p.Doc && (r.doc.Text == "" || strings.Contains(r.doc.Text, "refused"))
				})
				if kept {
					delete(index.points, id)
				}
			}
			for id, p := range want.points {
				if strings.Contains(p.Text, "refused") || slices.ContainsFunc(source.records, func(r record) bool {
					return r.doc.ID == p.Doc && strings.Contains(r.doc.Text, "refused")
				}) {
					delete(want.points, id)
				}
			}
			if diff := cmp.Diff(want.points, index.points, cmp.AllowUnexported(pipeline.Value{})); diff != "" {
				draw.Fatalf("round %d (-want +got):\n%s", round, diff)
			}
		}
	})
}
