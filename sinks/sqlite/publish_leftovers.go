package sqlite

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// Leftover is a file that was built beside the readers' file, or replaced by
// one, and that nobody needs any more, unless an unfinished build is gone on
// with.
type Leftover struct {
	Path     string
	Building bool      // it was never published
	Since    time.Time // begin of the build; zero where it does not say
	Run      string    // that began it
	Reason   string    // for which it was begun
	Points   int64
	Bytes    int64 // of the file
}

// Leftovers lists the unfinished builds that no run is at, oldest first, and
// the previous file unless keep is 1 or more.
func (p *Publisher) Leftovers(ctx context.Context, keep int) ([]Leftover, error) {
	if err := p.recoverSwitch(); err != nil {
		return nil, err
	}
	paths, err := p.builds()
	if err != nil {
		return nil, err
	}
	if keep < 1 && exists(p.previous()) {
		paths = append(paths, p.previous())
	}
	var out []Leftover
	for _, path := range paths {
		if err := p.checkIdle(ctx, path); errors.Is(err, pipeline.ErrBusy) {
			continue
		} else if err != nil {
			return nil, err
		}
		of, _, err := p.read(ctx, path)
		if err != nil {
			return nil, err
		}
		left := Leftover{
			Path: path, Building: path != p.previous(),
			Since: of.note.Since, Run: of.note.Run, Reason: of.note.Reason, Points: of.points,
		}
		if info, err := os.Stat(path); err == nil {
			left.Bytes = info.Size()
		}
		out = append(out, left)
	}
	return out, nil
}

// Prune deletes the previous file unless keep is 1 or more, and returns what
// it deleted. Unfinished builds stay: their vectors were paid for.
func (p *Publisher) Prune(ctx context.Context, keep int) ([]string, error) {
	if err := p.recoverSwitch(); err != nil {
		return nil, err
	}
	if keep >= 1 || !exists(p.previous()) {
		return nil, nil
	}
	return p.Drop(ctx, p.previous())
}

// Drop deletes files that [Publisher.Leftovers] may list, and returns those
// that it deleted; one that is gone already is passed over. It refuses, before
// it deletes any, every other file and one that a run is at.
func (p *Publisher) Drop(ctx context.Context, paths ...string) ([]string, error) {
	builds, err := p.builds()
	if err != nil {
		return nil, err
	}
	var there []string
	for _, path := range paths {
		if path == p.options.Path {
			return nil, p.index(path).problem("is the file that readers use", "delete it by hand if nobody needs it")
		}
		if !exists(path) {
			continue
		}
		if path != p.previous() && !slices.Contains(builds, path) {
			return nil, p.index(path).problem("was not built beside "+p.options.Path, "name a build or the previous file")
		}
		if err := p.checkIdle(ctx, path); err != nil {
			return nil, err
		}
		there = append(there, path)
	}
	var dropped []string
	for _, path := range there {
		if err := p.remove(path); err != nil {
			return dropped, err
		}
		dropped = append(dropped, path)
	}
	return dropped, nil
}
