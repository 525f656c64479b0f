package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// spoiled makes a corpus of n documents of which those are refused by the
// source that bad says.
func spoiled(n int, bad func(i int) bool) *corpus {
	c := numbered(n)
	for i := range c.records {
		if bad(i) {
			c.records[i].err = pipeline.Reject(c.records[i].doc.Origin, errors.New("bad"))
		}
	}
	return c
}

// over is a run over what the index holds.
func over(source pipeline.Source, index *memory) single {
	return single{
		Source: source, Embedder: &encoder{}, Index: index, Space: space(), KeepText: true,
		Limits: limits{Texts: 4, InFlight: 1, Writers: 1}, Refresh: &pipeline.Refresh{Index: index},
	}
}

func TestRunStopsWhenItRejectsTooMuch(t *testing.T) {
	t.Parallel()
	every := func(n int) func(int) bool { return func(i int) bool { return i%n == 0 } }
	first := func(n int) func(int) bool { return func(i int) bool { return i < n } }
	for _, tt := range []struct {
		name     string
		limit    *pipeline.RejectLimit
		n        int
		bad      func(int) bool
		read     int64 // until it stops
		rejected int64
		stops    bool
	}{
		{"without a limit", nil, 50, every(1), 50, 50, false},
		{"as many as may be", &pipeline.RejectLimit{Documents: 5}, 50, every(10), 50, 5, false},
		{"one more", &pipeline.RejectLimit{Documents: 4}, 50, every(10), 41, 5, true},
		{"none may be", &pipeline.RejectLimit{}, 50, every(10), 1, 1, true},
		{"a share of few documents, at the end", &pipeline.RejectLimit{Share: new(0.09)}, 50, every(10), 50, 5, true},
		{"a share that is kept exactly", &pipeline.RejectLimit{Share: new(0.1)}, 50, every(10), 50, 5, false},
		{"all may be", &pipeline.RejectLimit{Share: new(1.0)}, 50, every(1), 50, 50, false},
		{"no share of them may be", &pipeline.RejectLimit{Share: new(0.0)}, 50, first(1), 50, 1, true},
		{"bad ones at the beginning", &pipeline.RejectLimit{Share: new(0.1)}, 2000, first(100), 2000, 100, false},
		{"a share that is exceeded where it is judged first", &pipeline.RejectLimit{Share: new(0.1)}, 2000, every(5), 1001, 201, true},
		{"those that do not count", &pipeline.RejectLimit{Exempt: func(error) bool { return true }}, 50, every(1), 50, 50, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			source, index, refused := spoiled(tt.n, tt.bad), &memory{}, &rejects{}
			p := single{
				Source: source, Embedder: &encoder{}, Index: index, Space: space(), KeepText: true,
				Limits: limits{Texts: 8, InFlight: 2, Writers: 1}, Reject: refused.take,
			}.pipeline()
			p.MaxRejects = tt.limit
			report, err := p.Run(t.Context(), never())
			many, stopped := errors.AsType[*pipeline.TooManyRejectsError](err)
			if stopped != tt.stops || !stopped && err != nil {
				t.Fatalf("error %v, want too many rejects: %v", err, tt.stops)
			}
			if report.Read != tt.read || report.Rejected != tt.rejected || int64(len(refused.list)) != tt.rejected {
				t.Errorf("%d read, %d rejected, %d written down; want %d, %d", report.Read, report.Rejected, len(refused.list), tt.read, tt.rejected)
			}
			if stopped && (many.Rejected != tt.rejected || many.Read != tt.read || pipeline.Classify(err) != pipeline.Fatal || pipeline.Hint(err) == "") {
				t.Errorf("the error tells %v, of class %v", many, pipeline.Classify(err))
			}
			if int64(len(index.points)) != report.Written || source.open {
				t.Errorf("%d points of %d written, source left open: %v", len(index.points), report.Written, source.open)
			}

			p.Source, p.Refresh = spoiled(tt.n, tt.bad), nil
			plan, err := p.Plan(t.Context(), never(), 0)
			if err != nil || (plan.TooMany != nil) != tt.stops || plan.Read != int64(tt.n) {
				t.Fatalf("the plan has %v (%v), read %d; want a stop: %v", plan.TooMany, err, plan.Read, tt.stops)
			}
			if tt.stops && (plan.TooMany.Read != tt.read || plan.TooMany.Rejected != tt.rejected) {
				t.Errorf("the plan stops at %+v, want %d of %d", *plan.TooMany, tt.rejected, tt.read)
			}
		})
	}
}

