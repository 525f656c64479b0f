package main

import (
	"testing"
	"time"
)

func TestTimersThatComeLateAreSetEarlier(t *testing.T) {
	t.Parallel()
	for late, want := range map[time.Duration]time.Duration{
		0: 0, 400 * time.Microsecond: 400 * time.Microsecond, -time.Second: 0, time.Second: lateMost,
	} {
		var l lateness
		for range 1000 {
			l.learn(late - l.expected())
		}
		if got := l.expected(); got < want-time.Microsecond || got > want+time.Microsecond {
			t.Errorf("timers that are late by %s are set %s earlier, want %s", late, got, want)
		}
	}
}
