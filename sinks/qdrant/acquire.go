package qdrant

import (
	"context"
	"strconv"
	"time"

	"github.com/vecload/vecload/pipeline"
)

const (
	// defaultTerm is long enough for a server that optimises or restarts.
	defaultTerm = 30 * time.Second

	// A holder renews its lease every third of the term, so that two may
	// fail. Others look a twentieth apart, and give it a tenth more than its
	// term: that is for the difference of two clocks' rates, and for a change
	// on its way.
	renewals = 3
	looks    = 20
	slack    = 10

	// withdrawal bounds how long a run that gives up takes its claim away.
	withdrawal = 5 * time.Second
)

// Acquire implements [pipeline.Leaser].
//
// The server merges metadata and compares nothing, so a lease is taken in
// two steps. A run puts up a claim under a key of its own, then reads all
// claims, and is served only if it sees no other. Of two that ask at the same
// moment the one whose claim comes later sees the other's, so they are never
// both served. When each sees the other's, the larger name withdraws and the
// smaller waits for that.
//
// A claim is dead when its holder was not seen to change it for its term, on
// the clock of the one who looks: clocks of different hosts are not compared.
// The holder for its part stops one term after it began its last successful
// renewal, which is always earlier.
//
// In a cluster metadata goes through the log of consensus, and a node may lag
// behind. A reading counts only if it shows the reader's own last change, for
// then it shows all that came before it.
func (x *Index) Acquire(ctx context.Context, holder pipeline.Holder, isDead func(pipeline.Holder) bool) (pipeline.Lease, error) {
	if err := x.usable(ctx); err != nil {
		return nil, err
	}
	to, err := x.prepared()
	if err != nil {
		return nil, err
	}
	if err := checkRun(holder.Run); err != nil {
		return nil, x.fail("claim", err)
	}
	term := x.options.LeaseTerm
	if term <= 0 {
		term = defaultTerm
	}
	return newAsking(x, metadata{index: x, collection: to.collection}, holder, term, isDead).serve(ctx)
}

// asking is a run that wants the lease.
type asking struct {
	index  *Index // for the words of errors
	board  board
	isDead func(pipeline.Holder) bool // may be nil
	judged map[string]bool            // by isDead: true for the dead

	own      claim
	attempts int
	put      time.Time // when the last change of the own claim was begun
	former   string    // the own claim under which the lease was had before; "" where it was not
	watched  map[string]sight
	buried   map[string]bool // dead claims that were taken away, true for those that held the lease
}

// sight is a claim of another as it was seen first.
type sight struct {
	claim claim
	at    time.Time
}

func newAsking(x *Index, b board, holder pipeline.Holder, term time.Duration, isDead func(pipeline.Holder) bool) *asking {
	return &asking{
		index: x, board: b, isDead: isDead, judged: map[string]bool{}, own: claim{holder: holder, term: term},
		watched: map[string]sight{}, buried: map[string]bool{},
	}
}

// serve watches until nobody has the lease, and then asks for it, until it is
// served or another is seen to be alive.
func (a *asking) serve(ctx context.Context) (pipeline.Lease, error) {
	for {
		if err := a.watch(ctx); err != nil {
			return nil, err
		}
		lease, err := a.contend(ctx)
		if lease != nil {
			return lease, nil
		}
		// Also when the context is done: the claim would keep others waiting.
		if undone := a.withdraw(ctx); err == nil {
			err = undone
		}
		if err != nil {
			return nil, err
		}
	}
}

// watch returns when no claim of others is left but dead ones. It has none of
// its own.
func (a *asking) watch(ctx context.Context) error {
	for {
		began := time.Now()
		seen, err := a.board.read(ctx)
		if err != nil {
			return err
		}
		others, _, alive := a.look(seen, began)
		switch {
		case alive != nil:
			return a.index.busy(*alive)
		case len(others) == 0:
			return nil
		}
		if a.judge(others) {
			continue
		}
		if err := sleep(ctx, a.own.term/looks); err != nil {
			return err
		}
	}
}

// judge asks of each holder, once, whether it is known to be dead, and reports
// whether one is. Of who only asks for the lease it does so when the claim
// stays as it is, since that is over soon where the run lives.
func (a *asking) judge(others []claim) (news bool) {
	for _, other := range others {
		if _, known := a.judged[other.name]; known || a.isDead == nil {
			continue
		}
		if !other.held && time.Since(a.watched[other.name].at) < a.own.term/looks {
			continue
		}
		a.judged[other.name] = a.isDead(other.holder)
		news = news || a.judged[other.name]
	}
	return news
}

