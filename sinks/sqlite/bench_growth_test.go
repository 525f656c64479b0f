//go:build unix

package sqlite_test

import (
	"flag"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/sinktest"
)

// writeSizes are the sizes of the files that BenchmarkWriteInto adds to.
var writeSizes = flag.String("sizes", "10000", "points in the files that BenchmarkWriteInto adds to, separated by commas")

// BenchmarkWriteInto measures writes of 2,048 points, as a run makes them, to
// files that hold points already: an iteration is one write. Of a cost that
// does not grow, the CPU time of a point tells, which ns/op does not where the
// disk is waited for.
func BenchmarkWriteInto(b *testing.B) {
	for text := range strings.SplitSeq(*writeSizes, ",") {
		size, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			const batch = 2048
			index := newIndex(b, filepath.Join(b.TempDir(), "index.db"))
			spaces, batches := sinktest.Batches(4, batch)
			if err := index.Prepare(b.Context(), spaces); err != nil {
				b.Fatal(err)
			}
			written := 0
			write := func() {
				points := batches[written%len(batches)]
				for i := range points {
					points[i].ID = pipeline.NewPointID("text", points[i].Doc, written)
				}
				if err := index.Write(b.Context(), points); err != nil {
					b.Fatal(err)
				}
				written++
			}
			for written*batch < size {
				write()
			}
			before, from := cpuTime(b), written
			for b.Loop() {
				write()
			}
			b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/float64((written-from)*batch), "cpu-ns/point")
		})
	}
}

// cpuTime is what this process has used, in its own code and the system's.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
