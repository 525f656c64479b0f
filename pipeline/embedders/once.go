package embedders

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"
	"sync"

	"github.com/vecload/vecload/pipeline"
)

// OnceBytes is how much memory [Once] uses for vectors and texts when it is not
// told: some 2,300 of 384 dimensions.
const OnceBytes = 6 << 20

// Once embeds a text once, however often it comes: boilerplate, headings and
// copies are paid for the first time only. Texts that come again while they
// are embedded wait for that; after it their vectors are kept, in a bounded
// amount of memory. A text is given up for newer ones, the later the more often
// it came, and embedded again if it comes after that. It may be used by several
// goroutines at once.
type Once struct {
	inner pipeline.Embedder
	hash  func(text string) uint64

	mutex sync.Mutex
	texts map[uint64]*known // by their hash
	kept  kept
	free  []*known // to be used again
}

// known is a text that is being embedded, or that was and is kept.
type known struct {
	hash  uint64
	found bool // by its hash; false when that is taken by another text

	// While it is embedded:
	text   string
	call   *onceCall
	wanted *outcome // for those who wait for it; nil for nobody

	// When it is kept:
	proof  proof
	vector pipeline.Vector
	uses   int
}

// is reports whether k stands for a text, of which only the hash was compared.
func (k *known) is(text string) bool {
	if k.call != nil {
		return k.text == text
	}
	return k.proof.of(text)
}

// onceCall is a call for texts that were not known before.
type onceCall struct {
	texts []*known
	made  chan struct{} // closed when they are embedded, or are not; nil while nobody waits
}

// outcome is what became of a text.
type outcome struct {
	made   <-chan struct{} // closed when the rest is known; nil when it is
	vector pipeline.Vector
	err    error // the refusal of this text
	failed bool  // the call failed for another reason: who waits has to ask
}

// NewOnce returns an embedder that uses so many bytes; 0 is [OnceBytes].
func NewOnce(inner pipeline.Embedder, bytes int) *Once {
	if bytes == 0 {
		bytes = OnceBytes
	}
	seed := maphash.MakeSeed()
	hash := func(text string) uint64 { return maphash.String(seed, text) }
	return &Once{inner: inner, hash: hash, texts: map[uint64]*known{}, kept: kept{bytes: bytes}}
}

// Embed implements [pipeline.Embedder].
func (o *Once) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	call, outcomes := o.begin(texts)
	if outcomes == nil {
		v, err := o.inner.Embed(ctx, texts)
		o.settle(call, v, err)
		return v, err // which tells of refusals what the outcomes know
	}
	if len(call.texts) > 0 {
		if err := o.some(ctx, call); err != nil {
			return pipeline.Vectors{}, err
		}
	}
	return o.gather(ctx, texts, outcomes)
}

// begin takes note of those texts that nobody embeds yet, in a call for them.
// The outcomes are those of all texts, or nil when all of them are in the call.
func (o *Once) begin(texts []string) (*onceCall, []*outcome) {
	call := &onceCall{texts: make([]*known, 0, len(texts))}
	var room [64]uint64
	hashes := room[:0]
	for _, text := range texts {
		hashes = append(hashes, o.hash(text))
	}
	var outcomes []*outcome
	o.mutex.Lock()
	defer o.mutex.Unlock()
	for i, text := range texts {
		k := o.texts[hashes[i]]
		if k == nil || !k.is(text) {
			added := o.fresh()
			added.hash, added.found, added.text, added.call = hashes[i], k == nil, text, call
			if added.found {
				o.texts[hashes[i]] = added
			}
			call.texts = append(call.texts, added)
			if outcomes != nil {
				outcomes[i] = added.awaited()
			}
			continue
		}
		if outcomes == nil {
			outcomes = make([]*outcome, len(texts))
			for j, before := range call.texts {
				outcomes[j] = before.awaited()
			}
		}
		outcomes[i] = k.awaited()
	}
	return call, outcomes
}

// fresh returns memory for one more text.
func (o *Once) fresh() *known {
	last := len(o.free) - 1
	if last < 0 {
		return &known{}
	}
	k := o.free[last]
	o.free = o.free[:last]
	return k
}

// awaited returns the outcome of a text for one who waits for it, or has it.
func (k *known) awaited() *outcome {
	if k.call == nil {
		k.uses++
		return &outcome{vector: slices.Clone(k.vector)}
	}
	if k.call.made == nil {
		k.call.made = make(chan struct{})
	}
	if k.wanted == nil {
		k.wanted = &outcome{made: k.call.made}
	}
	return k.wanted
}

