package retry

import "sync"

// The numbers of a [Share]: a repetition for each five calls, and some more,
// so that the beginning of a run and a short one may fail as well. What was
// not used is kept for later up to a bound, so that an endpoint which falls
// sick after a million good calls is not asked 200,000 times in vain.
const (
	sharePart  = 0.2
	shareFloor = 32
	shareMost  = 100
)

// Share bounds the repetitions of many calls by a share of them: at most one
// repetition for five calls, and 32 more, counted over the last 500 calls.
// Without it, an endpoint that fails every other request doubles the bill.
// It is shared by all calls to one endpoint. A nil Share bounds nothing.
type Share struct {
	mu   sync.Mutex
	left float64
}

// NewShare returns a Share of which nothing is used.
func NewShare() *Share { return &Share{left: shareFloor} }

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