// look returns the claims of others, of the dead ones the names, and a holder
// that was seen to renew its lease. When the reading was begun counts for how
// long a claim stayed as it is, since this run may have stood still after it.
func (a *asking) look(seen notices, began time.Time) (others []claim, dead []string, alive *pipeline.Holder) {
	for name := range a.watched {
		if _, ok := seen.claims[name]; !ok {
			delete(a.watched, name)
		}
	}
	for name, other := range seen.claims {
		if name == a.own.name {
			continue
		}
		before, known := a.watched[name]
		switch {
		case a.judged[name], known && before.claim.same(other) && began.Sub(before.at) > a.patience(other):
			dead = append(dead, name)
			continue
		case known && before.claim.held && before.claim.beat != other.beat:
			alive = &other.holder
		}
		if !known || !before.claim.same(other) {
			a.watched[name] = sight{other, time.Now()}
		}
		others = append(others, other)
	}
	return others, dead, alive
}

// patience is how long a claim may stay as it is. Its own term counts.
func (a *asking) patience(other claim) time.Duration {
	term := other.term
	if term <= 0 {
		term = a.own.term
	}
	return term + term/slack
}

// contend puts up a claim and returns the lease if no other is seen, and
// nothing if another comes first.
func (a *asking) contend(ctx context.Context) (pipeline.Lease, error) {
	a.attempts++
	a.own.name, a.own.held = a.own.holder.Run+"."+strconv.Itoa(a.attempts), false
	a.put = time.Now()
	if inTime, err := a.renew(ctx); err != nil || !inTime {
		return nil, err
	}
	for {
		began := time.Now()
		seen, err := a.board.read(ctx)
		if err != nil {
			return nil, err
		}
		if seen.claims[a.own.name].beat == a.own.beat {
			lease, done, err := a.decide(ctx, seen, began)
			if done || err != nil {
				return lease, err
			}
		}
		if time.Since(a.put) > a.own.term/renewals {
			if inTime, err := a.renew(ctx); err != nil || !inTime {
				return nil, err
			}
			continue
		}
		if err := sleep(ctx, a.own.term/looks); err != nil {
			return nil, err
		}
	}
}

// decide reports whether a reading that shows the own claim ends the asking,
// with the lease or without. Dead claims are taken away here and not while
// watching, when a node that lags behind may show a claim that was renewed.
func (a *asking) decide(ctx context.Context, seen notices, began time.Time) (pipeline.Lease, bool, error) {
	others, dead, alive := a.look(seen, began)
	if alive != nil {
		return nil, true, a.index.busy(*alive)
	}
	for _, other := range others {
		if other.held && a.former != "" {
			return nil, true, takenBy(other)
		}
		if other.held || other.name < a.own.name {
			return nil, true, nil
		}
	}
	if _, ours := a.buried[a.former]; a.former != "" && !ours && (!seen.claims[a.former].held || seen.clean) {
		return nil, true, errGone
	}
	if len(dead) > 0 {
		for _, name := range dead {
			a.buried[name] = a.buried[name] || seen.claims[name].held
		}
		return nil, false, a.board.write(ctx, change{remove: dead})
	}
	if len(others) > 0 || time.Since(a.put) > a.own.term/2 {
		return nil, false, nil
	}
	lease, err := a.hold(ctx, seen.clean)
	return lease, true, err
}

// hold makes the claim that of a holder.
func (a *asking) hold(ctx context.Context, clean bool) (pipeline.Lease, error) {
	a.own.held = true
	unfinished := false
	if inTime, err := a.change(ctx, change{put: &a.own, clean: &unfinished}); err != nil || !inTime {
		return nil, err
	}
	for _, held := range a.buried {
		clean = clean && !held
	}
	a.index.tenure.hold(a.put.Add(a.own.term))
	return &lease{
		index: a.index, board: briefly(a.board, true), own: a.own, renewed: a.put, clean: clean, buried: a.buried, attempts: a.attempts,
	}, nil
}

// renew puts the own claim up, changed.
func (a *asking) renew(ctx context.Context) (inTime bool, err error) {
	return a.change(ctx, change{put: &a.own})
}

// change puts the own claim up and reports whether it did so within a term of
// the last time. Else others may have taken the claim for dead, and may take
// it away at any time to come: its name is used no more.
func (a *asking) change(ctx context.Context, change change) (inTime bool, err error) {
	last := a.put
	a.own.beat++
	a.put = time.Now()
	err = a.board.write(ctx, change)
	return time.Since(last) < a.own.term, err
}

// withdraw takes the own claim away.
func (a *asking) withdraw(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawal)
	defer cancel()
	return a.board.write(ctx, change{remove: []string{a.own.name}})
}
