package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/vecload/vecload/pipeline"
)

// schedule is one run with everything that may happen to it. A number below
// zero means that the thing does not happen.
type schedule struct {
	records []record
	limits  limits

	embedding, writing time.Duration // the slowest call
	embedFails         int           // number of the call
	writeFails         int
	rejectFails        int
	stop, cancel       time.Duration // since the start
}

// fate is what a run has to make of a document that it finishes.
type fate struct{ written, unchanged, rejected int64 }

func schedules() *rapid.Generator[schedule] {
	return rapid.Custom(func(t *rapid.T) schedule {
		pausing := rapid.Map(rapid.IntRange(0, 20), func(n int) time.Duration { return time.Duration(n) * time.Second })
		rarely := func(label string, most int) int {
			if rapid.IntRange(0, 3).Draw(t, label+" happens") > 0 {
				return -1
			}
			return rapid.IntRange(0, most).Draw(t, label)
		}
		s := schedule{
			limits: limits{
				Texts:    rapid.IntRange(1, 6).Draw(t, "texts"),
				Bytes:    rapid.IntRange(0, 60).Draw(t, "bytes"),
				Window:   rapid.IntRange(0, 4).Draw(t, "window"),
				InFlight: rapid.IntRange(1, 5).Draw(t, "in flight"),
				Writers:  rapid.IntRange(1, 3).Draw(t, "writers"),
				Points:   rapid.IntRange(0, 12).Draw(t, "points"),
				Waiting:  rapid.IntRange(0, 4).Draw(t, "waiting"),
			},
			embedding:   pausing.Draw(t, "embedding"),
			writing:     pausing.Draw(t, "writing"),
			embedFails:  rarely("failing call", 10),
			writeFails:  rarely("failing write", 10),
			rejectFails: rarely("failing reject", 3),
			stop:        time.Duration(rarely("stop", 100)) * time.Second,
			cancel:      time.Duration(rarely("cancel", 100)) * time.Second,
		}
		breaks := rarely("broken record", 30)
		for i := range rapid.IntRange(0, 40).Draw(t, "documents") {
			r := record{delay: pausing.Draw(t, "delay") / 5}
			var parts []string
			for part := range rapid.IntRange(0, 4).Draw(t, "chunks") {
				word := rapid.SampledFrom([]string{"some", "some more", "some", "refused"}).Draw(t, "text")
				parts = append(parts, fmt.Sprintf("%s %d.%d", word, i, part))
			}
			r.doc = document(i, fmt.Sprintf("doc %d", i), strings.Join(parts, "|"))
			switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
			case i == breaks:
				r.err = errBroken
			case kind == 0:
				r.err = pipeline.Reject(r.doc.Origin, errors.New("not JSON"))
			case kind == 1 && i > 0: // comes again as it was
				r.doc.ID, r.doc.Text = s.records[i-1].doc.ID, s.records[i-1].doc.Text
			case kind == 2 && i > 0: // comes again with another text
				r.doc.ID = s.records[i-1].doc.ID
			}
			s.records = append(s.records, r)
		}
		return s
	})
}

var (
	errBroken      = errors.New("the source broke")
	errEmbedding   = errors.New("the embedder failed")
	errWriting     = errors.New("the index failed")
	errRejecting   = errors.New("the reject could not be kept")
	errInterrupted = errors.New("interrupted")
)

// outcome is what can be seen of a run.
type outcome struct {
	report   pipeline.Report
	err      error
	took     time.Duration
	source   *corpus
	embedder *encoder
	index    *memory
	refused  *rejects
}

func (s schedule) run(t *testing.T) outcome {
	t.Helper()
	failing := func(at int, err error) func(int) error {
		return func(call int) error {
			if call == at {
				return err
			}
			return nil
		}
	}
	slow := func(text string, most time.Duration) time.Duration {
		h := fnv.New32a()
		_, _ = h.Write([]byte(text))
		return most * time.Duration(h.Sum32()%8) / 8
	}
	out := outcome{
		source: &corpus{records: s.records},
		embedder: &encoder{
			delay: func(texts []string) time.Duration { return slow(texts[0], s.embedding) },
			fail:  failing(s.embedFails, errEmbedding),
		},
		index: &memory{
			delay: func(points []pipeline.Point) time.Duration { return slow(points[0].Text, s.writing) },
			fail:  failing(s.writeFails, errWriting),
		},
		refused: &rejects{fail: failing(s.rejectFails, errRejecting)},
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := t.Context(), t.Context()
		if s.cancel >= 0 {
			c, cancel := context.WithTimeoutCause(ctx, s.cancel, errInterrupted)
			defer cancel()
			ctx = c
		}
		if s.stop >= 0 {
			c, cancel := context.WithTimeout(stop, s.stop)
			defer cancel()
			stop = c
		}
		start := time.Now()
		out.report, out.err = single{
			Source: out.source, Embedder: out.embedder, Index: out.index, Space: space(),
			Limits: s.limits, Split: bars, KeepText: true, Reject: out.refused.take,
		}.Run(ctx, stop)
		out.took = time.Since(start)
	})
	return out
}

