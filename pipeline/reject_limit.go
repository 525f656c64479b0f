package pipeline

import "fmt"

// RejectLimit is how many documents a run may reject: a number, or a share of
// those that it reads.
type RejectLimit struct {
	// Documents may be rejected; one more stops the run at once. It has no
	// meaning where Share is set.
	Documents int64
	// Share of the documents read, from 0 to 1. It is judged from the
	// [ShareFrom]th document on and at the end of the corpus, so that one bad
	// record at the beginning ends no run. nil: Documents is the limit.
	Share *float64
	// Exempt tells rejections that do not count, neither as rejected nor as
	// read. Optional.
	Exempt func(error) bool
}

// ShareFrom is how many documents are read before a share of them is judged.
const ShareFrom = 1000

// RejectsSeen is how many of the documents read so far were rejected, without
// those that a [RejectLimit] exempts.
type RejectsSeen struct{ Rejected, Read int64 }

// TooManyRejectsError ends a run that rejected more documents than its limit
// allows.
type TooManyRejectsError struct {
	RejectsSeen

	Limit RejectLimit
}

// Error says how many were rejected, and how many may be.
func (e *TooManyRejectsError) Error() string {
	if e.Limit.Share != nil {
		return fmt.Sprintf("%d of %d documents were rejected, more than the %.3g%% that may be", e.Rejected, e.Read, 100**e.Limit.Share)
	}
	return fmt.Sprintf("%d of %d documents were rejected, more than the %d that may be", e.Rejected, e.Read, e.Limit.Documents)
}

// exceeded reports whether so many rejects are too many; whole tells that the
// corpus was read to its end.
func (l *RejectLimit) exceeded(rejected, read int64, whole bool) bool {
	switch {
	case l == nil:
		return false
	case l.Share == nil:
		return rejected > l.Documents
	case read < ShareFrom && !whole:
		return false
	}
	return float64(rejected) > *l.Share*float64(read)
}
