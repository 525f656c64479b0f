package main

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// shelf is an index in memory that goes through spells.
type shelf struct {
	index // what it does not have is not called

	world  *world
	spells []spell

	mutex    sync.Mutex
	number   int
	points   map[pipeline.PointID]pipeline.Point
	spaces   pipeline.Spaces
	held     bool
	finished bool
	inputs   map[pipeline.Digest]string // every text and image there ever was
	prefix   map[string]string          // by vector
}

func newShelf(w *world, spells []spell) *shelf {
	return &shelf{
		world: w, spells: spells, points: map[pipeline.PointID]pipeline.Point{},
		inputs: map[pipeline.Digest]string{}, prefix: map[string]string{},
	}
}

// call goes through one call; do does a part of n things, all of them where
// nothing is wrong.
func (x *shelf) call(ctx context.Context, op string, n int, do func(part int)) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	x.mutex.Lock()
	number := x.number
	x.number++
	x.mutex.Unlock()
	now := x.world.now(x.spells, number)
	slow, failed := now.slow/2, error(nil)
	switch now.what { //nolint:exhaustive // An index has no others.
	case isHanging:
		slow, failed = indexTime, spell{class: pipeline.Transient}.fail(op)
	case isFailing, isTorn:
		failed = now.fail(op)
	}
	if now.what == isTorn || now.what == isHanging {
		x.do(do, n/2)
	}
	if err := wait(ctx, slow); err != nil {
		return err
	}
	if failed == nil {
		x.do(do, n)
	}
	return failed
}

func (x *shelf) do(do func(part int), part int) {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	do(part)
}

// wants is the vector that belongs to an input of a vector name.
func (x *shelf) wants(name, input string) pipeline.Vector {
	return stubserver.Hash(madeDim)(x.prefix[name] + input)
}

// right reports whether a point has the vector of what it says it was made of.
func (x *shelf) right(p pipeline.Point) bool {
	input, known := x.inputs[p.Made.Input]
	return known && p.ID == pipeline.NewPointID(p.Name, p.Doc, p.Chunk) && p.Chunk < p.Chunks &&
		p.Vector.Cosine(x.wants(p.Name, input)) > 0.9999 && (p.Text == "" || p.Text == input)
}

func (x *shelf) Prepare(ctx context.Context, spaces pipeline.Spaces) error {
	return x.call(ctx, "prepare", 1, func(part int) {
		if part == 1 {
			x.spaces, x.world.stamped = maps.Clone(spaces), true
		}
	})
}

func (x *shelf) Write(ctx context.Context, points []pipeline.Point) error {
	for i := range points {
		if !x.right(points[i]) {
			x.world.problem("document %s, chunk %d: the vector of another text", points[i].Doc, points[i].Chunk)
		}
	}
	return x.call(ctx, "write", len(points), func(part int) {
		for _, p := range points[:part] {
			x.points[p.ID] = p
		}
	})
}

func (x *shelf) Update(ctx context.Context, points []pipeline.Point) error {
	return x.call(ctx, "update", len(points), func(part int) {
		for _, p := range points[:part] {
			old, ok := x.points[p.ID]
			if !ok {
				continue
			}
			if p.Vector = old.Vector; !x.right(p) {
				x.world.problem("document %s, chunk %d: was made to another text's without a vector", p.Doc, p.Chunk)
			}
			x.points[p.ID] = p
		}
	})
}

func (x *shelf) Delete(ctx context.Context, _ string, ids []pipeline.PointID) error {
	return x.call(ctx, "delete", len(ids), func(part int) {
		for _, id := range ids[:part] {
			delete(x.points, id)
		}
	})
}

func (x *shelf) Stored(ctx context.Context, _ string, ids []pipeline.PointID) ([]pipeline.Stored, error) {
	out := make([]pipeline.Stored, len(ids))
	err := x.call(ctx, "stored", len(ids), func(part int) {
		for i, id := range ids[:part] {
			if p, ok := x.points[id]; ok {
				out[i] = pipeline.Stored{Found: true, Made: p.Made, Chunks: p.Chunks}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (x *shelf) Listed(ctx context.Context, name string) iter.Seq2[pipeline.Listed, error] {
	return func(yield func(pipeline.Listed, error) bool) {
		all := x.all()
		var part []pipeline.Point
		err := x.call(ctx, "list", len(all), func(n int) { part = all[:n] })
		for _, p := range part {
			if p.Name == name && !yield(pipeline.Listed{ID: p.ID, Doc: p.Doc, Chunk: p.Chunk, Chunks: p.Chunks, Made: p.Made}, nil) {
				return
			}
		}
		if err != nil {
			yield(pipeline.Listed{}, err)
		}
	}
}

func (x *shelf) all() []pipeline.Point {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	return slices.Collect(maps.Values(x.points))
}

func (x *shelf) Count(ctx context.Context) (n int64, err error) {
	err = x.call(ctx, "count", 1, func(int) { n = int64(len(x.points)) })
	return n, err
}

// has reports whether the index has a chunk as it should be.
func (x *shelf) has(name, doc string, chunk int, input string) bool {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	p, ok := x.points[pipeline.NewPointID(name, doc, chunk)]
	return ok && p.Made.Input == pipeline.DigestText(input)
}

// Acquire implements [pipeline.Leaser].
func (x *shelf) Acquire(ctx context.Context, _ pipeline.Holder, _ func(pipeline.Holder) bool) (pipeline.Lease, error) {
	clean := false
	err := x.call(ctx, "lend", 1, func(part int) {
		if part == 1 {
			x.held, clean, x.finished = true, x.finished, false
		}
	})
	if err != nil {
		return nil, err
	}
	return &lent{x, clean}, nil
}

type lent struct {
	index *shelf
	clean bool
}

func (l *lent) Clean() bool { return l.clean }

func (l *lent) Keep(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func (l *lent) Release(ctx context.Context, finished bool) error {
	l.index.world.mutex.Lock()
	l.index.world.hurt[pipeline.Transient] = true // it may be too slow
	l.index.world.mutex.Unlock()
	return l.index.call(ctx, "release", 1, func(part int) {
		if part == 1 {
			l.index.held, l.index.finished = false, finished
		}
	})
}

// feed is a corpus that yields its records.
type feed struct{ records []record }

func (f feed) Progress() (done, total int64) { return 0, -1 }

func (f feed) Documents(ctx context.Context) iter.Seq2[pipeline.Document, error] {
	return func(yield func(pipeline.Document, error) bool) {
		for _, r := range f.records {
			if err := wait(ctx, r.delay); err != nil {
				yield(pipeline.Document{}, err)
				return
			}
			if !yield(r.doc, r.err) {
				return
			}
		}
	}
}

var errImage = errors.New("no image")

// pictures is what makes images ready.
func pictures(ctx context.Context, image pipeline.Image, origin pipeline.Origin) (string, error) {
	if err := wait(ctx, 50*time.Millisecond); err != nil {
		return "", err
	}
	if image.Data[:len(broken)] == broken {
		return "", pipeline.Reject(origin, errImage)
	}
	return image.Data, nil
}
