package qdrant

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// builds returns the collections that were built for the alias, oldest first,
// and what the alias stands for.
func (p *Publisher) builds(ctx context.Context) (builds []built, current string, err error) {
	if current, err = p.target(ctx); err != nil {
		return nil, "", err
	}
	var names []string
	err = p.index.ask(ctx, "list the collections beside", func(ctx context.Context) (err error) {
		names, err = p.index.client.ListCollections(ctx)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	for _, name := range names {
		number, ok := p.buildNumber(name)
		if !ok {
			continue
		}
		info, err := p.index.collectionInfo(ctx, name)
		if err != nil {
			return nil, "", err
		}
		if info == nil {
			continue // deleted meanwhile
		}
		if n, ok := p.readNote(info); ok {
			builds = append(builds, built{name: name, number: number, info: info, note: n})
		}
	}
	slices.SortFunc(builds, func(a, b built) int { return cmp.Compare(a.number, b.number) })
	return builds, current, nil
}

// Leftover is a collection that was built for the alias and that nobody needs
// any more, unless an unfinished build is gone on with.
type Leftover struct {
	Collection string
	State      BuildState
	Since      time.Time // begin of the build
	Run        string    // that began it
	Reason     string    // for which it was begun
	Points     int64     // exact
	Bytes      int64     // of the vectors, reckoned from points and dimensions; Qdrant tells no sizes over gRPC
}

// Leftovers lists, oldest first, unfinished builds and collections that were
// published once, without those that a run is at, the one that is read and
// the keep that were read before it. To find out that a run is dead takes up
// to the term of a lease.
func (p *Publisher) Leftovers(ctx context.Context, keep int) ([]Leftover, error) {
	builds, current, err := p.builds(ctx)
	if err != nil {
		return nil, err
	}
	kept := keptOf(builds, current, keep)
	var out []Leftover
	for _, b := range builds {
		if slices.Contains(kept, b.name) {
			continue
		}
		_, held, err := p.holder(ctx, b.name, b.info)
		if err != nil {
			return nil, err
		}
		if held {
			continue
		}
		points, err := p.index.countIn(ctx, b.name)
		if err != nil {
			return nil, err
		}
		left := Leftover{
			Collection: b.name, State: b.note.state, Since: b.note.since, Run: b.note.run, Reason: b.note.reason,
			Points: points, Bytes: vectorBytes(b.info, points),
		}
		if left.State == Current { // its run died before it could note the successor
			left.State = Superseded
		}
		out = append(out, left)
	}
	return out, nil
}

// keptOf returns the current collection and those that were read before it.
func keptOf(builds []built, current string, keep int) []string {
	kept := []string{current}
	for name := current; keep > 0; keep-- {
		i := slices.IndexFunc(builds, func(b built) bool { return b.name == name })
		if i < 0 || builds[i].note.previous == "" || slices.Contains(kept, builds[i].note.previous) {
			break
		}
		name = builds[i].note.previous
		kept = append(kept, name)
	}
	return kept
}

// vectorBytes takes the mean over the named vectors, since a point has one.
func vectorBytes(info *pb.CollectionInfo, points int64) int64 {
	vectors := info.GetConfig().GetParams().GetVectorsConfig().GetParamsMap().GetMap()
	var sum uint64
	for _, v := range vectors {
		sum += v.GetSize() * 4 // float32
	}
	if len(vectors) == 0 {
		return 0
	}
	return points * int64(sum) / int64(len(vectors)) //nolint:gosec // at most 65536 dimensions each
}

// Prune drops what was published once and is neither read nor among the keep
// that were read before, and returns the names. Unfinished builds stay: their
// vectors were paid for.
func (p *Publisher) Prune(ctx context.Context, keep int) ([]string, error) {
	left, err := p.Leftovers(ctx, keep)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, l := range left {
		if l.State != Building {
			names = append(names, l.Collection)
		}
	}
	return p.Drop(ctx, names...)
}

// Drop deletes collections that were built for the alias, and returns those
// that it deleted; one that is gone already is passed over. It refuses, before
// it deletes any, what vecload did not build for this alias, what an alias
// stands for, and what a run is at.
func (p *Publisher) Drop(ctx context.Context, names ...string) ([]string, error) {
	if len(names) == 0 {
		return nil, p.index.usable(ctx)
	}
	if _, err := p.target(ctx); err != nil {
		return nil, err
	}
	aliases, err := p.aliases(ctx)
	if err != nil {
		return nil, err
	}
	var there []string
	for _, name := range names {
		for _, a := range aliases {
			if a.GetCollectionName() == name || a.GetAliasName() == name {
				return nil, p.index.refuse(fmt.Sprintf("collection %s is what the alias %s stands for", a.GetCollectionName(), a.GetAliasName()),
					"move the alias to another collection first")
			}
		}
		info, _, err := p.own(ctx, name)
		if err != nil {
			return nil, err
		}
		if info == nil {
			continue
		}
		holder, held, err := p.holder(ctx, name, info)
		if err != nil {
			return nil, err
		}
		if held {
			return nil, p.busy(name, holder)
		}
		there = append(there, name)
	}
	var dropped []string
	for _, name := range there {
		if err := p.remove(ctx, name); err != nil {
			return dropped, err
		}
		dropped = append(dropped, name)
	}
	return dropped, nil
}

func (p *Publisher) remove(ctx context.Context, name string) error {
	err := p.index.repeat(ctx, "delete a collection beside", func(ctx context.Context) error {
		return p.index.client.DeleteCollection(ctx, name)
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	// The library makes an error of a collection that is not there, such as
	// one whose deletion was tried again.
	if info, look := p.index.collectionInfo(ctx, name); look == nil && info == nil {
		return nil
	}
	return err
}

// busy is the error about a build that another run is at.
func (p *Publisher) busy(name string, holder pipeline.Holder) error {
	who := "run " + holder.Run
	if holder.Host != "" {
		who += " on " + holder.Host
	}
	return &pipeline.Error{
		Op: p.index.place(), Class: pipeline.Fatal,
		Hint: "wait until the other run has ended, or end it",
		Err:  fmt.Errorf("collection %s is being built by %s since %s: %w", name, who, holder.Since.Format(time.RFC3339), pipeline.ErrBusy),
	}
}

// errStanding is what a build lacks that is not to be published.
var errStanding = errors.New("the build is not complete")

func incomplete(problems []string) error {
	return fmt.Errorf("%w: %s", errStanding, strings.Join(problems, "; "))
}
