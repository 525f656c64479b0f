package pipeline_test

import (
	"context"
	"iter"
	"maps"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// change does one change of the points that are kept, and fails as a write of
// that number does.
func (m *memory) change(do func()) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	call := len(m.writes)
	m.writes, m.at = append(m.writes, 0), append(m.at, time.Now())
	if m.fail != nil {
		if err := m.fail(call); err != nil {
			return err
		}
	}
	do()
	return nil
}

func (m *memory) Stored(_ context.Context, name string, ids []pipeline.PointID) ([]pipeline.Stored, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.asked += len(ids)
	out := make([]pipeline.Stored, len(ids))
	for i, id := range ids {
		if p, ok := m.points[id]; ok && p.Name == name {
			out[i] = pipeline.Stored{Found: true, Made: p.Made, Chunks: p.Chunks}
		}
	}
	return out, nil
}

func (m *memory) Update(_ context.Context, points []pipeline.Point) error {
	return m.change(func() {
		for _, p := range points {
			if old, ok := m.points[p.ID]; ok {
				p.Vector, p.Sparse = old.Vector, old.Sparse
				m.points[p.ID] = p
				m.updated++
			}
		}
	})
}

func (m *memory) Delete(_ context.Context, _ string, ids []pipeline.PointID) error {
	return m.change(func() {
		for _, id := range ids {
			delete(m.points, id)
		}
	})
}

func (m *memory) Listed(_ context.Context, name string) iter.Seq2[pipeline.Listed, error] {
	return func(yield func(pipeline.Listed, error) bool) {
		m.mutex.Lock()
		points := maps.Clone(m.points)
		m.mutex.Unlock()
		for _, p := range points {
			if p.Name == name && !yield(pipeline.Listed{ID: p.ID, Doc: p.Doc, Chunk: p.Chunk, Chunks: p.Chunks, Made: p.Made}, nil) {
				return
			}
		}
	}
}

func (m *memory) Vectors(_ context.Context, _ string, ids []pipeline.PointID) ([]pipeline.Vector, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	out := make([]pipeline.Vector, len(ids))
	for i, id := range ids {
		out[i] = m.points[id].Vector
	}
	return out, nil
}
