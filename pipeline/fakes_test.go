package pipeline_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
)

const dim = 8

// space is that of the encoder's vectors.
func space() pipeline.Space { return pipeline.Space{Model: "encoder", Dim: dim} }

// vectorName is the name of the vector in runs that make one.
const vectorName = "text"

// limits are those of a run that makes one vector.
type limits struct{ Texts, Tokens, Bytes, Window, InFlight, Writers, Points, Waiting int }

// single is a run that makes one vector of each text.
type single struct {
	Source      pipeline.Source
	Embedder    pipeline.Embedder
	Index       pipeline.Index
	Space       pipeline.Space
	Limits      limits
	Split       func(string) []string
	CountTokens pipeline.TokenCounter
	Bounds      pipeline.Bounds
	KeepText    bool
	Reject      func(pipeline.Rejection) error
	Counters    *pipeline.Counters
	Refresh     *pipeline.Refresh
	Waiting     int
}

func (s single) Run(ctx, stop context.Context) (pipeline.Report, error) {
	return s.pipeline().Run(ctx, stop)
}

func (s single) pipeline() pipeline.Pipeline {
	l := s.Limits
	return pipeline.Pipeline{
		Source: s.Source,
		Index:  s.Index,
		Lanes: []pipeline.Lane{{
			Vector: vectorName, Embedder: s.Embedder, Space: s.Space,
			Limits: pipeline.Limits{Texts: l.Texts, Tokens: l.Tokens, Bytes: l.Bytes, Window: l.Window, InFlight: l.InFlight},
			Split:  s.Split, CountTokens: s.CountTokens, Bounds: s.Bounds,
		}},
		Writes:   pipeline.WriteLimits{Writers: l.Writers, Points: l.Points, Waiting: l.Waiting},
		KeepText: s.KeepText,
		Reject:   s.Reject,
		Counters: s.Counters,
		Refresh:  s.Refresh,
	}
}

// encode gives the vector that belongs to a text and to no other, so that a
// vector which met another text shows.
func encode(text string) [dim]float32 {
	sum := sha256.Sum256([]byte(text))
	var v [dim]float32
	for i := range v {
		v[i] = 1 + float32(sum[i])
	}
	return v
}

// pause waits for d, or until ctx is done.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// record is what a corpus yields at one place.
type record struct {
	doc   pipeline.Document
	err   error
	delay time.Duration // before it is yielded
}

// corpus yields its records, and remembers how far it was read and whether
// it was left open.
type corpus struct {
	records []record

	yielded int
	open    bool
}

func (c *corpus) Documents(ctx context.Context) iter.Seq2[pipeline.Document, error] {
	return func(yield func(pipeline.Document, error) bool) {
		c.open = true
		defer func() { c.open = false }()
		for _, r := range c.records {
			if err := pause(ctx, r.delay); err != nil {
				yield(pipeline.Document{}, err)
				return
			}
			c.yielded++
			if !yield(r.doc, r.err) {
				return
			}
		}
	}
}

// texts makes a corpus of documents that are named for their texts.
func texts(list ...string) *corpus {
	c := &corpus{}
	for i, text := range list {
		c.records = append(c.records, record{doc: document(i, text, text)})
	}
	return c
}

// numbered makes a corpus of n documents.
func numbered(n int) *corpus {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("text %d", i)
	}
	return texts(list...)
}

func document(i int, id, text string) pipeline.Document {
	return pipeline.Document{ID: id, Text: text, Origin: pipeline.Origin{File: "corpus.jsonl", Row: int64(i + 1)}}
}

// stalled yields its records and then nothing more, as a pipe that stays
// open does.
type stalled struct{ corpus }

func (s *stalled) Documents(ctx context.Context) iter.Seq2[pipeline.Document, error] {
	return func(yield func(pipeline.Document, error) bool) {
		for doc, err := range s.corpus.Documents(ctx) {
			if !yield(doc, err) {
				return
			}
		}
		<-ctx.Done()
		yield(pipeline.Document{}, ctx.Err())
	}
}

// encoder embeds texts by encode. Texts that contain "refused" are refused:
// alone by class, among others by a PartialError.
type encoder struct {
	delay func(texts []string) time.Duration // of one call; optional
	fail  func(call int) error               // of the call of that number, from 0; optional

	mutex   sync.Mutex
	calls   int
	running int
	most    int
}

