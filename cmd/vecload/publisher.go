package main

import (
	"context"
	"io"
	"time"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/sqlite"
)

// publisher builds indexes beside the one that readers use.
type publisher interface {
	builder
	keeper
	io.Closer
}

// builder brings a build to the readers.
type builder interface {
	current(ctx context.Context) (published, bool, error)
	begin(ctx context.Context, what buildPlan) (build, error)
	verify(ctx context.Context, name string, points int64) error
	promote(ctx context.Context, name string) (string, error) // says what was done
}

// keeper looks after what builds leave.
type keeper interface {
	rollback(ctx context.Context) (string, error) // says what was done
	leftovers(ctx context.Context, keep int) ([]leftover, error)
	prune(ctx context.Context, keep int) ([]string, error)
	drop(ctx context.Context, names ...string) ([]string, error)
}

// published is what readers use.
type published struct {
	name     string
	spaces   pipeline.Spaces
	settings string
	previous string // "" where there is none
}

// buildPlan is what is to be built.
type buildPlan struct {
	spaces                pipeline.Spaces
	settings, run, reason string
}

// build is an index that is being built.
type build struct {
	name    string
	resumed bool
	since   time.Time
}

// leftover is a build that no run is at.
type leftover struct {
	Name   string    `json:"name"`
	State  string    `json:"state"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
	Points int64     `json:"points"`
	Bytes  int64     `json:"bytes"`
}

// publisher of the configured index.
func (a assembly) publisher() (publisher, error) {
	if q := a.config.Index.Qdrant; q != nil {
		p, err := qdrant.NewPublisher(a.qdrantOptions(q, false), isDead)
		return qdrantPublisher{p}, err
	}
	p, err := sqlite.NewPublisher(a.sqliteOptions(), isDead)
	return sqlitePublisher{p}, err
}

// named is the index configuration of a build.
func named(index configs.Index, name string) configs.Index {
	if index.Qdrant != nil {
		q := *index.Qdrant
		q.Collection = name
		index.Qdrant = &q
		return index
	}
	index.SQLite = &configs.SQLite{Path: name}
	return index
}

type qdrantPublisher struct{ *qdrant.Publisher }

func (p qdrantPublisher) current(ctx context.Context) (published, bool, error) {
	c, ok, err := p.Current(ctx)
	return published{name: c.Collection, spaces: c.Spaces, settings: c.Settings, previous: c.Previous}, ok, err
}

func (p qdrantPublisher) begin(ctx context.Context, what buildPlan) (build, error) {
	b, err := p.Begin(ctx, qdrant.Plan{Spaces: what.spaces, Settings: what.settings, Run: what.run, Reason: what.reason})
	return build{name: b.Collection, resumed: b.Resumed, since: b.Since}, err
}

func (p qdrantPublisher) verify(ctx context.Context, name string, points int64) error {
	return p.Verify(ctx, name, points)
}

func (p qdrantPublisher) promote(ctx context.Context, name string) (string, error) {
	m, err := p.Switch(ctx, name)
	return m.String(), err
}

func (p qdrantPublisher) rollback(ctx context.Context) (string, error) {
	m, err := p.Rollback(ctx)
	return m.String(), err
}

func (p qdrantPublisher) leftovers(ctx context.Context, keep int) ([]leftover, error) {
	all, err := p.Leftovers(ctx, keep)
	out := make([]leftover, len(all))
	for i, l := range all {
		out[i] = leftover{Name: l.Collection, State: string(l.State), Since: l.Since, Reason: l.Reason, Points: l.Points, Bytes: l.Bytes}
	}
	return out, err
}

func (p qdrantPublisher) prune(ctx context.Context, keep int) ([]string, error) {
	return p.Prune(ctx, keep)
}

func (p qdrantPublisher) drop(ctx context.Context, names ...string) ([]string, error) {
	return p.Drop(ctx, names...)
}

type sqlitePublisher struct{ *sqlite.Publisher }

func (p sqlitePublisher) current(ctx context.Context) (published, bool, error) {
	c, ok, err := p.Current(ctx)
	return published{name: c.Path, spaces: c.Spaces, settings: c.Settings, previous: c.Previous}, ok, err
}

func (p sqlitePublisher) begin(ctx context.Context, what buildPlan) (build, error) {
	b, err := p.Begin(ctx, sqlite.Plan{Spaces: what.spaces, Settings: what.settings, Run: what.run, Reason: what.reason})
	return build{name: b.Path, resumed: b.Resumed, since: b.Since}, err
}

func (p sqlitePublisher) verify(ctx context.Context, name string, points int64) error {
	return p.Verify(ctx, name, points)
}

func (p sqlitePublisher) promote(ctx context.Context, name string) (string, error) {
	m, err := p.Switch(ctx, name)
	return m.String(), err
}

func (p sqlitePublisher) rollback(ctx context.Context) (string, error) {
	m, err := p.Rollback(ctx)
	return m.String(), err
}

func (p sqlitePublisher) leftovers(ctx context.Context, keep int) ([]leftover, error) {
	all, err := p.Leftovers(ctx, keep)
	out := make([]leftover, len(all))
	for i, l := range all {
		out[i] = leftover{Name: l.Path, Since: l.Since, Reason: l.Reason, Points: l.Points, Bytes: l.Bytes, State: "superseded"}
		if l.Building {
			out[i].State = "building"
		}
	}
	return out, err
}

func (p sqlitePublisher) prune(ctx context.Context, keep int) ([]string, error) {
	return p.Prune(ctx, keep)
}

func (p sqlitePublisher) drop(ctx context.Context, names ...string) ([]string, error) {
	return p.Drop(ctx, names...)
}
