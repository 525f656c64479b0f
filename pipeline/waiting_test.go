package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
)

func TestASlowWriteLeavesNoCallUnused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		embedder := &encoder{delay: func([]string) time.Duration { return 200 * time.Millisecond }}
		writes := 0
		index := &memory{delay: func([]pipeline.Point) time.Duration {
			if writes++; writes%5 == 0 {
				return time.Second // a commit to a busy disk
			}
			return time.Millisecond
		}}
		start := time.Now()
		report, err := single{
			Source: numbered(640), Embedder: embedder, Index: index, Space: space(),
			Limits: limits{Texts: 2, InFlight: 8, Writers: 1, Points: 128, Waiting: 64},
		}.Run(t.Context(), never())
		if err != nil || report.Written != 640 {
			t.Fatalf("%d written, %v", report.Written, err)
		}
		// 320 batches, eight at a time, 200 ms each, and what the last write
		// takes.
		if got := time.Since(start); got > 8*time.Second+1100*time.Millisecond || embedder.most != 8 {
			t.Errorf("took %v with %d calls at once, want 8s and the last write, 8", got, embedder.most)
		}
	})
}

func TestNoMoreBatchesWaitForAWriterThanAllowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		source := numbered(1000)
		index := &memory{delay: func([]pipeline.Point) time.Duration { return time.Hour }}
		_, err := single{
			Source: source, Embedder: &encoder{}, Index: index, Space: space(),
			Limits: limits{Texts: 2, InFlight: 4, Writers: 3, Waiting: 5},
		}.Run(ctx, never())
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		// Three batches are written, five wait to be, four are in the hands of
		// those who embedded them, one waits to be embedded, and one document
		// is in hand.
		if source.yielded != 2*(3+5+4+1)+1 {
			t.Errorf("%d documents read, want 27", source.yielded)
		}
	})
}
