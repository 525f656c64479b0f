package pipeline

import "errors"

// Limits bound a lane: what one request carries, and how much is under way.
// Memory is bounded by (InFlight + max(Window, 1)) batches and one chunk for
// each lane, what [WriteLimits] says, and what the index buffers, whatever the
// size of the corpus.
type Limits struct {
	Texts  int // chunks in one batch; at least 1
	Tokens int // tokens in one batch, by the lane's counter; 0 sets no limit
	Bytes  int // bytes of text, or of images that are no mere names, in one batch; 0 sets no limit

	// Window is how many batches are gathered to put texts of like length
	// together, which is what servers want that fill up short texts to the
	// length of the longest. 0 and 1 keep the order of the corpus. Nothing
	// waits for a window to be full.
	Window int

	// InFlight is how many batches are embedded at the same time; at least 1.
	// An embedder that lets fewer requests through has the others ready to be
	// sent, or makes vectors of their answers.
	InFlight int
}

// WriteLimits bound what is under way to the index: Writers times a batch and
// Points points, and Waiting batches.
type WriteLimits struct {
	Writers int // writes at the same time; at least 1
	Points  int // points that one write gathers from finished batches; 0 writes each batch as it comes

	// Waiting is how many batches that have their vectors may wait for a
	// writer, so that a write which takes long, such as a commit to a busy
	// disk, leaves no call to an embedder unused: as many as are embedded
	// while one write goes on. 0 holds a call back until its batch is taken.
	Waiting int
}

// Bounds lowers the bounds of a batch (texts, tokens, bytes, of which 0 is
// none) to what is known of the endpoint by now. It is called from several
// goroutines at once.
type Bounds func(texts, tokens, bytes int) (int, int, int)

func (l Limits) validate() error {
	switch {
	case l.Texts < 1:
		return errors.New("limits: at least 1 text a batch")
	case l.InFlight < 1:
		return errors.New("limits: at least 1 batch in flight")
	}
	return nil
}

func (l WriteLimits) validate() error {
	switch {
	case l.Writers < 1:
		return errors.New("limits: at least 1 writer")
	case l.Waiting < 0:
		return errors.New("limits: no less than 0 batches wait to be written")
	}
	return nil
}
