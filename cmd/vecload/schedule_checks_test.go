package main

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
)

type endpointOf = embedders.Endpoint

// fate is what a run has to make of a record that it finishes.
type fate struct {
	rejected bool
	repeated bool // it came before as it is
	complete bool // the index had all of it before
}

// fates tells what is to become of each record, by its row.
func fates(records []record, lanes []pipeline.Lane, before map[pipeline.PointID]pipeline.Point) map[int64]fate {
	out, first := map[int64]fate{}, map[string]record{}
	for _, r := range records {
		var f fate
		if r.err != nil {
			if pipeline.Classify(r.err) == pipeline.Rejected {
				out[r.doc.Origin.Row] = fate{rejected: true}
			}
			continue
		}
		n := 0
		f.complete = true
		for i := range lanes {
			inputs := inputsOf(&lanes[i], r.doc)
			n += len(inputs)
			for chunk, input := range inputs {
				if lanes[i].Image != nil {
					f.rejected = f.rejected || strings.Contains(input, broken)
				}
				f.rejected = f.rejected || strings.Contains(input, poison) || strings.Contains(input, uncomputable) || strings.Contains(input, huge)
				p, ok := before[pipeline.NewPointID(lanes[i].Vector, r.doc.ID, chunk)]
				f.complete = f.complete && ok && p.Made.Input == pipeline.DigestText(input)
			}
		}
		f.rejected = f.rejected || n == 0
		earlier, again := first[r.doc.ID]
		switch {
		case n == 0:
		case again && sameContent(earlier.doc, r.doc):
			f = fate{repeated: true}
		case again:
			f = fate{rejected: true}
		default:
			first[r.doc.ID] = r
		}
		out[r.doc.Origin.Row] = f
	}
	return out
}

func sameContent(a, b pipeline.Document) bool {
	return a.Text == b.Text && a.Image == b.Image &&
		string(pipeline.AppendJSONFields(nil, a.Payload)) == string(pipeline.AppendJSONFields(nil, b.Payload))
}

func (x *shelf) copied() map[pipeline.PointID]pipeline.Point {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	return maps.Clone(x.points)
}

// check holds what a run says against what is there.
func (h *history) check(one life, out lived, before map[pipeline.PointID]pipeline.Point, well bool) {
	w, err, report := h.world, out.done.err, out.done.report
	for _, p := range h.shelf.all() {
		if !h.shelf.right(p) {
			w.problem("the index holds a wrong point of document %s, chunk %d", p.Doc, p.Chunk)
		}
	}
	if w.running() > 0 || h.shelf.held && err == nil {
		w.problem("requests under way %d, lease held %v at the end", w.running(), h.shelf.held)
	}
	h.checkTime(one, out)
	h.checkError(one, err, well)
	if out.lanes == nil || len(out.lanes) < len(h.lanes) {
		return
	}
	fates := fates(one.corpus[:min(int(report.Read), len(one.corpus))], out.lanes, before)
	var rejected, settled, repeated int64
	now := h.shelf.copied()
	for row, f := range fates {
		reason, is := out.rejects[row]
		switch {
		case is && !f.rejected:
			w.problem("row %d was rejected for no reason of its own: %s", row, reason)
		case f.rejected:
			rejected++
		case f.repeated:
			repeated++
		case h.complete(one.corpus[row-1].doc, out.lanes, now):
			settled++
		}
	}
	if report.Rejected > rejected || report.Rejected != int64(len(out.rejects)) {
		w.problem("%d rejected, %d in the file, %d have a reason", report.Rejected, len(out.rejects), rejected)
	}
	if got := report.Written + report.Unchanged; got > settled+repeated {
		w.problem("%d written and %d unchanged, but %d are in the index and %d came twice", report.Written, report.Unchanged, settled, repeated)
	}
	if err == nil && (report.Unfinished() != 0 || report.Rejected != rejected || report.Written+report.Unchanged != settled+repeated || int(report.Read) != len(one.corpus)) {
		w.problem("a run without an error: %+v; %d to be rejected, %d in the index, %d repeated", report, rejected, settled, repeated)
	}
}

func (w *world) running() int { return w.requests }

// complete reports whether the index has all of a document as it is.
func (h *history) complete(doc pipeline.Document, lanes []pipeline.Lane, points map[pipeline.PointID]pipeline.Point) bool {
	for i := range lanes {
		for chunk, input := range inputsOf(&lanes[i], doc) {
			p, ok := points[pipeline.NewPointID(lanes[i].Vector, doc.ID, chunk)]
			if !ok || p.Made.Input != pipeline.DigestText(input) || !slices.EqualFunc(p.Payload, doc.Payload, sameField) {
				return false
			}
		}
	}
	return true
}