func (e *encoder) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	call := e.begin()
	defer e.end()
	if e.delay != nil {
		if err := pause(ctx, e.delay(texts)); err != nil {
			return pipeline.Vectors{}, err
		}
	}
	if e.fail != nil {
		if err := e.fail(call); err != nil {
			return pipeline.Vectors{}, err
		}
	}
	vectors, failed := pipeline.Vectors{Dim: dim}, map[int]error{}
	for i, text := range texts {
		if strings.Contains(text, "refused") {
			failed[i] = &pipeline.Error{Op: "encoder", Class: pipeline.Rejected, Err: errors.New("refused")}
			continue
		}
		v := encode(text)
		vectors.Data = append(vectors.Data, v[:]...)
	}
	switch {
	case len(failed) == 0:
		return vectors, nil
	case len(texts) == 1:
		return pipeline.Vectors{}, failed[0]
	}
	return vectors, &pipeline.PartialError{Failed: failed}
}

func (e *encoder) begin() int {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.running++
	e.most = max(e.most, e.running)
	e.calls++
	return e.calls - 1
}

func (e *encoder) end() {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.running--
}

// answering gives the same answer to every call.
type answering struct {
	vectors pipeline.Vectors
	err     error
}

func (a answering) Embed(context.Context, []string) (pipeline.Vectors, error) {
	return a.vectors, a.err
}

// hanging embeds nothing until its context is done.
type hanging struct{ encoder }

func (h *hanging) Embed(ctx context.Context, _ []string) (pipeline.Vectors, error) {
	h.begin()
	defer h.end()
	<-ctx.Done()
	return pipeline.Vectors{}, ctx.Err()
}

// memory keeps points. It takes them even when its context is done, as an
// index may that has them already.
type memory struct {
	delay func(points []pipeline.Point) time.Duration // of one write; optional
	fail  func(call int) error                        // of the write of that number, from 0; optional

	mutex   sync.Mutex
	points  map[pipeline.PointID]pipeline.Point
	writes  []int // number of points of each write
	at      []time.Time
	running int
	most    int
	asked   int // ids
	updated int // points
}

func (m *memory) Prepare(context.Context, pipeline.Spaces) error { return nil }

func (m *memory) Write(ctx context.Context, points []pipeline.Point) error {
	m.mutex.Lock()
	call := len(m.writes)
	m.writes, m.at = append(m.writes, len(points)), append(m.at, time.Now())
	m.running++
	m.most = max(m.most, m.running)
	m.mutex.Unlock()
	defer func() {
		m.mutex.Lock()
		m.running--
		m.mutex.Unlock()
	}()
	if m.delay != nil {
		if err := pause(ctx, m.delay(points)); err != nil {
			return err
		}
	}
	if m.fail != nil {
		if err := m.fail(call); err != nil {
			return err
		}
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.points == nil {
		m.points = map[pipeline.PointID]pipeline.Point{}
	}
	for _, p := range points {
		m.points[p.ID] = p
	}
	return nil
}

// chunks returns the chunk texts that the index holds of each document, in
// the order of the chunks.
func (m *memory) chunks() map[string][]string {
	held := slices.SortedFunc(maps.Values(m.points), func(a, b pipeline.Point) int { return a.Chunk - b.Chunk })
	out := map[string][]string{}
	for _, p := range held {
		out[p.Doc] = append(out[p.Doc], p.Text)
	}
	return out
}

// misplaced describes the first point whose vector, id or chunk belongs to
// another text; "" when there is none.
func (m *memory) misplaced() string {
	for id, p := range m.points {
		switch want := encode(p.Text); {
		case !slices.Equal(p.Vector, want[:]):
			return fmt.Sprintf("the point of %q, chunk %d, has the vector of another text", p.Doc, p.Chunk)
		case id != pipeline.NewPointID(vectorName, p.Doc, p.Chunk):
			return fmt.Sprintf("the point of %q, chunk %d, has the id %v", p.Doc, p.Chunk, id)
		case p.Chunk < 0 || p.Chunk >= p.Chunks:
			return fmt.Sprintf("the point of %q is chunk %d of %d", p.Doc, p.Chunk, p.Chunks)
		}
	}
	return ""
}

// rejects collects rejections.
type rejects struct {
	list []pipeline.Rejection
	fail func(call int) error // optional
}

func (r *rejects) take(rejection pipeline.Rejection) error {
	if r.fail != nil {
		if err := r.fail(len(r.list)); err != nil {
			return err
		}
	}
	r.list = append(r.list, rejection)
	return nil
}

func (r *rejects) ids() []string {
	var ids []string
	for _, rejection := range r.list {
		ids = append(ids, rejection.Document.ID)
	}
	slices.Sort(ids)
	return ids
}

// bars splits texts at "|".
func bars(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '|' })
}

// never is a context that is not done.
func never() context.Context { return context.Background() }

// numbers are the documents that a report counts.
type numbers struct{ read, written, unchanged, rejected int64 }

func (n numbers) check(t *testing.T, report pipeline.Report) {
	t.Helper()
	if got := (numbers{report.Read, report.Written, report.Unchanged, report.Rejected}); got != n {
		t.Errorf("report counts %+v, want %+v", got, n)
	}
}
