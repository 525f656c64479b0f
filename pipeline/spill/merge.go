package spill

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/vecload/vecload/pipeline"
)

// merge makes one run of all runs of some levels, in the level after them, or
// in the last of them if that is the last of all.
func (a *Archive) merge(ctx context.Context, from, to int) error {
	var runs []*run // the newest first
	total := 0
	for level := from; level <= to; level++ {
		for _, r := range slices.Backward(a.levels[level]) {
			runs = append(runs, r)
			total += r.count
		}
	}
	if len(runs) < 2 {
		return nil
	}
	m := a.merger(runs)
	merged, err := a.write(ctx, m.all(), total)
	if err = errors.Join(m.err, err); err != nil {
		if merged != nil {
			err = errors.Join(err, merged.file.Close())
		}
		return err
	}
	err = closeAll(a.levels[from : to+1])
	for level := from; level <= to; level++ {
		a.levels[level] = nil
	}
	if from == to {
		to++
	}
	a.put(to, merged)
	return err
}

// cursor goes through a run.
type cursor struct {
	run    *run
	buffer []byte
	data   []byte // what was read and not passed
	read   int    // documents
	at     pipeline.Met
	ended  bool
}

func (c *cursor) next() error {
	if len(c.data) == 0 {
		n := min((c.run.count-c.read)*metSize, len(c.buffer))
		if n == 0 {
			c.ended = true
			return nil
		}
		c.data = c.buffer[:n]
		if err := readAt(c.run.file, c.data, int64(c.read)*metSize); err != nil {
			return err
		}
		c.read += n / metSize
	}
	c.at, c.data = metAt(c.data, 0), c.data[metSize:]
	return nil
}

// merger goes through several runs at once, the newest first among them.
type merger struct {
	cursors []cursor
	err     error
}

func (a *Archive) merger(runs []*run) *merger {
	m := &merger{cursors: make([]cursor, len(runs))}
	for i, r := range runs {
		if len(a.in) == i {
			a.in = append(a.in, make([]byte, bufferSize))
		}
		m.cursors[i] = cursor{run: r, buffer: a.in[i]}
	}
	return m
}

// all yields the documents of all runs in order, the newest of each. It ends
// early with err set.
func (m *merger) all() iter.Seq[pipeline.Met] {
	return func(yield func(pipeline.Met) bool) {
		for i := range m.cursors {
			if m.err = m.cursors[i].next(); m.err != nil {
				return
			}
		}
		for {
			least := -1
			for i := range m.cursors {
				if c := &m.cursors[i]; !c.ended && (least < 0 || c.at.Compare(m.cursors[least].at) < 0) {
					least = i
				}
			}
			if least < 0 {
				return
			}
			met := m.cursors[least].at
			if !yield(met) {
				return
			}
			for i := least; i < len(m.cursors); i++ {
				c := &m.cursors[i]
				if !c.ended && c.at.Compare(met) == 0 {
					if m.err = c.next(); m.err != nil {
						return
					}
				}
			}
		}
	}
}
