package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// sample is what this process holds at one moment of a soak.
type sample struct {
	at         time.Duration
	goroutines int
	files      int
	heap       uint64 // bytes that live, after a collection
}

// takeSample waits for what is about to end: until there are as few
// goroutines and files as in the sample before the last, or for 5 seconds.
func takeSample(at time.Duration, before []sample) sample {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	s := sample{at: at}
	for end := time.Now().Add(5 * time.Second); ; <-tick.C {
		runtime.GC() // closes files that nobody refers to any more
		s.goroutines, s.files = len(goroutines()), openFiles(os.Getpid())
		if len(before) == 0 || s.goroutines <= before[0].goroutines && s.files <= before[0].files || time.Now().After(end) {
			break
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.heap = m.HeapAlloc
	return s
}

// goroutines returns the stacks of this process but those of toxiproxy, which
// leaves some behind when it is stopped under a connection.
func goroutines() []string {
	stacks := make([]byte, 1<<20)
	all := strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n")
	return slices.DeleteFunc(all, func(stack string) bool { return strings.Contains(stack, "Shopify/toxiproxy") })
}

// openFiles counts the files that a process has open, where Linux tells.
func openFiles(pid int) int {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return 0
	}
	return len(entries)
}

// checkSamples compares the end of a soak with its beginning. The first
// sample holds what is made once; it is what the last one has to come back to.
func checkSamples(t *testing.T, samples []sample) {
	t.Helper()
	first, last := samples[0], samples[len(samples)-1]
	lines := min(len(samples), 11)
	for i := range lines {
		s := samples[i*(len(samples)-1)/(lines-1)]
		t.Logf("%8s  %3d goroutines  %3d files  %5.1f MB", s.at.Round(time.Second), s.goroutines, s.files, float64(s.heap)/1e6)
	}
	if last.goroutines > first.goroutines+2 {
		t.Errorf("%d goroutines in the beginning, %d in the end:\n%s", first.goroutines, last.goroutines, strings.Join(goroutines(), "\n\n"))
	}
	if last.files > first.files+2 {
		t.Errorf("%d open files in the beginning, %d in the end", first.files, last.files)
	}
	// Several samples in a row: one alone may hold what a run has just left.
	quarter := max(1, len(samples)/4)
	if early, late := median(samples[:quarter]), median(samples[len(samples)-quarter:]); late > early+early/4+4e6 {
		t.Errorf("%d bytes live in the beginning, %d in the end", early, late)
	}
}

func median(samples []sample) uint64 {
	var heaps []uint64
	for _, s := range samples {
		heaps = append(heaps, s.heap)
	}
	slices.Sort(heaps)
	return heaps[len(heaps)/2]
}
