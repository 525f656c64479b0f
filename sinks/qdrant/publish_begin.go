package qdrant

import (
	"context"
	"fmt"
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

// nameTries bounds how many names are tried when each was taken meanwhile.
const nameTries = 100

// Resume returns the newest unfinished build that fits the plan, if there is
// one. Another run may be at it: whoever goes on takes the lease of its
// collection first.
func (p *Publisher) Resume(ctx context.Context, plan Plan) (Build, bool, error) {
	builds, current, err := p.builds(ctx)
	if err != nil {
		return Build{}, false, err
	}
	for i := len(builds) - 1; i >= 0; i-- {
		if b := builds[i]; b.name != current && p.fits(b, plan) {
			return b.as(true), true, nil
		}
	}
	return Build{}, false, nil
}

// Begin returns the build to fill: an unfinished one that fits the plan, else
// a new collection with the settings of Options.Tuning. While another run is
// at a build that does not fit, it returns an error of class Fatal that wraps
// [pipeline.ErrBusy]; to find out that a run is dead takes up to the term of a
// lease. It moves no alias, so readers see nothing of a build.
func (p *Publisher) Begin(ctx context.Context, plan Plan) (Build, error) {
	if err := p.index.checkSpaces(plan.Spaces); err != nil {
		return Build{}, err
	}
	build, ok, err := p.Resume(ctx, plan)
	if err != nil || ok {
		return build, err
	}
	builds, current, err := p.builds(ctx)
	if err != nil {
		return Build{}, err
	}
	latest := time.Time{}
	for _, b := range builds {
		if b.at.After(latest) {
			latest = b.at
		}
		if b.name == current || b.note.state != Building {
			continue
		}
		holder, held, err := p.holder(ctx, b.name, b.info)
		if err != nil {
			return Build{}, err
		}
		if held {
			return Build{}, p.busy(b.name, holder)
		}
	}
	made, err := p.create(ctx, plan, latest)
	if err != nil {
		return Build{}, err
	}
	return p.yield(ctx, plan, made)
}

// create makes a collection of a name that was never used.
func (p *Publisher) create(ctx context.Context, plan Plan, latest time.Time) (Build, error) {
	now := time.Now().UTC().Truncate(time.Millisecond)
	at := now
	for range nameTries {
		if !at.After(latest) {
			at = latest.Add(time.Millisecond)
		}
		name := p.buildName(at)
		n := note{alias: p.alias, state: Building, since: now, run: plan.Run, reason: plan.Reason, settings: plan.Settings}
		info, err := p.index.create(ctx, name, plan.Spaces, n.encode())
		if err != nil {
			return Build{}, err
		}
		// Of a name that was taken the server says so, and the collection has
		// the note of another run.
		if got, ok := p.readNote(info); ok && got.run == plan.Run && got.since.Equal(now) {
			return Build{Collection: name, Since: now, Run: plan.Run, Reason: plan.Reason}, nil
		}
		latest = at
	}
	return Build{}, p.index.fail("create a collection beside", fmt.Errorf("%d names are taken", nameTries))
}

// yield gives a new build up for one that another run began in the same
// moment and that fits, too: the older name stays.
func (p *Publisher) yield(ctx context.Context, plan Plan, made Build) (Build, error) {
	builds, current, err := p.builds(ctx)
	if err != nil {
		return Build{}, err
	}
	for _, b := range builds {
		if b.name == current || !p.fits(b, plan) {
			continue
		}
		if b.name == made.Collection {
			break
		}
		if err := p.remove(ctx, made.Collection); err != nil {
			return Build{}, err
		}
		return b.as(true), nil
	}
	return made, nil
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
	name string
	at   time.Time
	info *pb.CollectionInfo
	note note
}

func (b built) as(resumed bool) Build {
	return Build{Collection: b.name, Resumed: resumed, Since: b.note.since, Run: b.note.run, Reason: b.note.reason}
}
