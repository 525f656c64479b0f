package qdrant

import (
	"context"
	"errors"
	"fmt"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// Move is a change of what the alias stands for.
type Move struct {
	Alias string
	From  string // "" where there was no alias
	To    string
}

// String says in one line what is done.
func (m Move) String() string {
	if m.From == "" {
		return fmt.Sprintf("alias %s: %s", m.Alias, m.To)
	}
	return fmt.Sprintf("alias %s: %s -> %s", m.Alias, m.From, m.To)
}

// Verify returns an error of class Fatal that names all that is missing, unless
// a build has exactly so many points, the optimizer has nothing left to do,
// no indexing is deferred, and every payload index of Options.Tuning is there.
func (p *Publisher) Verify(ctx context.Context, collection string, points int64) error {
	info, _, err := p.own(ctx, collection)
	if err != nil {
		return err
	}
	if info == nil {
		return p.index.gone(collection)
	}
	var problems []string
	n, err := p.index.countIn(ctx, collection)
	if err != nil {
		return err
	}
	if n != points {
		problems = append(problems, fmt.Sprintf("it has %d points, and %d are expected", n, points))
	}
	if _, deferred := deferredThreshold(info); deferred {
		problems = append(problems, "its indexing is deferred")
	}
	if s := stateOf(info); !s.done() {
		problems = append(problems, "its optimizer has not finished ("+s.String()+")")
	}
	missing, wrong := p.index.comparePayload(info)
	for _, field := range missing {
		problems = append(problems, fmt.Sprintf("the payload field %q has no index", field))
	}
	problems = append(problems, wrong...)
	if len(problems) == 0 {
		return nil
	}
	return &pipeline.Error{
		Op: p.index.address.String() + "/collections/" + collection, Class: pipeline.Fatal,
		Hint: "readers still use what they used; run the same command again, which goes on with this build", Err: incomplete(problems),
	}
}

// Switch makes the alias stand for a build, in one step of the server's: each
// request of a reader is answered by the old collection or by the new one,
// none by neither. The old one stays and is noted as the one before, for
// [Publisher.Rollback]. It refuses a build when a newer one was published
// meanwhile. A second call does nothing.
func (p *Publisher) Switch(ctx context.Context, collection string) (Move, error) {
	current, err := p.target(ctx)
	if err != nil {
		return Move{}, err
	}
	info, n, err := p.own(ctx, collection)
	if err != nil {
		return Move{}, err
	}
	if info == nil {
		return Move{}, p.index.gone(collection)
	}
	if current == collection {
		// The run died, or lost the answer, before it could note so.
		return Move{Alias: p.alias, From: n.previous, To: collection}, p.noteMoved(ctx, n.previous, collection, Superseded)
	}
	number, _ := p.buildNumber(collection)
	if newer, _ := p.buildNumber(current); newer > number {
		return Move{}, &pipeline.Error{
			Op: p.index.place(), Class: pipeline.Fatal,
			Hint: "run the same command again to build from what is published now, or drop the older build",
			Err:  fmt.Errorf("collection %s is older than %s, which was published meanwhile", collection, current),
		}
	}
	return p.move(ctx, current, collection, Superseded)
}

// RollbackMove says what [Publisher.Rollback] would do. Where there is nothing
// to go back to it returns an error of class Misconfigured.
func (p *Publisher) RollbackMove(ctx context.Context) (Move, error) {
	current, err := p.target(ctx)
	if err != nil {
		return Move{}, err
	}
	const hint = "run vecload run --rebuild to build and publish anew"
	if current == "" {
		return Move{}, p.index.refuse("nothing was published under this alias", "run vecload run first")
	}
	info, err := p.index.collectionInfo(ctx, current)
	if err != nil {
		return Move{}, err
	}
	n, ok := p.readNote(info)
	if !ok || n.previous == "" {
		return Move{}, p.index.refuse(fmt.Sprintf("collection %s has none before it to go back to", current), hint)
	}
	previous, err := p.index.collectionInfo(ctx, n.previous)
	if err != nil {
		return Move{}, err
	}
	if previous == nil {
		return Move{}, p.index.refuse(fmt.Sprintf("collection %s, which was published before %s, was dropped", n.previous, current), hint)
	}
	return Move{Alias: p.alias, From: current, To: n.previous}, nil
}

// Rollback makes the alias stand for what it stood for before, in one step as
// [Publisher.Switch] does. The collection that it leaves becomes the one
// before, so that a second Rollback undoes the first.
func (p *Publisher) Rollback(ctx context.Context) (Move, error) {
	m, err := p.RollbackMove(ctx)
	if err != nil {
		return Move{}, err
	}
	return p.move(ctx, m.From, m.To, RolledBack)
}

// move notes what comes before, moves the alias, and notes what became of
// both. The alias is the only thing that counts: who dies in between leaves
// notes that are late.
func (p *Publisher) move(ctx context.Context, from, to string, left BuildState) (Move, error) {
	if err := p.notePrevious(ctx, to, from); err != nil {
		return Move{}, err
	}
	there, err := p.exists(ctx, to)
	if err != nil {
		return Move{}, err
	}
	if !there {
		return Move{}, p.index.gone(to)
	}
	// One action and no other: what was done of several before one failed
	// would stay done. Creating an alias that exists moves it.
	err = p.index.repeat(ctx, "move the alias", func(ctx context.Context) error {
		return p.index.client.UpdateAliases(ctx, []*pb.AliasOperations{pb.NewAliasCreate(p.alias, to)})
	})
	if err != nil {
		return Move{}, err
	}
	now, err := p.target(ctx)
	if err != nil {
		return Move{}, err
	}
	if now != to {
		return Move{}, p.index.fail("move the alias", errors.New("the alias stands for "+now+
			", since somebody else moved it in the same moment"))
	}
	return Move{Alias: p.alias, From: from, To: to}, p.noteMoved(ctx, from, to, left)
}

// notePrevious writes which collection comes before another one. A collection
// without a note was not built by vecload, and gets none.
func (p *Publisher) notePrevious(ctx context.Context, name, previous string) error {
	info, err := p.index.collectionInfo(ctx, name)
	if err != nil {
		return err
	}
	n, ok := p.readNote(info)
	if !ok || n.previous == previous {
		return nil
	}
	n.previous = previous
	return p.writeNote(ctx, name, n)
}

// noteMoved notes a move that was made.
func (p *Publisher) noteMoved(ctx context.Context, from, to string, left BuildState) error {
	for name, state := range map[string]BuildState{to: Current, from: left} {
		if name == "" {
			continue // there was no alias
		}
		info, err := p.index.collectionInfo(ctx, name)
		if err != nil {
			return err
		}
		n, ok := p.readNote(info)
		if !ok || n.state == state {
			continue
		}
		n.state = state
		if state == Current {
			n.published = time.Now().UTC()
		}
		if err := p.writeNote(ctx, name, n); err != nil {
			return err
		}
	}
	return nil
}
