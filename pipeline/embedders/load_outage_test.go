package embedders_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/retry"
)

// TestARunWhoseServerDiesEndsWithinItsBudget is the whole way, as in
// TestARunSettlesAtTheLimitOfItsServer, with a server that fails for ever from
// the middle of the run on: however many batches wait, they wait together.
func TestARunWhoseServerDiesEndsWithinItsBudget(t *testing.T) {
	t.Parallel()
	const budget = time.Minute
	for _, class := range []pipeline.Class{pipeline.Transient, pipeline.Throttled, pipeline.Warming} {
		for _, took := range []time.Duration{0, time.Second, 30 * time.Second} {
			for _, after := range []time.Duration{0, 20 * time.Second} {
				t.Run(fmt.Sprint(class, " in ", took, " asking for ", after), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						start := time.Now()
						well := &machine{latency: 200 * time.Millisecond}
						var died time.Time
						var dies sync.Once
						server := embedder(func(ctx context.Context, texts []string) (pipeline.Vectors, error) {
							if time.Since(start) < 5*time.Second {
								return well.Embed(ctx, texts)
							}
							dies.Do(func() { died = time.Now() })
							select {
							case <-time.After(took):
							case <-ctx.Done():
								return pipeline.Vectors{}, ctx.Err()
							}
							return pipeline.Vectors{}, &pipeline.Error{Class: class, After: after, Err: errors.New("dead")}
						})
						counters := &pipeline.Counters{}
						l := embedders.NewLoad(server, embedders.LoadOptions{InFlight: 8, Counters: counters, MaxPause: budget})
						policy := retry.Default()
						policy.Budget, policy.WarmBudget = budget, budget
						policy.Share, policy.Succeeded = retry.NewShare(), l.Took
						e := embedders.NewSplit(retry.NewEmbedder(embedders.NewCheck(l), policy, nil), embedders.SplitOptions{Load: l})
						_, err := pipeline.Pipeline{
							Source: endless{}, Index: sink{}, Counters: counters,
							Lanes: []pipeline.Lane{{
								Vector: "text", Embedder: e, Space: pipeline.Space{Model: "m", Dim: 1}, Bounds: e.Bounds,
								Limits: pipeline.Limits{Texts: 32, Tokens: 8192, Window: 16, InFlight: 8},
							}},
							Writes: pipeline.WriteLimits{Writers: 2, Points: 256},
						}.Run(t.Context(), t.Context())
						// Beyond the budget it is the last request, and the
						// pause before it, which is 6 s where none is asked.
						most := budget + 2*took + max(after, 6*time.Second)
						if lasted := time.Since(died); pipeline.Classify(err) != class || lasted > most || lasted < budget {
							t.Errorf("the run ended %s after its server: %v, want an error of class %s within %s", lasted, err, class, most)
						}
					})
				})
			}
		}
	}
}
