package embedders

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"sync"

	"github.com/vecload/vecload/pipeline"
)

// OnceBytes is how much memory [Once] uses for vectors when it is not told: some
// 5,000 of 384 dimensions.
const OnceBytes = 8 << 20

// Once embeds a text once, however often it comes: boilerplate, headings and
// copies are paid for the first time only. Texts that come again while they
// are embedded wait for that; after it their vectors are kept, the last ones
// that were made in a bounded amount of memory, so that a text which comes
// again after very many others is embedded again. It may be used by several
// goroutines at once.
type Once struct {
	inner pipeline.Embedder
	bytes int // of vectors that are kept, at most

	mutex sync.Mutex
	texts map[textKey]*vectorOf
	kept  []textKey // whose vectors are kept, the oldest first
	used  int       // bytes of those
}

// textKey stands for a text: the first 16 bytes of its SHA-256.
type textKey [16]byte

// vectorOf is the vector of a text, or the wait for it.
type vectorOf struct {
	made   chan struct{} // closed when there is an outcome
	vector pipeline.Vector
	err    error // the refusal of this text
	failed bool  // the call failed for another reason: who waits has to ask
}

// NewOnce returns an embedder that keeps so many bytes of vectors; 0 is
// [OnceBytes].
func NewOnce(inner pipeline.Embedder, bytes int) *Once {
	if bytes == 0 {
		bytes = OnceBytes
	}
	return &Once{inner: inner, bytes: bytes, texts: map[textKey]*vectorOf{}}
}

// Embed implements [pipeline.Embedder].
func (o *Once) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	entries := make([]*vectorOf, len(texts))
	keys := make([]textKey, len(texts))
	var mine []int // places of the texts that nobody embeds yet
	o.mutex.Lock()
	for i, text := range texts {
		sum := sha256.Sum256([]byte(text))
		keys[i] = textKey(sum[:16])
		entry, known := o.texts[keys[i]]
		if !known {
			entry = &vectorOf{made: make(chan struct{})}
			o.texts[keys[i]] = entry
			mine = append(mine, i)
		}
		entries[i] = entry
	}
	o.mutex.Unlock()
	if len(mine) == len(texts) {
		return o.all(ctx, texts, keys, entries)
	}
	if len(mine) > 0 {
		if err := o.some(ctx, texts, keys, entries, mine); err != nil {
			return pipeline.Vectors{}, err
		}
	}
	return o.gather(ctx, texts, entries)
}

// all embeds texts of which none was known.
func (o *Once) all(ctx context.Context, texts []string, keys []textKey, entries []*vectorOf) (pipeline.Vectors, error) {
	v, err := o.inner.Embed(ctx, texts)
	o.settle(v, err, keys, entries)
	return v, err // which tells of refusals what the entries know
}

// some embeds the texts at places. What is refused of them is told by their
// entries.
func (o *Once) some(ctx context.Context, texts []string, keys []textKey, entries []*vectorOf, places []int) error {
	mine, mineKeys, mineEntries := make([]string, len(places)), make([]textKey, len(places)), make([]*vectorOf, len(places))
	for i, at := range places {
		mine[i], mineKeys[i], mineEntries[i] = texts[at], keys[at], entries[at]
	}
	v, err := o.inner.Embed(ctx, mine)
	o.settle(v, err, mineKeys, mineEntries)
	if _, partial := errors.AsType[*pipeline.PartialError](err); partial || len(places) == 1 && pipeline.Classify(err) == pipeline.Rejected {
		return nil
	}
	return err
}

// settle notes the outcome of a call for each of its texts.
func (o *Once) settle(v pipeline.Vectors, err error, keys []textKey, entries []*vectorOf) {
	p, partial := errors.AsType[*pipeline.PartialError](err)
	refused := map[int]error{}
	switch {
	case partial:
		refused = p.Failed
	case err != nil && len(keys) == 1 && pipeline.Classify(err) == pipeline.Rejected:
		refused[0] = err
	}
	whole := (err == nil || partial) && v.Len() == len(keys)-len(refused)
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if whole {
		// A copy, since what the caller does with its vectors is its own.
		v.Data = slices.Clone(v.Data)
	}
	row := 0
	for i, entry := range entries {
		switch reason := refused[i]; {
		case reason != nil:
			entry.err = reason
			delete(o.texts, keys[i]) // refusals are few, and not kept
		case !whole:
			entry.failed = true
			delete(o.texts, keys[i])
		default:
			entry.vector = v.At(row)
			row++
			o.keep(keys[i], entry)
		}
		close(entry.made)
	}
}

// keep keeps a vector, and gives up the oldest for it.
func (o *Once) keep(key textKey, entry *vectorOf) {
	o.kept = append(o.kept, key)
	o.used += entry.size()
	drop := 0
	for ; o.used > o.bytes && drop < len(o.kept); drop++ {
		o.used -= o.texts[o.kept[drop]].size()
		delete(o.texts, o.kept[drop])
	}
	o.kept = o.kept[:copy(o.kept, o.kept[drop:])]
}

// size is what a vector takes, with what is kept beside it.
func (v *vectorOf) size() int { return 4*len(v.vector) + 200 }

// gather waits for the vectors of all texts. Those whose embedding failed
// somewhere else, for a reason that is not theirs, are embedded now.
func (o *Once) gather(ctx context.Context, texts []string, entries []*vectorOf) (pipeline.Vectors, error) {
	var again []int
	for i, entry := range entries {
		select {
		case <-entry.made:
		case <-ctx.Done():
			return pipeline.Vectors{}, ctx.Err()
		}
		if entry.failed {
			again = append(again, i)
		}
	}
	if len(again) > 0 {
		if err := o.repeat(ctx, texts, entries, again); err != nil {
			return pipeline.Vectors{}, err
		}
	}
	var out pipeline.Vectors
	failed := map[int]error{}
	for i, entry := range entries {
		if entry.err != nil {
			failed[i] = entry.err
			continue
		}
		out.Dim = len(entry.vector)
		out.Data = append(out.Data, entry.vector...)
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
func (o *Once) repeat(ctx context.Context, texts []string, entries []*vectorOf, places []int) error {
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
		entry := &vectorOf{}
		switch {
		case single:
			entry.err = err
		case partial && p.Failed[i] != nil:
			entry.err = p.Failed[i]
		case row < v.Len():
			entry.vector = v.At(row)
			row++
		default:
			return mismatch(v.Len(), len(mine), 0)
		}
		entries[at] = entry
	}
	return nil
}