func TestRunThatRejectsTooMuchFinishesWhatIsInFlight(t *testing.T) {
	t.Parallel()
	list := make([]string, 0, 200)
	for i := range 200 {
		list = append(list, fmt.Sprintf("text %d", i))
	}
	for i := 20; i < 30; i++ {
		list[i] = fmt.Sprintf("refused %d", i)
	}
	index, refused := &memory{}, &rejects{}
	p := single{
		Source: texts(list...), Embedder: &encoder{}, Index: index, Space: space(), KeepText: true,
		Limits: limits{Texts: 4, InFlight: 1, Writers: 1}, Reject: refused.take,
	}.pipeline()
	p.MaxRejects = &pipeline.RejectLimit{Documents: 3}
	report, err := p.Run(t.Context(), never())
	if _, ok := errors.AsType[*pipeline.TooManyRejectsError](err); !ok {
		t.Fatalf("error %v, want too many rejects", err)
	}
	if report.Rejected != 4 && report.Rejected != 8 || report.Written < 20 || report.Written > 40 {
		t.Errorf("%d rejected and %d written, want the batches up to the limit and what was in flight", report.Rejected, report.Written)
	}
	if int64(len(index.points)) != report.Written || report.Unfinished() != report.Read-report.Written-report.Rejected {
		t.Errorf("%d points, report %+v", len(index.points), report)
	}
}

func TestRunThatRejectsTooMuchDeletesNothing(t *testing.T) {
	t.Parallel()
	for _, limit := range []pipeline.RejectLimit{{}, {Share: new(0.1)}} {
		index := &memory{}
		if _, err := over(texts("gone", "stays"), index).Run(t.Context(), never()); err != nil {
			t.Fatal(err)
		}
		p := over(texts("stays", " "), index).pipeline()
		p.Refresh.DeleteMissing, p.MaxRejects = &pipeline.DeleteMissing{MaxShare: 1}, &limit
		_, err := p.Run(t.Context(), never())
		if _, ok := errors.AsType[*pipeline.TooManyRejectsError](err); !ok {
			t.Fatalf("error %v, want too many rejects", err)
		}
		if got := len(index.points); got != 2 {
			t.Errorf("%d points are left, want both", got)
		}
		p = over(texts("stays", " "), index).pipeline()
		p.Refresh.DeleteMissing = &pipeline.DeleteMissing{MaxShare: 1}
		if _, err := p.Run(t.Context(), never()); err != nil || len(index.points) != 1 {
			t.Errorf("without a limit: %v, %d points, want one", err, len(index.points))
		}
	}
}

func TestRunReplacesOnlyWhatItMay(t *testing.T) {
	t.Parallel()
	index := &memory{}
	first := texts("a", "b", "c")
	if _, err := over(first, index).Run(t.Context(), never()); err != nil {
		t.Fatal(err)
	}
	second := &corpus{records: []record{
		{doc: document(0, "a", "another a")}, {doc: document(1, "b", "another b")}, {doc: document(2, "c", "c")}, {doc: document(3, "d", "d")},
	}}
	refused := &rejects{}
	p := over(second, index).pipeline()
	p.Reject = refused.take
	p.Refresh.MayReplace = func(doc *pipeline.Document, held []pipeline.Held) bool {
		if len(held) != 1 || held[0].Vector != vectorName || held[0].Chunk != 0 || held[0].Made.Input != pipeline.DigestText(doc.ID) {
			t.Errorf("of %q the index held %+v", doc.ID, held)
		}
		return doc.ID == "b"
	}
	report, err := p.Run(context.Background(), never())
	if err != nil {
		t.Fatal(err)
	}
	numbers{read: 4, written: 2, unchanged: 1, rejected: 1}.check(t, report)
	if len(refused.list) != 1 || refused.list[0].Document.ID != "a" || !errors.Is(refused.list[0].Err, pipeline.ErrNewer) {
		t.Errorf("rejected %+v, want a", refused.list)
	}
	if got := index.chunks(); got["a"][0] != "a" || got["b"][0] != "another b" || got["d"][0] != "d" {
		t.Errorf("the index holds %v", got)
	}
}
