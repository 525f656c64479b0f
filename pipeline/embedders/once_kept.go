package embedders

import (
	"crypto/sha256"

	"github.com/vecload/vecload/pipeline"
)

// kept has texts and their vectors in a bounded number of places. Who needs one
// goes from place to place and takes the first whose text was not asked for
// since he came by last, or the time before for each time that it was (the
// clock algorithm): what comes again often outlives what comes once.
type kept struct {
	bytes int
	dim   int // of the vectors, 0 before the first
	list  []*known
	hand  int // the place to look at next
}

const (
	// mostUses bounds how often a text is passed over after it was asked for.
	mostUses = 3
	// keptBeside is what a text takes beside its vector and its proof.
	keptBeside = 200
)

// places is how many texts there may be.
func (k *kept) places() int { return k.bytes / (4*k.dim + proofMost + keptBeside) }

// add keeps a text, whose proof is prepared, with a copy of its vector. drop is
// told what is not kept any more, and leaves its memory to the next.
func (k *kept) add(added *known, text string, vector pipeline.Vector, drop func(*known)) {
	if k.dim != len(vector) { // no place has its size
		for _, old := range k.list {
			drop(old)
		}
		k.list, k.hand, k.dim = nil, 0, len(vector)
	}
	switch {
	case k.places() == 0:
		drop(added)
		return
	case len(k.list) < k.places():
		k.list = append(k.list, added)
	default:
		old := k.turn()
		added.vector, old.vector = old.vector, added.vector
		added.proof.text, old.proof.text = old.proof.text, added.proof.text
		k.list[k.hand] = added
		k.hand = (k.hand + 1) % len(k.list)
		drop(old)
	}
	added.vector = append(added.vector[:0], vector...)
	added.proof.set(text)
}

// turn brings the hand to a text that may go.
func (k *kept) turn() *known {
	for {
		text := k.list[k.hand]
		if text.uses == 0 {
			return text
		}
		text.uses = min(text.uses, mostUses) - 1
		k.hand = (k.hand + 1) % len(k.list)
	}
}

// proofMost is the length of the longest text that is kept as it is: comparing
// it costs less than a digest.
const proofMost = 1 << 10

// proof tells one text from all others.
type proof struct {
	length int
	text   []byte   // if it is not long
	sum    [32]byte // the SHA-256 of a long one
}

// prepare computes what takes long.
func (p *proof) prepare(text string) {
	if len(text) > proofMost {
		p.sum = sha256.Sum256([]byte(text))
	}
}

// set makes it that of a text for which it is prepared.
func (p *proof) set(text string) {
	p.length, p.text = len(text), p.text[:0]
	if len(text) <= proofMost {
		p.text = append(p.text, text...)
	}
}

// of reports whether it is that of a text.
func (p *proof) of(text string) bool {
	if p.length != len(text) {
		return false
	}
	if len(text) <= proofMost {
		return string(p.text) == text
	}
	return p.sum == sha256.Sum256([]byte(text))
}
