package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// Publisher builds files beside the one that readers use, and puts them in its
// place. Options.Path is the file of the readers, docs.db:
//
//	docs.db            what readers open
//	docs.db.build-1    a build; the number is the first that is free
//	docs.db.previous   what docs.db was before the last switch
//	docs.db.switching  what docs.db.previous is going to be, for the moment of a switch
//
// A build says in its table meta, under "build", by which run and from what it
// was begun, so that another run can go on with it.
//
// # A switch
//
// The file of a build takes the name of the readers' file by a rename, which
// the system does in one step: who opens the name finds the old file or the
// new one. Who has the old one open keeps it, as long as no new connection is
// made: an [Index] that was opened before should be closed and opened again.
// The logs of both files are folded in before, and that of the old one is
// taken away with it, since SQLite finds a log by the name of its file. A
// reader that opens the name between these two steps, which are some
// microseconds apart, may get an error, and none the second time.
//
// Its methods may be called from several goroutines at once, and by one
// process at a time for one file but for Begin.
type Publisher struct {
	options Options
	isDead  func(pipeline.Holder) bool
}

// Published is the file that readers use.
type Published struct {
	Path     string
	Spaces   pipeline.Spaces
	Settings string // as [Plan] had them; "" where the file was not built by a Plan
	Points   int64
	Since    time.Time // when it took the place; zero where it was not built by a Plan
	Previous string    // the file that it replaced; "" where there is none
}

// Plan is what is to be built.
type Plan struct {
	Spaces pipeline.Spaces
	// Settings tell apart what the spaces do not: a fingerprint of how
	// documents become points. An unfinished build of other settings is not
	// gone on with.
	Settings string
	Run      string // unique, of the run that begins
	Reason   string // for people
}

// Build is a file that is being built.
type Build struct {
	Path    string
	Resumed bool // it was begun by another run
	Since   time.Time
	Run     string // that began it
	Reason  string // for which it was begun
}

const (
	buildKey = "build" // in the table meta
	// beginTries bounds how often another run takes the number first.
	beginTries = 100
)

// buildNote is what a build says of itself.
type buildNote struct {
	Since     time.Time `json:"since"`
	Run       string    `json:"run"`
	Reason    string    `json:"reason"`
	Settings  string    `json:"settings"`
	Published time.Time `json:"published,omitzero"`
}

// NewPublisher returns the publisher of the file options.Path. It opens
// nothing. isDead says of the holder of a lease whether it is known to be dead,
// so that nobody waits for it; it may be nil.
func NewPublisher(options Options, isDead func(pipeline.Holder) bool) (*Publisher, error) {
	x, err := New(options)
	if err != nil {
		return nil, err
	}
	if isDead == nil {
		isDead = func(pipeline.Holder) bool { return false }
	}
	return &Publisher{options: x.options, isDead: isDead}, nil
}

// Close does nothing: between two calls no file is open.
func (*Publisher) Close() error { return nil }

// index returns the index of a file of the publisher's.
func (p *Publisher) index(path string) *Index {
	options := p.options
	options.Path = path
	return &Index{options: options, lot: recentRows}
}

func (p *Publisher) previous() string  { return p.options.Path + ".previous" }
func (p *Publisher) switching() string { return p.options.Path + ".switching" }

func (p *Publisher) buildPath(n int) string { return p.options.Path + ".build-" + strconv.Itoa(n) }

// Current returns the file that readers use, and whether there is one.
func (p *Publisher) Current(ctx context.Context) (Published, bool, error) {
	if err := p.recoverSwitch(); err != nil {
		return Published{}, false, err
	}
	found, ok, err := p.read(ctx, p.options.Path)
	if err != nil || !ok {
		return Published{}, false, err
	}
	out := Published{
		Path: p.options.Path, Spaces: found.spaces, Points: found.points,
		Settings: found.note.Settings, Since: found.note.Published,
	}
	if exists(p.previous()) {
		out.Previous = p.previous()
	}
	return out, true, nil
}

// Resume returns the newest unfinished build that fits the plan, if there is
// one. Another run may be at it: whoever goes on takes its lease first.
func (p *Publisher) Resume(ctx context.Context, plan Plan) (Build, bool, error) {
	paths, err := p.builds()
	if err != nil {
		return Build{}, false, err
	}
	for _, path := range slices.Backward(paths) {
		found, ok, err := p.read(ctx, path)
		if err != nil {
			return Build{}, false, err
		}
		if ok && found.fits(plan) {
			n := found.note
			return Build{Path: path, Resumed: true, Since: n.Since, Run: n.Run, Reason: n.Reason}, true, nil
		}
	}
	return Build{}, false, nil
}

// Begin returns the build to fill: an unfinished one that fits the plan, else
// a new file. While another run is at a build that does not fit, it returns
// an error of class Fatal that wraps [pipeline.ErrBusy]. Readers see nothing
// of a build. It is filled by an [Index] of its path, which is closed before
// [Publisher.Verify] and [Publisher.Switch].
func (p *Publisher) Begin(ctx context.Context, plan Plan) (Build, error) {
	for range beginTries {
		build, ok, err := p.Resume(ctx, plan)
		if err != nil || ok {
			return build, err
		}
		path, ok, err := p.place(ctx, plan)
		if err != nil {
			return Build{}, err
		}
		if ok {
			build, ok, err = p.create(ctx, path, plan)
		}
		if err != nil || ok {
			return build, err
		}
		// Another run was faster: what it made fits, or is passed over.
	}
	return Build{}, p.index(p.options.Path).fail("build beside", fmt.Errorf("other runs were faster %d times", beginTries))
}

