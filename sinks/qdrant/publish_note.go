package qdrant

import (
	"context"
	"strings"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

const (
	// publishKey is ours in a collection's metadata.
	publishKey = "vecload_publish"

	// buildSeparator stands between alias and moment. A name of one alias may
	// begin like that of another one, which is why the note counts.
	buildSeparator = "__"
	// buildTime is the moment in the names, with a point that they leave out.
	buildTime = "20060102T150405.000Z"
)

// BuildState says how far a collection got that was built for an alias.
type BuildState string

// The states, as the notes have them. What the alias stands for is published
// whatever its note says.
const (
	Building   BuildState = "building"    // is being filled, or was when its run died
	Current    BuildState = "published"   // the alias stands for it, or did
	Superseded BuildState = "superseded"  // another was published after it
	RolledBack BuildState = "rolled back" // the one before it was published again
)

// note is what a collection's metadata says of its build.
type note struct {
	alias     string
	state     BuildState
	since     time.Time // begin of the build
	run       string
	reason    string
	settings  string
	published time.Time // zero: never
	previous  string    // what the alias stood for before
}

func (n note) encode() map[string]*pb.Value {
	fields := []pipeline.Field{
		{Name: "alias", Value: pipeline.String(n.alias)},
		{Name: "state", Value: pipeline.String(string(n.state))},
		{Name: "since", Value: pipeline.String(n.since.UTC().Format(time.RFC3339Nano))},
		{Name: "run", Value: pipeline.String(n.run)},
		{Name: "reason", Value: pipeline.String(n.reason)},
		{Name: "settings", Value: pipeline.String(n.settings)},
	}
	if !n.published.IsZero() {
		fields = append(fields, pipeline.Field{Name: "published", Value: pipeline.String(n.published.UTC().Format(time.RFC3339Nano))})
	}
	if n.previous != "" {
		fields = append(fields, pipeline.Field{Name: "previous", Value: pipeline.String(n.previous)})
	}
	return map[string]*pb.Value{publishKey: encodeValue(pipeline.Object(fields))}
}

// readNote returns the note of a collection, and whether there is one that
// names the alias.
func (p *Publisher) readNote(info *pb.CollectionInfo) (note, bool) {
	fields := info.GetConfig().GetMetadata()[publishKey].GetStructValue().GetFields()
	text := func(name string) string { return fields[name].GetStringValue() }
	moment := func(name string) time.Time {
		t, err := time.Parse(time.RFC3339Nano, text(name))
		if err != nil {
			return time.Time{}
		}
		return t
	}
	n := note{
		alias: text("alias"), state: BuildState(text("state")), since: moment("since"), run: text("run"),
		reason: text("reason"), settings: text("settings"), published: moment("published"), previous: text("previous"),
	}
	return n, n.alias == p.alias
}

func (p *Publisher) writeNote(ctx context.Context, name string, n note) error {
	return p.index.setMetadata(ctx, name, n.encode())
}

// buildName is the name of a build that began at a moment.
func (p *Publisher) buildName(at time.Time) string {
	return p.alias + buildSeparator + strings.Replace(at.UTC().Format(buildTime), ".", "", 1)
}

// builtAt reads the moment in a name.
func (p *Publisher) builtAt(name string) (time.Time, bool) {
	text, ok := strings.CutPrefix(name, p.alias+buildSeparator)
	digits := len("20060102T150405")
	if !ok || len(text) != len(buildTime)-1 {
		return time.Time{}, false
	}
	at, err := time.Parse(buildTime, text[:digits]+"."+text[digits:])
	return at, err == nil
}