// TestEveryDocumentIsAccountedFor checks promise 1, nothing is lost and
// nothing is silent, under whatever may happen to a run.
func TestEveryDocumentIsAccountedFor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := schedules().Draw(rt, "schedule")
		out := s.run(t)

		if out.source.open || out.embedder.running != 0 || out.index.running != 0 {
			rt.Fatalf("source left open %v, %d calls and %d writes go on", out.source.open, out.embedder.running, out.index.running)
		}
		if out.embedder.most > s.limits.InFlight || out.index.most > s.limits.Writers {
			rt.Fatalf("%d calls and %d writes at once, limits %+v", out.embedder.most, out.index.most, s.limits)
		}
		if problem := out.index.misplaced(); problem != "" {
			rt.Fatal(problem)
		}
		if s.cancel >= 0 && out.took > s.cancel {
			rt.Fatalf("took %v, cancelled after %v", out.took, s.cancel)
		}
		s.checkNumbers(rt, out)
		s.checkError(rt, out)
	})
}

// checkNumbers holds the report against what the index and Reject took.
func (s schedule) checkNumbers(t *rapid.T, out outcome) {
	held, report := out.index.chunks(), out.report
	var want fate
	seen := map[string]string{}
	var complete int64
	for _, r := range s.records[:report.Read] {
		earlier, again := seen[r.doc.ID]
		chunks := bars(r.doc.Text)
		switch {
		case r.err != nil || len(chunks) == 0:
			want.rejected++
			continue
		case again && earlier == r.doc.Text:
			want.unchanged++
			continue
		case again:
			want.rejected++
			continue
		case strings.Contains(r.doc.Text, "refused"):
			want.rejected++
		default:
			want.written++
		}
		seen[r.doc.ID] = r.doc.Text
		if slices.Equal(held[r.doc.ID], chunks) {
			complete++
		}
		for _, text := range held[r.doc.ID] {
			if !slices.Contains(chunks, text) {
				t.Fatalf("the index holds %q of a document with the chunks %q", text, chunks)
			}
		}
	}
	got := fate{report.Written, report.Unchanged, report.Rejected}
	if got.rejected != int64(len(out.refused.list)) {
		t.Fatalf("%d rejected, %d reasons", got.rejected, len(out.refused.list))
	}
	if got.written > complete || got.written > want.written || got.rejected > want.rejected || got.unchanged > want.unchanged {
		t.Fatalf("%+v counted of %+v, %d complete in the index", got, want, complete)
	}
	if errors.Is(out.err, pipeline.ErrStopped) && got.written != complete {
		t.Fatalf("%+v counted, %d complete in the index", got, complete)
	}
	finished := out.err == nil || errors.Is(out.err, errBroken)
	if finished && (got != want || report.Unfinished() != 0 || got.written != complete) {
		t.Fatalf("%+v counted, want %+v; %d complete in the index, %d unfinished", got, want, complete, report.Unfinished())
	}
	if out.err == nil && report.Read != int64(len(s.records)) {
		t.Fatalf("%d of %d documents read and no error", report.Read, len(s.records))
	}
}

// checkError holds the error against what was made to happen.
func (s schedule) checkError(t *rapid.T, out outcome) {
	causes := []struct {
		err     error
		planned bool
	}{
		{nil, true},
		{errBroken, slices.ContainsFunc(s.records, func(r record) bool { return errors.Is(r.err, errBroken) })},
		{errEmbedding, s.embedFails >= 0 && out.embedder.calls > s.embedFails},
		{errWriting, s.writeFails >= 0 && len(out.index.writes) > s.writeFails},
		{errRejecting, s.rejectFails >= 0},
		{errInterrupted, s.cancel >= 0},
		{pipeline.ErrStopped, s.stop >= 0},
	}
	for _, cause := range causes {
		if cause.planned && errors.Is(out.err, cause.err) {
			return
		}
	}
	t.Fatalf("error %v, which nothing in the schedule makes", out.err)
}
