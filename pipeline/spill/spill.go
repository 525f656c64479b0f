// Package spill keeps on disk what a run remembers of the documents that it
// met, so that its memory does not grow with the corpus.
//
// What is kept is sorted into runs, one temporary file each. When there are
// four runs of like size they are merged into one, so that there are few, and
// every document is written about as often as the corpus is larger than the
// first run by factors of four. A filter in memory, of a size that does not
// change, tells of almost all documents that were not met that they were not,
// without a look at the disk, up to some ten million; beyond, the looks become
// more. It takes 16 bytes a document on disk, twice that while all is merged,
// and 8 MiB of memory.
//
// The files have no name once they are open, where the system allows that, so
// that nothing is left of a program that was killed. They hold hashes keyed by
// chance, and nothing of a document.
package spill

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vecload/vecload/pipeline"
)

// fanIn is how many runs of a level are merged into one of the next.
const fanIn = 4

// wasteShare is what part of all documents may be looked for in a wrong run
// before all runs are merged: looking into a page of a file takes as long as
// merging about so many documents.
const wasteShare = 16

// Options say where files go.
type Options struct {
	// Folder is that for temporary files.
	Folder string
	// Unavailable is told why there is no place to keep anything, which is
	// found out when there is something to be kept. Optional.
	Unavailable func(error)
}

// Archive implements [pipeline.Archive].
type Archive struct {
	options Options
	create  func() (file, error)
	levels  [][]*run // the first are the newest, and so are the last of each
	filter  filter
	wasted  int // looks into runs that did not hold what was looked for
	broken  error

	page []byte
	out  []byte
	in   [][]byte
}

var _ pipeline.Archive = (*Archive)(nil)

// New makes an archive, which opens nothing until something is kept.
func New(options Options) *Archive {
	return &Archive{options: options, create: func() (file, error) { return createFile(options.Folder) }}
}

// Keep implements [pipeline.Archive].
func (a *Archive) Keep(ctx context.Context, met []pipeline.Met) error {
	if a.broken != nil {
		return a.broken
	}
	kept, err := a.write(ctx, slices.Values(met), len(met))
	switch {
	case err != nil && ctx.Err() == nil && a.count() == 0:
		if a.options.Unavailable != nil {
			a.options.Unavailable(err)
		}
		return fmt.Errorf("%w: %w", pipeline.ErrNoArchive, err)
	case err != nil:
		return a.fail(ctx, err)
	}
	a.filter.add(met)
	a.put(0, kept)
	for level := 0; level < len(a.levels) && len(a.levels[level]) >= fanIn; level++ {
		if err := a.merge(ctx, level, level); err != nil {
			return a.fail(ctx, err)
		}
	}
	return nil
}

// Find implements [pipeline.Archive].
func (a *Archive) Find(ctx context.Context, met pipeline.Met) (pipeline.Met, bool, error) {
	if a.broken != nil {
		return pipeline.Met{}, false, a.broken
	}
	if !a.filter.mayHold(met) {
		return pipeline.Met{}, false, nil
	}
	if a.wasted > a.count()/wasteShare {
		if err := a.merge(ctx, 0, len(a.levels)-1); err != nil {
			return pipeline.Met{}, false, a.fail(ctx, err)
		}
		a.wasted = 0
	}
	if a.page == nil {
		a.page = make([]byte, pageSize)
	}
	looks := 0
	for _, level := range a.levels {
		for _, r := range slices.Backward(level) {
			found, ok, err := r.find(met, a.page)
			if err != nil {
				return found, false, a.fail(ctx, err)
			}
			if ok {
				a.wasted += looks
				return found, true, nil
			}
			looks++
		}
	}
	a.wasted += max(looks-1, 0)
	return pipeline.Met{}, false, nil
}

// Close removes the files.
func (a *Archive) Close() error {
	a.broken = errors.New("the archive is closed")
	levels := a.levels
	a.levels, a.filter = nil, filter{}
	return closeAll(levels)
}

// count returns how many documents are kept, those that are kept twice
// counted twice.
func (a *Archive) count() int {
	n := 0
	for _, level := range a.levels {
		for _, r := range level {
			n += r.count
		}
	}
	return n
}

func (a *Archive) put(level int, r *run) {
	for len(a.levels) <= level {
		a.levels = append(a.levels, nil)
	}
	a.levels[level] = append(a.levels[level], r)
}

// fail says what is to be done about an error. From then on there is no other
// answer: what is kept may be incomplete.
func (a *Archive) fail(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	} else {
		err = &pipeline.Error{
			Op: "the temporary file of ids in " + a.options.Folder, Class: pipeline.Fatal,
			Hint: "make room there, 32 bytes a document, or name another folder for temporary files in the variable TMPDIR; then run the same command again",
			Err:  err,
		}
	}
	a.broken = err
	return err
}
