package qdrant

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

const (
	// publishKey is ours in a collection's metadata.
	publishKey = "vecload_publish"

	// buildSeparator stands between alias and number. A name of one alias may
	// begin like that of another one, which is why the note counts.
	buildSeparator = "__"
	// numberDigits pad the numbers, so that names sort by age.
	numberDigits = 6
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

// buildName is the name of the n-th build.
func (p *Publisher) buildName(n int) string {
	return fmt.Sprintf("%s%s%0*d", p.alias, buildSeparator, numberDigits, n)
}

// buildNumber reads the number in a name.
func (p *Publisher) buildNumber(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, p.alias+buildSeparator)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	return int(n), err == nil && name == p.buildName(int(n))
}
