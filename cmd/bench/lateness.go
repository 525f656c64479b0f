package main

import (
	"sync/atomic"
	"time"
)

// lateness is by how much timers come late, which is up to a millisecond. They
// are set as much earlier, so that answers take the latency that was asked for
// on average, and a program is not blamed for it. It may be used by several
// goroutines at once.
type lateness struct{ is atomic.Int64 } // nanoseconds

// lateMost bounds it: what is later is due to a busy machine, and no answer is
// to come before its time for that.
const lateMost = time.Millisecond

func (l *lateness) expected() time.Duration {
	return min(max(time.Duration(l.is.Load()), 0), lateMost)
}

// learn is told how late a timer was that was set earlier by what was expected.
func (l *lateness) learn(by time.Duration) {
	const weight = 32
	if is := time.Duration(l.is.Load()); by > 0 && is >= lateMost || by < 0 && is <= 0 {
		return
	}
	l.is.Add(int64(min(max(by, -lateMost), lateMost)) / weight)
}
