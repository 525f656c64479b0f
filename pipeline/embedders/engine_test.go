package embedders_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
)

// endless yields documents for ever, of lengths that vary.
type endless struct{}

func (endless) Documents(ctx context.Context) iter.Seq2[pipeline.Document, error] {
	return func(yield func(pipeline.Document, error) bool) {
		for i := 0; ctx.Err() == nil; i++ {
			doc := pipeline.Document{ID: fmt.Sprint(i), Text: fmt.Sprintf("%0*d", 20+i*37%400, i)}
			if !yield(doc, nil) {
				return
			}
		}
		yield(pipeline.Document{}, ctx.Err())
	}
}

// sink takes points and keeps none.
type sink struct{}

func (sink) Prepare(context.Context, pipeline.Spaces) error { return nil }
func (sink) Write(context.Context, []pipeline.Point) error  { return nil }

// TestARunSettlesAtTheLimitOfItsServer is the whole way: source, window of
// batches, engine, and the policies around an endpoint.
func TestARunSettlesAtTheLimitOfItsServer(t *testing.T) {
	t.Parallel()
	const latency = 200 * time.Millisecond
	for _, test := range []struct {
		name        string
		texts       int // what the server takes at once
		requests    int
		batch       int
		countsTexts bool
		capacity    float64 // texts in flight
		share       float64
	}{
		{"no limit", 0, 0, 32, false, 8 * 32, 0.95},
		{"no limit, counting texts", 0, 0, 32, true, 8 * 32, 0.95},
		{"16 texts, told that texts count", 16, 0, 32, true, 16, 0.9},
		{"16 texts, told nothing", 16, 0, 32, false, 16, 0.9},
		{"16 texts, batches of 12", 16, 0, 12, true, 16, 0.9},
		{"100 texts", 100, 0, 32, true, 100, 0.9},
		{"3 requests", 0, 3, 32, false, 3 * 32, 0.9},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &machine{latency: latency, texts: test.texts, requests: test.requests}
				counters := &pipeline.Counters{}
				e := endpoint(s, embedders.LoadOptions{InFlight: 8, CountsTexts: test.countsTexts, Counters: counters})
				stop, cancel := context.WithCancel(t.Context())
				defer cancel()
				before, after := 0, 0
				time.AfterFunc(15*time.Second, func() { before = s.count() })
				time.AfterFunc(75*time.Second, func() {
					after = s.count()
					cancel()
				})
				report, err := pipeline.Pipeline{
					Source: endless{}, Index: sink{}, Counters: counters,
					Lanes: []pipeline.Lane{{
						Vector: "text", Embedder: e, Space: pipeline.Space{Model: "m", Dim: 1}, Bounds: e.Bounds,
						Limits: pipeline.Limits{Texts: test.batch, Tokens: 8192, Window: 16, InFlight: 8},
					}},
					Writes: pipeline.WriteLimits{Writers: 2, Points: 256},
				}.Run(t.Context(), stop)
				// What the window holds when the run is stopped is not sent, nor what
				// waits for its turn at the endpoint.
				if !errors.Is(err, pipeline.ErrStopped) || report.Unfinished() > int64((17+8)*test.batch) {
					t.Fatalf("read %d, written %d, %v", report.Read, report.Written, err)
				}
				got, want := float64(after-before)/60, test.capacity/latency.Seconds()
				if got < test.share*want || got > 1.01*want {
					t.Errorf("%.1f texts/s, want %.0f%% of %.1f", got, 100*test.share, want)
				}
				t.Logf("%.1f%%, %d calls, %d refused, limit %d", 100*got/want, s.calls, s.refused, counters.Limit.Load())
			})
		})
	}
}
