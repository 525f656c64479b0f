package retry

import (
	"sync"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// The numbers of a [Share]: a repetition for each five calls, and some more,
// so that the beginning of a run and a short one may fail as well. What was
// not used is kept for later up to a bound, so that an endpoint which falls
// sick after a million good calls is not asked 200,000 times in vain.
const (
	sharePart  = 0.2
	shareFloor = 32
	shareMost  = 100
)

// Share is what the calls to one endpoint have in common, and is shared by all
// of them. It bounds their repetitions by a share of them: at most one
// repetition for five calls, and 32 more, counted over the last 500 calls.
// Without it, an endpoint that fails every other request doubles the bill. It
// also bounds the time for which all calls together fail, so that those which
// begin in the middle of an outage do not wait as long again. A nil Share
// bounds nothing.
type Share struct {
	mu    sync.Mutex
	left  float64
	since map[pipeline.Class]time.Time // when failures of a class began, since anything else was answered
}

// NewShare returns a Share of which nothing is used.
func NewShare() *Share { return &Share{left: shareFloor, since: map[pipeline.Class]time.Time{}} }

// give is told of a call that is no repetition.
func (s *Share) give() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = min(s.left+sharePart, shareMost)
}

// take tells whether one more repetition may be made.
func (s *Share) take() bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left < 1 {
		return false
	}
	s.left--
	return true
}

// answered is told of a call that ended in another way than by a failure that
// may pass: the endpoint works, or at least says what is wrong.
func (s *Share) answered() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.since)
}

// failing is told of a failure that may pass, and tells for how long there
// have been such failures and no answer.
func (s *Share) failing(class pipeline.Class) time.Duration {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if _, known := s.since[class]; !known {
		s.since[class] = now
	}
	return now.Sub(s.since[class])
}
