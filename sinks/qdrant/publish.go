package qdrant

import (
	"context"
	"fmt"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/vecload/vecload/pipeline"
)

// Publisher builds collections beside the one that readers use, and moves
// their alias. Options.Collection is the alias.
//
// # Collections
//
// The alias docs stands for one of the collections docs__000001, docs__000002
// and so on: the alias, two underscores, and a number that is one higher than
// that of any other, so that they sort by age. The server makes one collection
// of a name, so two runs never build in the same one by mistake.
//
// What vecload knows of each stands in its metadata under "vecload_publish":
//
//	{"alias": "docs", "state": "building", "since": …, "run": …, "reason": …, "settings": …}
//	{"alias": "docs", "state": "published", …, "published": …, "previous": "docs__000001"}
//
// The alias alone says which one is read; the note of that one says which one
// was read before. So a run that dies between two steps leaves nothing that is
// contradictory.
//
// # A build
//
// [Publisher.Begin] returns the collection to fill: that of an unfinished
// build that fits, or a new one. It is written to by an [Index] of its name,
// which lends it to one run at a time. Then [Index.WaitIndexed],
// [Publisher.Verify], [Publisher.Switch] and [Publisher.Prune].
//
// Its methods may be called from several goroutines at once; of several
// processes that switch one alias the last wins.
type Publisher struct {
	index  *Index
	alias  string
	isDead func(pipeline.Holder) bool
}

// Published is the collection that readers use.
type Published struct {
	Collection string
	Spaces     pipeline.Spaces // nil: the collection has no stamp of vecload
	Settings   string          // as [Plan] had them; "" where vecload did not build the collection by a Plan
	Points     int64           // exact
	Since      time.Time       // when the alias was moved to it; zero where that is not known
	Previous   string          // what readers used before; "" where that is not known
}

// NewPublisher returns the publisher of the alias options.Collection. It
// connects to nothing. isDead says of the holder of a lease whether it is known
// to be dead, so that nobody waits for it; it may be nil.
func NewPublisher(options Options, isDead func(pipeline.Holder) bool) (*Publisher, error) {
	if err := checkCollection(options.Collection + buildSeparator + "0123456789"); err != nil {
		return nil, err
	}
	index, err := New(options)
	if err != nil {
		return nil, err
	}
	if isDead == nil {
		isDead = func(pipeline.Holder) bool { return false }
	}
	return &Publisher{index: index, alias: options.Collection, isDead: isDead}, nil
}

// Close ends the connections. A second call does nothing.
func (p *Publisher) Close() error { return p.index.Close() }

// Current returns the collection behind the alias, and whether there is one.
// A collection that has the name of the alias is an error of class
// Misconfigured: Qdrant has either.
func (p *Publisher) Current(ctx context.Context) (Published, bool, error) {
	name, err := p.target(ctx)
	if err != nil || name == "" {
		return Published{}, false, err
	}
	info, err := p.index.collectionInfo(ctx, name)
	if err != nil {
		return Published{}, false, err
	}
	if info == nil {
		return Published{}, false, p.index.gone(name)
	}
	spaces, _, err := p.index.readStamp(info)
	if err != nil {
		return Published{}, false, err
	}
	points, err := p.index.countIn(ctx, name)
	if err != nil {
		return Published{}, false, err
	}
	note, _ := p.readNote(info)
	return Published{
		Collection: name, Spaces: spaces, Settings: note.settings, Points: points,
		Since: note.published, Previous: note.previous,
	}, true, nil
}

// target returns what the alias stands for, "" where there is no alias, and
// refuses a server of which it cannot be told, or on which the name is taken.
func (p *Publisher) target(ctx context.Context) (string, error) {
	if err := p.index.usable(ctx); err != nil {
		return "", err
	}
	if err := p.index.checkServer(ctx); err != nil {
		return "", err
	}
	aliases, err := p.aliases(ctx)
	if err != nil {
		return "", err
	}
	for _, a := range aliases {
		if a.GetAliasName() == p.alias {
			return a.GetCollectionName(), nil
		}
	}
	taken, err := p.exists(ctx, p.alias)
	if err != nil {
		return "", err
	}
	if taken {
		return "", p.index.refuse(
			"this is a collection, and Qdrant cannot have an alias of the same name, which index.publish: alias needs",
			"give index.qdrant.collection a new name, run vecload run and have readers use that name; "+
				"or delete the collection in Qdrant, which readers then miss until the run has ended; or write index.publish: in_place")
	}
	return "", nil
}

func (p *Publisher) aliases(ctx context.Context) ([]*pb.AliasDescription, error) {
	var aliases []*pb.AliasDescription
	err := p.index.ask(ctx, "list the aliases of", func(ctx context.Context) (err error) {
		aliases, err = p.index.client.ListAliases(ctx)
		return err
	})
	if code(err) == codes.PermissionDenied {
		return nil, &pipeline.Error{
			Op: p.index.place(), Class: pipeline.Denied,
			Hint: "use a key that may manage the whole server, or write index.publish: in_place", Err: err,
		}
	}
	return aliases, err
}

// exists reports whether there is a collection, or an alias, of this name.
func (p *Publisher) exists(ctx context.Context, name string) (bool, error) {
	var yes bool
	err := p.index.ask(ctx, "look for", func(ctx context.Context) (err error) {
		yes, err = p.index.client.CollectionExists(ctx, name)
		return err
	})
	return yes, err
}

// own returns the description and the note of a collection that was built for
// the alias; nil where there is no such collection.
func (p *Publisher) own(ctx context.Context, name string) (*pb.CollectionInfo, note, error) {
	info, err := p.index.collectionInfo(ctx, name)
	if err != nil || info == nil {
		return nil, note{}, err
	}
	n, ok := p.readNote(info)
	if !ok {
		return nil, note{}, p.index.refuse(fmt.Sprintf("collection %s was not built by vecload for this alias", name),
			"name one that vecload built, such as "+p.alias+buildSeparator+"…")
	}
	return info, n, nil
}
