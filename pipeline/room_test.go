package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// heavy makes a corpus of documents of a mebibyte each, most of it payload
// or image, whose texts are short.
func heavy(n int, text, payload string, image bool) *corpus {
	mebibyte := strings.Repeat("x", 1<<20)
	more := pipeline.String(payload + mebibyte)
	c := &corpus{}
	for i := range n {
		doc := document(i, fmt.Sprintf("document %d", i), fmt.Sprintf("%s %d", text, i))
		doc.Payload = []pipeline.Field{{Name: "more", Value: more}}
		if image {
			doc.Payload, doc.Image = nil, pipeline.Image{Data: mebibyte}
		}
		c.records = append(c.records, record{doc: doc})
	}
	return c
}

func TestDocumentsUnderWayTakeNoMoreThanTheirRoom(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]limits{
		"waiting to be written":  {Texts: 4, InFlight: 4, Window: 16, Writers: 1, Points: 2048, Waiting: 64},
		"waiting to be embedded": {Texts: 1000, InFlight: 1, Window: 16, Writers: 1, Waiting: 64},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				source := heavy(100, "text", "", false)
				index := &memory{delay: func([]pipeline.Point) time.Duration { return time.Hour }}
				_, err := single{Source: source, Embedder: &encoder{}, Index: index, Space: space(), Limits: limit}.Run(ctx, never())
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
				// 32 MiB are under way, and one document is in hand.
				if source.yielded != 33 {
					t.Errorf("%d documents of 1 MiB were read", source.yielded)
				}
			})
		})
	}
}

func TestWhoeverWaitsForRoomCanBeStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		index := &memory{delay: func([]pipeline.Point) time.Duration { return time.Hour }}
		report, err := single{
			Source: heavy(100, "text", "", false), Embedder: &encoder{}, Index: index, Space: space(),
			Limits: limits{Texts: 1, InFlight: 4, Writers: 1, Points: 2048, Waiting: 64},
		}.Run(t.Context(), stop)
		if !errors.Is(err, pipeline.ErrStopped) || report.Written == 0 {
			t.Errorf("%d written, %v", report.Written, err)
		}
	})
}

func TestHeavyDocumentsGiveTheirRoomBackAndWaitForNoFullBatch(t *testing.T) {
	t.Parallel()
	const n = 40 // more than there is room for
	for name, test := range map[string]struct {
		before, now *corpus
		report      pipeline.Report
	}{
		"new":                                  {nil, heavy(n, "text", "", false), pipeline.Report{Written: n}},
		"unchanged":                            {heavy(n, "text", "", false), heavy(n, "text", "", false), pipeline.Report{Unchanged: n}},
		"updated":                              {heavy(n, "text", "", false), heavy(n, "text", "other", false), pipeline.Report{Written: n}},
		"changed":                              {heavy(n, "text", "", false), heavy(n, "another text", "", false), pipeline.Report{Written: n}},
		"rejected":                             {nil, heavy(n, "refused", "", false), pipeline.Report{Rejected: n}},
		"images of no lane that are new":       {nil, heavy(n, "text", "", true), pipeline.Report{Written: n}},
		"images of no lane that are unchanged": {heavy(n, "text", "", true), heavy(n, "text", "", true), pipeline.Report{Unchanged: n}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				index := &memory{}
				run := func(source *corpus) pipeline.Report {
					start := time.Now()
					over := single{
						Source: source, Embedder: &encoder{}, Index: index, Space: space(), KeepText: true,
						Limits:  limits{Texts: 1000, InFlight: 1, Window: 16, Writers: 1},
						Refresh: &pipeline.Refresh{Index: index},
					}
					if index.points == nil {
						over.Refresh = nil
					}
					report, err := over.Run(t.Context(), never())
					if err != nil {
						t.Fatal(err)
					}
					if took := time.Since(start); took > 0 {
						t.Errorf("%v were waited for a batch that cannot be full", took)
					}
					return report
				}
				if test.before != nil {
					run(test.before)
				}
				got := run(test.now)
				if got.Written != test.report.Written || got.Unchanged != test.report.Unchanged || got.Rejected != test.report.Rejected {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func TestAPlanOfHeavyDocumentsComesToItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		plan, err := single{Source: heavy(40, "text", "", false), Space: space(), Limits: limits{Texts: 1000, InFlight: 1}}.pipeline().Plan(t.Context(), never(), 0)
		if err != nil || plan.New != 40 {
			t.Errorf("%d new, %v", plan.New, err)
		}
	})
}
