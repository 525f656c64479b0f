package qdrant

import (
	"context"
	"fmt"
	"slices"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// Plan is what is to be built.
type Plan struct {
	Spaces pipeline.Spaces
	// Settings tell apart what the spaces do not: a fingerprint of how
	// documents become points, such as that of the chunking. An unfinished
	// build of other settings is not gone on with.
	Settings string
	Run      string // unique, of the run that begins
	Reason   string // for people, such as "the model changed"
}

// Build is a collection that is being built.
type Build struct {
	Collection string
	Resumed    bool // it was begun by another run
	Since      time.Time
	Run        string // that began it
	Reason     string // for which it was begun
}

// beginTries bounds how often another run takes the number first.
const beginTries = 20

// Resume returns the newest unfinished build that fits the plan, if there is
// one. Another run may be at it: whoever goes on takes the lease of its
// collection first.
func (p *Publisher) Resume(ctx context.Context, plan Plan) (Build, bool, error) {
	builds, current, err := p.builds(ctx)
	if err != nil {
		return Build{}, false, err
	}
	for _, b := range slices.Backward(builds) {
		if b.name != current && p.fits(b, plan) {
			return b.as(true), true, nil
		}
	}
	return Build{}, false, nil
}

// Begin returns the build to fill: an unfinished one that fits the plan, else
// a new collection with the settings of Options.Tuning. While another run is
// at a build that does not fit, it returns an error of class Fatal that wraps
// [pipeline.ErrBusy]; to find out that a run is dead takes up to the term of a
// lease. It moves no alias, so readers see nothing of a build. The [Index] that
// fills it has the same Options but for the name: its Prepare makes the payload
// indexes and defers the indexing.
func (p *Publisher) Begin(ctx context.Context, plan Plan) (Build, error) {
	if err := p.index.checkSpaces(plan.Spaces); err != nil {
		return Build{}, err
	}
	for range beginTries {
		build, done, err := p.beginOnce(ctx, plan)
		if err != nil || done {
			return build, err
		}
	}
	return Build{}, p.index.fail("create a collection beside", fmt.Errorf("other runs were faster %d times", beginTries))
}

// beginOnce reports false when another run took the number of the new build.
func (p *Publisher) beginOnce(ctx context.Context, plan Plan) (build Build, done bool, err error) {
	if build, ok, err := p.Resume(ctx, plan); err != nil || ok {
		return build, ok, err
	}
	builds, current, err := p.builds(ctx)
	if err != nil {
		return Build{}, false, err
	}
	last := 0
	for _, b := range builds {
		// Also what was dropped is not used again while something refers to it.
		before, _ := p.buildNumber(b.note.previous)
		last = max(last, b.number, before)
		if b.name == current || b.note.state != Building {
			continue
		}
		if p.fits(b, plan) {
			return Build{}, false, nil // it was begun just now: gone on with at the next try
		}
		holder, held, err := p.holder(ctx, b.name, b.info)
		if err != nil {
			return Build{}, false, err
		}
		if held {
			return Build{}, false, p.busy(b.name, holder)
		}
	}
	return p.create(ctx, plan, last+1)
}

// create makes the n-th build. The server makes one collection of a name, so
// of runs that begin at once one makes it, and the others find it there.
func (p *Publisher) create(ctx context.Context, plan Plan, n int) (build Build, made bool, err error) {
	name := p.buildName(n)
	since := time.Now().UTC()
	own := note{alias: p.alias, state: Building, since: since, run: plan.Run, reason: plan.Reason, settings: plan.Settings}
	info, err := p.index.create(ctx, name, plan.Spaces, own.encode())
	if err != nil {
		return Build{}, false, err
	}
	got, ok := p.readNote(info)
	if !ok {
		return Build{}, false, p.index.refuse(fmt.Sprintf("collection %s is there, and vecload did not build it", name),
			"delete it in Qdrant, or rename the alias")
	}
	if got.run != plan.Run || !got.since.Equal(since) {
		return Build{}, false, nil
	}
	return Build{Collection: name, Since: since, Run: plan.Run, Reason: plan.Reason}, true, nil
}

// fits reports whether a run may go on with a build.
func (p *Publisher) fits(b built, plan Plan) bool {
	if b.note.state != Building || b.note.settings != plan.Settings {
		return false
	}
	spaces, ok, err := p.index.readStamp(b.info)
	if err != nil || !ok || !spaces.Compatible(plan.Spaces) {
		return false
	}
	// What cannot be changed any more has to be as it is asked for now.
	for _, d := range p.index.options.Tuning.differences(b.info) {
		if d.change == nil {
			return false
		}
	}
	return true
}

// built is a collection that was built for the alias.
type built struct {
	name   string
	number int
	info   *pb.CollectionInfo
	note   note
}

func (b built) as(resumed bool) Build {
	return Build{Collection: b.name, Resumed: resumed, Since: b.note.since, Run: b.note.run, Reason: b.note.reason}
}
