package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// Move is a change of what readers find.
type Move struct {
	Path string // what readers open
	From string // where what they found before is now; "" where there was nothing
	To   string // what takes its place
}

// String says in one line what is done.
func (m Move) String() string {
	if m.From == "" {
		return fmt.Sprintf("%s takes the name %s", m.To, m.Path)
	}
	return fmt.Sprintf("%s takes the name %s, and what had it becomes %s", m.To, m.Path, m.From)
}

// Verify returns an error of class Fatal unless a build has exactly so many
// points.
func (p *Publisher) Verify(ctx context.Context, path string, points int64) error {
	found, err := p.own(ctx, path)
	if err != nil {
		return err
	}
	if found.points == points {
		return nil
	}
	return &pipeline.Error{
		Op: path, Class: pipeline.Fatal,
		Hint: "readers still use what they used; run the same command again, which goes on with this build",
		Err:  fmt.Errorf("the build is not complete: it has %d points, and %d are expected", found.points, points),
	}
}

// own reads a build of the publisher's.
func (p *Publisher) own(ctx context.Context, path string) (found, error) {
	paths, err := p.builds()
	if err != nil {
		return found{}, err
	}
	x := p.index(path)
	if !slices.Contains(paths, path) {
		return found{}, x.problem("is not a build beside "+p.options.Path, "name one that vecload built, such as "+p.buildPath(1))
	}
	of, ok, err := p.read(ctx, path)
	if err != nil {
		return found{}, err
	}
	if !ok || of.note.Run == "" {
		return found{}, x.problem("is not a build that vecload began", "delete the file and build anew")
	}
	return of, nil
}

// Switch puts a build in the place of the file that readers use, which becomes
// the previous one; the one that was previous is deleted. No run may be at
// either of them, and every [Index] of the build is closed.
func (p *Publisher) Switch(ctx context.Context, path string) (Move, error) {
	if err := p.recoverSwitch(); err != nil {
		return Move{}, err
	}
	build, err := p.own(ctx, path)
	if err != nil {
		return Move{}, err
	}
	if build.held {
		return Move{}, p.index(path).fail("publish", build.lease.busy())
	}
	build.note.Published = time.Now().UTC()
	x := p.index(path)
	if err = x.Prepare(ctx, build.spaces); err == nil {
		err = x.writeNote(ctx, build.note)
	}
	if err := errors.Join(err, x.Close()); err != nil {
		return Move{}, err
	}
	return p.exchange(ctx, path)
}

// RollbackMove says what [Publisher.Rollback] would do. Where there is nothing
// to go back to it returns an error of class Misconfigured.
func (p *Publisher) RollbackMove(ctx context.Context) (Move, error) {
	if err := p.recoverSwitch(); err != nil {
		return Move{}, err
	}
	_, ok, err := p.read(ctx, p.previous())
	if err != nil {
		return Move{}, err
	}
	if !ok {
		return Move{}, p.index(p.options.Path).problem("has none before it to go back to", "run vecload run --rebuild to build and publish anew")
	}
	return Move{Path: p.options.Path, From: p.previous(), To: p.previous()}, nil
}

// Rollback gives readers what they had before the last switch. What they leave
// becomes the previous one, so that a second Rollback undoes the first. It
// copies the file: readers that still have it open from the time before the
// switch must not see it being written to.
func (p *Publisher) Rollback(ctx context.Context) (Move, error) {
	move, err := p.RollbackMove(ctx)
	if err != nil {
		return Move{}, err
	}
	if err := p.fold(ctx, p.previous()); err != nil {
		return Move{}, err
	}
	back := p.options.Path + ".back"
	if err := p.remove(back); err != nil {
		return Move{}, err
	}
	if err := p.copy(p.previous(), back); err != nil {
		return Move{}, err
	}
	if _, err := p.exchange(ctx, back); err != nil {
		return Move{}, err
	}
	return move, nil
}

// exchange gives a file the name of the readers'. Whoever dies in it leaves a
// readers' file that is whole, the old one or the new one.
func (p *Publisher) exchange(ctx context.Context, path string) (Move, error) {
	if err := p.fold(ctx, path); err != nil {
		return Move{}, err
	}
	move := Move{Path: p.options.Path, To: path}
	current, there, err := p.read(ctx, p.options.Path)
	if err != nil {
		return Move{}, err
	}
	if there {
		if current.held {
			return Move{}, p.index(p.options.Path).fail("replace", current.lease.busy())
		}
		if err := p.fold(ctx, p.options.Path); err != nil {
			return Move{}, err
		}
		if err := p.link(p.options.Path, p.switching()); err != nil {
			return Move{}, err
		}
		move.From = p.previous()
	}
	if err := errors.Join(p.sync(), p.removeLog(path)); err != nil {
		return Move{}, err
	}
	if err := p.rename(path, p.options.Path); err != nil {
		return Move{}, err
	}
	if err := p.removeLog(p.options.Path); err != nil {
		return Move{}, err
	}
	return move, errors.Join(p.recoverSwitch(), p.sync())
}

// recoverSwitch ends what a switch left, its own or that of a process that
// died: the second name of a file that is still the readers' is taken away,
// else what has it is the previous one.
func (p *Publisher) recoverSwitch() error {
	left, err := os.Stat(p.switching())
	if err != nil {
		return nil //nolint:nilerr // there is nothing to end
	}
	if now, err := os.Stat(p.options.Path); err == nil && os.SameFile(left, now) {
		return p.index(p.switching()).fail("remove", os.Remove(p.switching()))
	}
	if err := p.removeLog(p.previous()); err != nil {
		return err
	}
	return p.rename(p.switching(), p.previous())
}