// place returns a file that is no build yet: one that was made by a run that
// died, or that is about to make a build of it, else a new one. Of the runs
// that are at one of them a single one makes the build. It reports false when
// there is a build that fits by now, or another run made the new file.
func (p *Publisher) place(ctx context.Context, plan Plan) (path string, ok bool, err error) {
	paths, err := p.builds()
	if err != nil {
		return "", false, err
	}
	for _, there := range paths {
		found, made, err := p.read(ctx, there)
		switch {
		case err != nil:
			return "", false, err
		case made && found.fits(plan):
			return "", false, nil
		case found.held:
			return "", false, p.index(there).fail("use", found.lease.busy())
		case !made:
			path = there
		}
	}
	if path != "" {
		return path, true, nil
	}
	n := 1
	for slices.Contains(paths, p.buildPath(n)) {
		n++
	}
	// The system makes one file of a name; SQLite takes an empty one.
	path = p.buildPath(n)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) //nolint:gosec // as SQLite makes its files
	if errors.Is(err, fs.ErrExist) {
		return "", false, nil
	}
	if err == nil {
		err = f.Close()
	}
	return path, err == nil, p.index(path).fail("create", err)
}

// create makes a build of a file, in one step with its note, and reports false
// when another run did so first.
func (p *Publisher) create(ctx context.Context, path string, plan Plan) (build Build, made bool, err error) {
	note := buildNote{Since: time.Now().UTC(), Run: plan.Run, Reason: plan.Reason, Settings: plan.Settings}
	x := p.index(path)
	made, err = x.prepare(ctx, plan.Spaces, &note)
	if err := errors.Join(err, x.Close()); err != nil {
		if again, ok, look := p.read(ctx, path); look == nil && ok && again.note.Run != plan.Run {
			return Build{}, false, nil // it holds the other spaces of a run that was faster
		}
		return Build{}, false, err
	}
	return Build{Path: path, Since: note.Since, Run: note.Run, Reason: note.Reason}, made, nil
}

// writeNote needs Prepare first.
func (x *Index) writeNote(ctx context.Context, note buildNote) error {
	tx, err := x.begin(ctx, x.writer)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if err := x.putNote(ctx, tx, note); err != nil {
		return err
	}
	return x.failContext(ctx, "note the build in", tx.Commit())
}

func (x *Index) putNote(ctx context.Context, tx *sql.Tx, note buildNote) error {
	text, err := json.Marshal(note)
	if err != nil {
		return x.fail("note the build in", err)
	}
	return x.failContext(ctx, "note the build in", writeMeta(ctx, tx, buildKey, string(text)))
}

// found is what a file holds.
type found struct {
	spaces pipeline.Spaces
	note   buildNote // zero where there is none
	points int64
	lease  leaseRow
	held   bool // by a run that renewed it lately
}

// fits reports whether a run may go on with a build.
func (f found) fits(plan Plan) bool {
	return f.note.Run != "" && f.note.Settings == plan.Settings && f.spaces.Compatible(plan.Spaces)
}

// read looks into a file, and reports whether there is one that a run has
// prepared.
func (p *Publisher) read(ctx context.Context, path string) (out found, ok bool, err error) {
	x := p.index(path)
	if kind, err := x.look(); err != nil || kind != fileSQLite {
		return found{}, false, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	db, of, err := x.reading(ctx)
	if errors.Is(err, pipeline.ErrNoIndex) {
		return found{}, false, nil
	}
	if err != nil {
		return found{}, false, err
	}
	out.spaces = of.spaces()
	if out.points, err = x.Count(ctx); err != nil {
		return found{}, false, err
	}
	var text string
	err = db.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = ?`, buildKey).Scan(&text)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return found{}, false, x.failContext(ctx, "read", err)
	case json.Unmarshal([]byte(text), &out.note) != nil:
		out.note = buildNote{} // not ours; the file is never gone on with
	}
	if out.lease, out.held, err = readLease(ctx, db); err != nil {
		return found{}, false, x.failContext(ctx, "read", err)
	}
	out.held = out.held && out.lease.left(p.options.LeaseTerm) > 0 && !p.isDead(out.lease.holder())
	return out, true, nil
}

// builds returns the paths of the builds, oldest first.
func (p *Publisher) builds() ([]string, error) {
	folder, prefix := filepath.Split(p.options.Path + ".build-")
	if folder == "" {
		folder = "."
	}
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, p.index(p.options.Path).fail("look beside", err)
	}
	var numbers []int
	for _, e := range entries {
		digits, ok := strings.CutPrefix(e.Name(), prefix)
		n, err := strconv.Atoi(digits)
		if ok && err == nil && n > 0 && strconv.Itoa(n) == digits {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	paths := make([]string, len(numbers))
	for i, n := range numbers {
		paths[i] = p.buildPath(n)
	}
	return paths, nil
}

// checkIdle refuses a file that a run is at. One that is just being made has
// neither note nor lease yet, and is not to be taken away under its run.
func (p *Publisher) checkIdle(ctx context.Context, path string) error {
	found, ok, err := p.read(ctx, path)
	if err != nil {
		return err
	}
	if found.held {
		return p.index(path).fail("use", found.lease.busy())
	}
	if ok && found.note.Run != "" {
		return nil
	}
	info, err := os.Stat(path)
	if err == nil && time.Since(info.ModTime()) < p.options.LeaseTerm && path != p.options.Path {
		return &pipeline.Error{
			Op: path, Class: pipeline.Fatal, Hint: "wait a minute and run the same command again",
			Err: fmt.Errorf("%w: the file was made just now", pipeline.ErrBusy),
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
