package pipeline_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// every spaces the records of a corpus in time.
func every(d time.Duration, c *corpus) *corpus {
	for i := range c.records {
		c.records[i].delay = d
	}
	return c
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

func TestStopFinishesWhatIsInFlightAndNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop, cancel := context.WithTimeout(t.Context(), seconds(3.5))
		defer cancel()
		source, index := every(time.Second, numbered(10)), &memory{}
		start := time.Now()
		report, err := single{
			Source: source, Embedder: &encoder{delay: func([]string) time.Duration { return time.Minute }}, Index: index, Space: space(),
			Limits: limits{Texts: 2, InFlight: 2, Writers: 1}, KeepText: true,
		}.Run(t.Context(), stop)
		if !errors.Is(err, pipeline.ErrStopped) {
			t.Errorf("error %v, want %v", err, pipeline.ErrStopped)
		}
		numbers{read: 3, written: 2}.check(t, report)
		if source.yielded != 3 || source.open || len(index.points) != 2 || report.Unfinished() != 1 {
			t.Errorf("%d read, left open %v, %d points, %d unfinished; want 3, false, 2, 1",
				source.yielded, source.open, len(index.points), report.Unfinished())
		}
		// The first batch leaves when it is full; the second never is.
		if got, want := time.Since(start), seconds(2)+time.Minute; got != want || report.Elapsed != want {
			t.Errorf("took %v and reports %v, want %v", got, report.Elapsed, want)
		}
	})
}

func TestStopBeforeTheStartReadsNothing(t *testing.T) {
	t.Parallel()
	stop, cancel := context.WithCancel(t.Context())
	cancel()
	source := numbered(10)
	report, err := single{
		Source: source, Embedder: &encoder{}, Index: &memory{}, Space: space(),
		Limits: limits{Texts: 2, InFlight: 2, Writers: 1},
	}.Run(t.Context(), stop)
	if !errors.Is(err, pipeline.ErrStopped) || source.yielded != 0 {
		t.Errorf("error %v after %d documents, want %v after none", err, source.yielded, pipeline.ErrStopped)
	}
	numbers{}.check(t, report)
}

// deaf ignores its context, as a source may that has everything in memory.
type deaf struct{ *corpus }

func (d deaf) Documents(ctx context.Context) iter.Seq2[pipeline.Document, error] {
	return d.corpus.Documents(context.WithoutCancel(ctx))
}

func TestStopEndsASourceThatDoesNotListen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop, cancel := context.WithTimeout(t.Context(), seconds(3.5))
		defer cancel()
		source := every(time.Second, numbered(10))
		report, err := single{
			Source: deaf{source}, Embedder: &encoder{}, Index: &memory{}, Space: space(),
			Limits: limits{Texts: 2, InFlight: 2, Writers: 1},
		}.Run(t.Context(), stop)
		if !errors.Is(err, pipeline.ErrStopped) || source.open {
			t.Errorf("error %v, left open %v", err, source.open)
		}
		numbers{read: 4, written: 2}.check(t, report)
	})
}

func TestCancelAbandonsWhatIsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("interrupted twice")
		ctx, cancel := context.WithTimeoutCause(t.Context(), seconds(9.5), cause)
		defer cancel()
		source, index := every(time.Second, numbered(100)), &memory{}
		start := time.Now()
		report, err := single{
			Source: source, Embedder: &encoder{delay: func([]string) time.Duration { return seconds(2) }}, Index: index, Space: space(),
			Limits: limits{Texts: 1, InFlight: 8, Writers: 2}, KeepText: true,
		}.Run(ctx, never())
		if !errors.Is(err, cause) {
			t.Errorf("error %v, want %v", err, cause)
		}
		if got := time.Since(start); got != seconds(9.5) {
			t.Errorf("returned after %v, want at once after 9.5s", got)
		}
		// A document is sent when it comes: of the nine read, those that came
		// until the seventh second are embedded in the ninth.
		numbers{read: 9, written: 7}.check(t, report)
		if report.Written != int64(len(index.points)) {
			t.Errorf("%d counted as written, the index has %d", report.Written, len(index.points))
		}
		if source.open {
			t.Error("the source was left open")
		}
	})
}

func TestCancelIsToldEvenWhenAStageFails(t *testing.T) {
	t.Parallel()
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	index := &memory{fail: func(int) error {
		cancel(cause)
		return errors.New("the connection was closed")
	}}
	_, err := single{
		Source: numbered(4), Embedder: &encoder{}, Index: index, Space: space(),
		Limits: limits{Texts: 1, InFlight: 2, Writers: 2},
	}.Run(ctx, never())
	if !errors.Is(err, cause) {
		t.Errorf("error %v, want %v", err, cause)
	}
}