// some embeds the texts of a call for which somebody waits. What is refused of
// them is told by their outcomes.
func (o *Once) some(ctx context.Context, call *onceCall) error {
	texts := make([]string, len(call.texts))
	for i, k := range call.texts {
		texts[i] = k.text
	}
	v, err := o.inner.Embed(ctx, texts)
	o.settle(call, v, err)
	if _, partial := errors.AsType[*pipeline.PartialError](err); partial || len(texts) == 1 && pipeline.Classify(err) == pipeline.Rejected {
		return nil
	}
	return err
}

// settle takes note of the outcome of a call for each of its texts.
func (o *Once) settle(call *onceCall, v pipeline.Vectors, err error) {
	var refused map[int]error
	p, partial := errors.AsType[*pipeline.PartialError](err)
	switch {
	case partial:
		refused = p.Failed
	case err != nil && len(call.texts) == 1 && pipeline.Classify(err) == pipeline.Rejected:
		refused = map[int]error{0: err}
	}
	whole := (err == nil || partial) && v.Len() == len(call.texts)-len(refused)
	for _, k := range call.texts {
		k.proof.prepare(k.text) // which is nobody else's until it is kept
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	row := 0
	for i, k := range call.texts {
		switch reason := refused[i]; {
		case reason != nil:
			o.end(k, outcome{err: reason}) // refusals are few, and not kept
		case !whole:
			o.end(k, outcome{failed: true})
		default:
			o.end(k, outcome{vector: v.At(row)})
			row++
		}
	}
	if call.made != nil {
		close(call.made)
	}
}

// end tells what became of a text, and keeps its vector if it has one.
func (o *Once) end(k *known, became outcome) {
	if k.wanted != nil {
		// A copy, since what the caller does with its vectors is its own.
		k.wanted.vector, k.wanted.err, k.wanted.failed = slices.Clone(became.vector), became.err, became.failed
	}
	text := k.text
	k.text, k.call, k.wanted = "", nil, nil
	if became.vector == nil || !k.found {
		o.forget(k)
		return
	}
	o.kept.add(k, text, became.vector, o.forget)
}

// forget ends what is known of a text.
func (o *Once) forget(k *known) {
	if k.found {
		delete(o.texts, k.hash)
	}
	o.free = append(o.free, k)
}

// gather waits for the vectors of all texts. Those whose embedding failed
// somewhere else, for a reason that is not theirs, are embedded now.
func (o *Once) gather(ctx context.Context, texts []string, outcomes []*outcome) (pipeline.Vectors, error) {
	var again []int
	for i, became := range outcomes {
		if became.made != nil {
			select {
			case <-became.made:
			case <-ctx.Done():
				return pipeline.Vectors{}, ctx.Err()
			}
		}
		if became.failed {
			again = append(again, i)
		}
	}
	if len(again) > 0 {
		if err := o.repeat(ctx, texts, outcomes, again); err != nil {
			return pipeline.Vectors{}, err
		}
	}
	var out pipeline.Vectors
	failed := map[int]error{}
	for i, became := range outcomes {
		if became.err != nil {
			failed[i] = became.err
			continue
		}
		out.Dim = len(became.vector)
		out.Data = append(slices.Grow(out.Data, len(texts)*out.Dim-len(out.Data)), became.vector...)
	}
	switch {
	case len(failed) == 0:
		return out, nil
	case len(texts) == 1:
		return pipeline.Vectors{}, failed[0]
	}
	return out, &pipeline.PartialError{Failed: failed}
}

// repeat embeds the texts at places for this call alone.
func (o *Once) repeat(ctx context.Context, texts []string, outcomes []*outcome, places []int) error {
	mine := make([]string, len(places))
	for i, at := range places {
		mine[i] = texts[at]
	}
	v, err := o.inner.Embed(ctx, mine)
	p, partial := errors.AsType[*pipeline.PartialError](err)
	single := err != nil && len(mine) == 1 && pipeline.Classify(err) == pipeline.Rejected
	if err != nil && !partial && !single {
		return err
	}
	row := 0
	for i, at := range places {
		became := &outcome{}
		switch {
		case single:
			became.err = err
		case partial && p.Failed[i] != nil:
			became.err = p.Failed[i]
		case row < v.Len():
			became.vector = v.At(row)
			row++
		default:
			return mismatch(v.Len(), len(mine), 0)
		}
		outcomes[at] = became
	}
	return nil
}
