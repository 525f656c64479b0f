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

	left     atomic.Int32 // chunks that the index does not have yet
	unmade   atomic.Int32 // chunks that have no vector yet, and may be refused
	rejected atomic.Bool
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

// written tells that the index has one more chunk of a document. A document
// with a rejected chunk never has all of them.
func (l *ledger) written(d *tracked) {
	if d.left.Add(-1) == 0 {
		l.counters.Written.Add(1)
	}
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