func sameField(a, b pipeline.Field) bool {
	return string(pipeline.AppendJSONFields(nil, []pipeline.Field{a})) == string(pipeline.AppendJSONFields(nil, []pipeline.Field{b}))
}

// checkTime: an interrupt ends a run soon, a second one at once.
func (h *history) checkTime(one life, out lived) {
	const parting = 2 * partingTime
	if one.kill >= 0 && out.took > one.kill+parting {
		h.world.problem("took %v, and was told to stop now after %v", out.took, one.kill)
	}
	if wellIndex := len(h.index) == 1; one.stop >= 0 && wellIndex && out.took > one.stop+requestTime+10*time.Second {
		h.world.problem("took %v, and was told to stop after %v", out.took, one.stop)
	}
}

// checkError: a run fails for what the schedule has in it, and its class is that
// of what happened.
func (h *history) checkError(one life, err error, well bool) {
	w := h.world
	class := pipeline.Classify(err)
	brokeOff := slices.ContainsFunc(one.corpus, func(r record) bool { return r.err != nil && class == pipeline.Fatal })
	temporary := w.hurt[pipeline.Transient] || w.hurt[pipeline.Throttled] || w.hurt[pipeline.Warming]
	switch {
	case err == nil:
	case well:
		w.problem("nothing is wrong, and the run ends with %v", err)
	case errors.Is(err, pipeline.ErrStopped):
		if one.stop < 0 {
			w.problem("stopped, and nobody asked for it: %v", err)
		}
	case errors.Is(err, errInterrupted):
		if one.kill < 0 {
			w.problem("interrupted, and nobody did: %v", err)
		}
	case w.hurt[class], class == pipeline.Fatal && (w.garbled || brokeOff):
	case class == pipeline.Transient && (temporary || w.hurt[pipeline.NotServed] || w.hurt[pipeline.Misconfigured]):
		// Of several endpoints, after one was in use.
	default:
		w.problem("ends with class %v, which nothing has: %v", class, err)
	}
}

// same compares what a life full of faults left with what a clean run makes.
func (h *history) same(clean *history, records []record, out lived) {
	w := h.world
	rejectedDoc, inCorpus, nameless := map[string]bool{}, map[string]bool{}, false
	fates := fates(records, out.lanes, nil)
	for _, r := range records {
		inCorpus[r.doc.ID] = true
		nameless = nameless || r.doc.ID == ""
		f := fates[r.doc.Origin.Row]
		if r.err == nil && f.rejected {
			rejectedDoc[r.doc.ID] = true
		}
	}
	got, want := h.shelf.copied(), clean.shelf.copied()
	for id, p := range want {
		q, ok := got[id]
		if rejectedDoc[p.Doc] {
			continue
		}
		if !ok || p.Made != q.Made || p.Text != q.Text || p.Chunks != q.Chunks || p.Vector.Cosine(q.Vector) < 0.9999 {
			w.problem("document %s, chunk %d differs from that of a clean run (there %v)", p.Doc, p.Chunk, ok)
		}
	}
	for id, p := range got {
		if _, ok := want[id]; ok || rejectedDoc[p.Doc] {
			continue
		}
		refused := slices.ContainsFunc(records, func(r record) bool { return r.err != nil && r.doc.ID == p.Doc })
		switch {
		case inCorpus[p.Doc] && !refused:
			w.problem("document %s has a chunk %d too many", p.Doc, p.Chunk)
		case !inCorpus[p.Doc] && h.deleteMissing && !nameless:
			w.problem("document %s is not in the corpus", p.Doc)
		}
	}
}

// tally makes sure that the schedules test something.
type tally struct {
	runs, done, failed, stopped, killed, rejected int
	hits                                          map[ailment]int
	longest                                       time.Duration
}

func (s *tally) count(out lived, w *world) {
	s.runs++
	s.longest = max(s.longest, out.took)
	if s.hits == nil {
		s.hits = map[ailment]int{}
	}
	for what, n := range w.hits {
		s.hits[what] += n
	}
	s.rejected += len(out.rejects)
	switch err := out.done.err; {
	case err == nil:
		s.done++
	case errors.Is(err, pipeline.ErrStopped):
		s.stopped++
	case errors.Is(err, errInterrupted):
		s.killed++
	default:
		s.failed++
	}
}

func (s *tally) check(t *testing.T) {
	t.Helper()
	t.Logf("%+v", *s)
	if s.done == 0 || s.failed == 0 || s.stopped == 0 || s.killed == 0 || s.rejected == 0 {
		t.Errorf("%+v: the schedules test nothing", *s)
	}
}
