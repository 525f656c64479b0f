package pipeline

import "sync/atomic"

// Counters count a run while it goes on. One value is shared by the engine,
// which counts documents, and by the wrappers around embedders, which count
// requests. All methods of its fields may be called at any time.
type Counters struct {
	Read      atomic.Int64 // documents that the source yielded, rejects included
	Written   atomic.Int64 // documents all of whose points are in the index
	Unchanged atomic.Int64 // documents that the index already held as they are
	Rejected  atomic.Int64 // documents that will never succeed

	New     atomic.Int64 // of those written: documents of which the index held nothing
	Changed atomic.Int64 // of those written: documents with text or images that differ
	Updated atomic.Int64 // of those written: documents that differ beside their vectors only
	Copied  atomic.Int64 // points whose vectors were taken from another index
	Deleted atomic.Int64 // points that were removed

	// KeptMissing tells that nothing was removed of documents that are not in
	// the corpus, since some record could not be read so far as its id.
	KeptMissing atomic.Bool

	// Torn tells that the first chunk of a rejected document was refused and
	// others of it may be in the index, where nobody who asks for its
	// beginning sees them: the next run has to be [Refresh.Careful].
	Torn atomic.Bool

	Chunks   atomic.Int64 // chunks that were sent to be embedded
	Tokens   atomic.Int64 // of those chunks, by the run's token counter
	Points   atomic.Int64 // points that the index took
	Requests atomic.Int64 // calls to an endpoint, each try counted
	Retries  atomic.Int64 // calls that repeat one that failed
	InFlight atomic.Int64 // calls that are waiting for their answer
	Limit    atomic.Int64 // calls that may wait at once, as the endpoint takes them now; 0 while nothing is known
	Texts    atomic.Int64 // texts that one call may carry, as learned; 0 while nothing was
}
