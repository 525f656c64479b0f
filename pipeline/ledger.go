package pipeline

import (
	"sync"
	"sync/atomic"
)

// Rejection is a document that will never succeed, with the reason.
type Rejection struct {
	Document Document
	Err      error // of class Rejected
}

// tracked is a document on its way through the run. It is settled once:
// written when the index has its last chunk, rejected when one of its chunks
// can never be embedded.
type tracked struct {
	Document

	known bool   // the index holds a point of it
	kind  kind   // what becomes of it
	tails []tail // points that it has no chunks for any more

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
	}
}

// ledger settles documents and counts them.
type ledger struct {
	counters *Counters

	mutex  sync.Mutex // calls to reject come one at a time
	reject func(Rejection) error
}

// count settles a document that the index has as it should be.
func (l *ledger) count(d *tracked) {
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
	return l.refuse(Rejection{Document: d.Document, Err: err})
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
	return nil
}
