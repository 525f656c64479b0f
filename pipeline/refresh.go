package pipeline

// Refresh makes a run one over an index that holds points already: what is
// done is not done again.
type Refresh struct {
	// Index is asked what it holds; it is the index that is written to. nil
	// where that is known to hold nothing.
	Index Refresher
	// Careful looks at all points, after all else has succeeded, for those
	// that lie behind the last chunk of their document. It is needed once
	// after a run that did not end in good order, which may have left them.
	Careful bool
	// Previous is another index of the same spaces: vectors of inputs that it
	// holds are copied from there instead of being made again. Optional.
	Previous Donor
	// DeleteMissing removes, after all else has succeeded, the points of
	// documents that the run did not meet; nil keeps them.
	DeleteMissing *DeleteMissing
	// MayReplace is asked before points of a document are replaced; where it
	// says no, the document is rejected with [ErrNewer]. It is called from
	// several goroutines at once. Optional.
	MayReplace func(doc *Document, held []Held) bool
	// Group is how many points are asked for at once; 0 is 2,048.
	Group int
	// Askers is how many groups are asked for at the same time; 0 is 2.
	Askers int
}

// DeleteMissing bounds what a run may remove.
type DeleteMissing struct {
	// MaxShare of the points of the index, from 0 to 1. When more are missing
	// nothing is removed, and the run fails.
	MaxShare float64
}

func (r *Refresh) group() int {
	if r.Group > 0 {
		return r.Group
	}
	return 2048
}

func (r *Refresh) askers() int {
	if r.Askers > 0 {
		return r.Askers
	}
	return 2
}
