package pipeline

import (
	"math"
	"sync/atomic"
)

// gauge tells how many tokens a text has, by which batches are bounded and
// sorted. Counting them reads every text once more, which is a tenth of all that
// a run computes; so once a thousand were counted, one of eight is, and of the
// others the bytes tell it, by the tokens for a byte of what was counted lately.
// A batch may then hold some percent more or less than its limit. It may be used
// by several goroutines at once.
type gauge struct {
	count TokenCounter

	texts   atomic.Uint64
	perByte atomic.Uint64 // the bits of a float64
}

const (
	countedFirst = 1000
	countedOf    = 8  // one of so many is counted after those
	lately       = 64 // counted texts, of which the last has this part of the weight
)

func (g *gauge) tokens(text string) int {
	n := g.texts.Add(1)
	perByte := math.Float64frombits(g.perByte.Load())
	if n > countedFirst && n%countedOf != 0 {
		return int(math.Ceil(perByte * float64(len(text))))
	}
	tokens := g.count(text)
	if len(text) > 0 {
		// Two at once may lose one of both, which changes next to nothing.
		weight := 1 / float64(min(n, lately))
		g.perByte.Store(math.Float64bits(perByte + weight*(float64(tokens)/float64(len(text))-perByte)))
	}
	return tokens
}