func TestNothingIsWrittenAfterACancel(t *testing.T) {
	t.Parallel()
	for range 50 { // the order of the stages is the scheduler's
		ctx, cancel := context.WithCancel(t.Context())
		index := &memory{fail: func(call int) error {
			if call == 2 {
				cancel()
			}
			return nil
		}}
		report, err := single{
			Source: numbered(64), Embedder: &encoder{}, Index: index, Space: space(),
			Limits: limits{Texts: 1, InFlight: 4, Writers: 1},
		}.Run(ctx, never())
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v, want %v", err, context.Canceled)
		}
		if len(index.writes) != 3 {
			t.Fatalf("%d writes, want none after the third", len(index.writes))
		}
		numbers{read: report.Read, written: 3}.check(t, report)
	}
}

func TestASourceThatFailsLeavesWhatItYielded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		corrupt := &pipeline.Error{Op: "corpus.jsonl:6", Class: pipeline.Fatal, Err: errors.New("unexpected end of file")}
		source, index := numbered(5), &memory{}
		source.records = append(source.records, record{err: corrupt}, record{doc: document(7, "after", "after")})
		report, err := single{
			Source: source, Embedder: &encoder{delay: func([]string) time.Duration { return time.Second }}, Index: index, Space: space(),
			Limits: limits{Texts: 2, InFlight: 2, Writers: 1}, KeepText: true,
		}.Run(t.Context(), never())
		if !errors.Is(err, corrupt) {
			t.Errorf("error %v, want %v", err, corrupt)
		}
		numbers{read: 5, written: 5}.check(t, report)
		if source.open || source.yielded != 6 {
			t.Errorf("left open %v, yielded %d, want false, 6", source.open, source.yielded)
		}
	})
}

func TestAFailureEndsTheRunWhileTheSourceIsSilent(t *testing.T) {
	t.Parallel()
	denied := &pipeline.Error{Op: "POST http://localhost/embed", Class: pipeline.Denied, Err: errors.New("status 402")}
	for name, p := range map[string]single{
		"embedder": {Embedder: answering{err: denied}, Index: &memory{}},
		"index":    {Embedder: &encoder{}, Index: &memory{fail: func(int) error { return denied }}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source := &stalled{*numbered(3)}
				p.Source, p.Space = source, space()
				p.Limits = limits{Texts: 1, InFlight: 4, Writers: 2}
				report, err := p.Run(t.Context(), never())
				if !errors.Is(err, denied) {
					t.Errorf("error %v, want %v", err, denied)
				}
				if report.Written != 0 || source.open {
					t.Errorf("%d written, source left open %v", report.Written, source.open)
				}
			})
		})
	}
}

func TestAnIndexThatFailsIsNotHiddenByItsSiblings(t *testing.T) {
	t.Parallel()
	broken := &pipeline.Error{Op: "vecload.db", Class: pipeline.Fatal, Err: errors.New("disk full")}
	for range 20 { // the order of the stages is the scheduler's
		synctest.Test(t, func(t *testing.T) {
			index := &memory{
				delay: func([]pipeline.Point) time.Duration { return time.Millisecond },
				fail: func(call int) error {
					if call == 3 {
						return broken
					}
					return nil
				},
			}
			source := numbered(1000)
			report, err := single{
				Source: source, Embedder: &encoder{delay: func([]string) time.Duration { return time.Millisecond }},
				Index: index, Space: space(), KeepText: true,
				Limits: limits{Texts: 1, InFlight: 4, Writers: 2},
			}.Run(t.Context(), never())
			if !errors.Is(err, broken) {
				t.Errorf("error %v, want %v", err, broken)
			}
			if report.Written > int64(len(index.points)) {
				t.Errorf("%d counted as written, the index has %d", report.Written, len(index.points))
			}
			if report.Read == 1000 || source.open {
				t.Errorf("%d documents read, left open %v", report.Read, source.open)
			}
		})
	}
}

// What has its vectors was paid for: it is written although the run fails.
func TestAFailureOfTheEmbedderLeavesNoVectorUnwritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := errors.New("the endpoint is away")
		index := &memory{delay: func([]pipeline.Point) time.Duration { return time.Minute }}
		report, err := single{
			Source: numbered(100), Index: index, Space: space(), KeepText: true,
			Embedder: &encoder{fail: func(call int) error {
				if call == 5 {
					return away
				}
				return nil
			}},
			Limits: limits{Texts: 2, InFlight: 1, Writers: 1}, Waiting: 8,
		}.Run(t.Context(), never())
		if !errors.Is(err, away) {
			t.Errorf("error %v, want that of the embedder", err)
		}
		if report.Written != 10 || len(index.points) != 10 {
			t.Errorf("%d documents written and %d points stored, want those of five calls", report.Written, len(index.points))
		}
	})
}
