package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// The corpus is read to its end long before its last batch is embedded.
func TestStopAfterTheCorpusWasReadLeavesWhatIsNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop, cancel := context.WithTimeout(t.Context(), seconds(90))
		defer cancel()
		index := &memory{}
		report, err := single{
			Source: numbered(8), Embedder: &encoder{delay: func([]string) time.Duration { return time.Minute }}, Index: index, Space: space(),
			Limits: limits{Texts: 2, Window: 8, InFlight: 1, Writers: 1},
		}.Run(t.Context(), stop)
		if !errors.Is(err, pipeline.ErrStopped) {
			t.Errorf("error %v, want %v", err, pipeline.ErrStopped)
		}
		numbers{read: 8, written: 4}.check(t, report)
	})
}

// An index that is away is not waited for, and does not make a stop a failure.
func TestStopDoesNotWaitForAnIndexThatIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop, cancel := context.WithTimeout(t.Context(), seconds(5))
		defer cancel()
		start := time.Now()
		report, err := single{
			Source: numbered(50), Embedder: &encoder{}, Index: patient{&memory{}}, Space: space(),
			Limits: limits{Texts: 2, InFlight: 2, Writers: 2, Waiting: 4},
		}.Run(t.Context(), stop)
		if !errors.Is(err, pipeline.ErrStopped) || time.Since(start) != seconds(5) {
			t.Errorf("error %v after %v, want %v after 5s", err, time.Since(start), pipeline.ErrStopped)
		}
		numbers{read: report.Read}.check(t, report)
	})
}

// patient is an index that waits for its server for ever.
type patient struct{ *memory }

func (patient) Write(ctx context.Context, _ []pipeline.Point) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-pipeline.Stopping(ctx):
		return pipeline.ErrStopped
	}
}
