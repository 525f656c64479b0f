package pipeline

import (
	"sync"
	"sync/atomic"
)

// Rejection is a document that will never succeed, with the reason.
type Rejection struct {
	Document Document
	Err      error // of class Rejected
	// Held is what the index held of the document, other than the document
	// says, before any of it was written.
	Held []Held
}

// Held is a point that an index holds in the place of one that is to be.
type Held struct {
	Vector string
	Chunk  int
	Made   Made
}

// tracked is a document on its way through the run. It is settled once:
// written when the index has its last chunk, rejected when one of its chunks
// can never be embedded.
type tracked struct {
	Document

	known bool   // the index holds a point of it
	kind  kind   // what becomes of it
	tails []tail // points that it has no chunks for any more
	held  []Held // points that differ

	room  *room        // what it takes is given back there
	bytes int          // that it takes without its image
	image atomic.Int64 // bytes, until nobody asks for it
	share int          // of all that it takes, of each of its chunks

	left     atomic.Int32 // chunks that the index does not have yet
	unmade   atomic.Int32 // chunks that have no vector yet, and may be refused
	rejected atomic.Bool
}

// kind is what a run does to a document.
type kind uint8

const (
	isNew       kind = iota
	isChanged        // some of it is embedded again, or removed
	isUpdated        // it differs beside its vectors only
	isUnchanged      // the index holds it as it is
)

// tail is a range of chunk numbers, the last one excluded.
type tail struct {
	vector   string
	from, to int
}

// leave notes a tail of the document.
func (d *tracked) leave(vector string, from, to int) {
	for i := range d.tails {
		if d.tails[i].vector == vector {
			d.tails[i].to = max(d.tails[i].to, to)
			return
		}
	}
	d.tails = append(d.tails, tail{vector, from, to})
}

// made tells that a chunk has its vector or was refused. After the last one
// nobody asks for the image any more, not even a reject: a document that waits
// to be written would hold megabytes for nothing.
func (d *tracked) made() {
	if d.unmade.Add(-1) == 0 {
		d.Image = Image{}
		d.room.give(int(d.image.Swap(0)))
	}
}

// settle gives back what the document takes.
func (d *tracked) settle() { d.room.give(d.bytes + int(d.image.Swap(0))) }

// ledger settles documents and counts them.
type ledger struct {
	counters *Counters
	limit    *RejectLimit
	stop     func() // is called once the limit is exceeded

	mutex  sync.Mutex // calls to reject come one at a time
	reject func(Rejection) error
	exempt int64        // rejected, and not counted by the limit
	over   *RejectsSeen // nil while the limit is kept
}

// count settles a document that the index has as it should be.
func (l *ledger) count(d *tracked) {
	d.settle()
	switch d.kind {
	case isUnchanged:
		l.counters.Unchanged.Add(1)
		return
	case isNew:
		l.counters.New.Add(1)
	case isChanged:
		l.counters.Changed.Add(1)
	case isUpdated:
		l.counters.Updated.Add(1)
	}
	l.counters.Written.Add(1)
}

// fail rejects a document once, however many of its chunks fail.
func (l *ledger) fail(d *tracked, err error) error {
	if d.rejected.Swap(true) {
		return nil
	}
	defer d.settle()
	return l.refuse(Rejection{Document: d.Document, Err: err, Held: d.held})
}

func (l *ledger) refuse(r Rejection) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.reject != nil {
		if err := l.reject(r); err != nil {
			return err
		}
	}
	l.counters.Rejected.Add(1)
	if l.limit != nil && l.limit.Exempt != nil && l.limit.Exempt(r.Err) {
		l.exempt++
	}
	l.judge(false)
	return nil
}

// judge stops the run when it has rejected too much.
func (l *ledger) judge(whole bool) {
	seen := l.seen()
	if l.over != nil || !l.limit.exceeded(seen.Rejected, seen.Read, whole) {
		return
	}
	l.over = &seen
	if l.stop != nil {
		l.stop()
	}
}

func (l *ledger) seen() RejectsSeen {
	return RejectsSeen{Rejected: l.counters.Rejected.Load() - l.exempt, Read: l.counters.Read.Load() - l.exempt}
}

// tooMany judges the whole corpus when it was read to its end. The error has
// the numbers of the report, to which what was in flight has added.
func (l *ledger) tooMany(whole bool) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if whole {
		l.judge(true)
	}
	if l.over == nil {
		return nil
	}
	return &Error{
		Class: Fatal,
		Hint:  "see the rejects, mend what is wrong, and run the same command again; or allow more",
		Err:   &TooManyRejectsError{RejectsSeen: l.seen(), Limit: *l.limit},
	}
}
