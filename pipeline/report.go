package pipeline

import (
	"fmt"
	"time"
)

// Report says what a run did. Of a run that came to its end,
// Read = Written + Unchanged + Rejected; of any other, the difference is
// what was read and not finished.
type Report struct {
	Read      int64
	Written   int64
	Unchanged int64
	Rejected  int64

	New     int64 // of Written
	Changed int64 // of Written
	Updated int64 // of Written: differed beside their vectors only
	Copied  int64 // points whose vectors came from another index
	Deleted int64 // points

	// KeptMissing is [Counters.KeptMissing].
	KeptMissing bool
	// Torn is [Counters.Torn].
	Torn bool

	Chunks   int64
	Tokens   int64
	Points   int64
	Requests int64
	Retries  int64

	Limit      int64 // calls that might wait at once in the end; 0 where nobody knows
	BatchTexts int64 // texts that one call might carry, as learned; 0 when nothing was

	Elapsed time.Duration
}

// Unfinished is the number of documents that were read and are neither in
// the index nor rejected; the next run takes them up.
func (r Report) Unfinished() int64 { return r.Read - r.Written - r.Unchanged - r.Rejected }

// Rate is the number of documents finished a second.
func (r Report) Rate() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.Read-r.Unfinished()) / r.Elapsed.Seconds()
}

// balanced checks promise 1: every document that was read is accounted for.
func (r Report) balanced() error {
	if r.Unfinished() == 0 {
		return nil
	}
	return fmt.Errorf("the numbers do not add up: %d documents read, but %d written, %d unchanged and %d rejected",
		r.Read, r.Written, r.Unchanged, r.Rejected)
}

// Snapshot reads the counters; Elapsed is left to the caller.
func (c *Counters) Snapshot() Report {
	return Report{
		Read:      c.Read.Load(),
		Written:   c.Written.Load(),
		Unchanged: c.Unchanged.Load(),
		Rejected:  c.Rejected.Load(),
		New:       c.New.Load(),
		Changed:   c.Changed.Load(),
		Updated:   c.Updated.Load(),
		Copied:    c.Copied.Load(),
		Deleted:   c.Deleted.Load(),
		Chunks:    c.Chunks.Load(),

		KeptMissing: c.KeptMissing.Load(),
		Torn:        c.Torn.Load(),

		Tokens:   c.Tokens.Load(),
		Points:   c.Points.Load(),
		Requests: c.Requests.Load(),
		Retries:  c.Retries.Load(),

		Limit:      c.Limit.Load(),
		BatchTexts: c.Texts.Load(),
	}
}
