package embedders_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// phase is how an endpoint answers for a while.
type phase struct {
	lasts time.Duration
	class pipeline.Class // of its failures; Fatal is none
	slow  time.Duration  // until it answers
}

// scheduled is an endpoint that goes through phases, and stays in the last.
type scheduled struct {
	phases  []phase
	other   bool // it serves another model under the same name
	start   time.Time
	probing *atomic.Int64 // searches under way over all endpoints
	most    *atomic.Int64 // so many at once
}

func (s *scheduled) phase() phase {
	since := time.Since(s.start)
	for _, p := range s.phases {
		if since < p.lasts {
			return p
		}
		since -= p.lasts
	}
	return s.phases[len(s.phases)-1]
}

func (s *scheduled) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	p := s.phase()
	if isProbe(texts) {
		if n := s.probing.Add(1); n > s.most.Load() {
			s.most.Store(n)
		}
		defer s.probing.Add(-1)
	}
	select {
	case <-time.After(p.slow):
	case <-ctx.Done():
		return pipeline.Vectors{}, ctx.Err()
	}
	if p.class != pipeline.Fatal {
		return pipeline.Vectors{}, failure(p.class, "as scheduled")
	}
	v := pipeline.Vectors{Dim: 4}
	for _, text := range texts {
		if s.other {
			text = "other " + text
		}
		v.Data = append(v.Data, stubserver.Hash(4)(text)...)
	}
	return v, nil
}

func drawPhase() *rapid.Generator[phase] {
	classes := []pipeline.Class{
		pipeline.Fatal, pipeline.Fatal, pipeline.Fatal, pipeline.Transient, pipeline.Transient,
		pipeline.Throttled, pipeline.Warming, pipeline.NotServed, pipeline.Denied,
	}
	return rapid.Custom(func(r *rapid.T) phase {
		return phase{
			lasts: time.Duration(rapid.IntRange(1, 300).Draw(r, "lasts")) * time.Second,
			class: rapid.SampledFrom(classes).Draw(r, "class"),
			slow:  time.Duration(rapid.IntRange(0, 20_000).Draw(r, "slow")) * time.Millisecond,
		}
	})
}

// TestWhateverFailsAndRecovers runs workers over endpoints of random
// schedules: each text gets its vector or an error, all vectors are of one
// model, one search is under way at a time, and while one endpoint is always
// well and none serves another model, there is no error at all.
func TestWhateverFailsAndRecovers(t *testing.T) {
	t.Parallel()
	var switches, errs, stops int64
	rapid.Check(t, func(r *rapid.T) {
		schedules := rapid.SliceOfN(rapid.SliceOfN(drawPhase(), 1, 6), 2, 4).Draw(r, "schedules")
		other := rapid.IntRange(-2, len(schedules)-1).Draw(r, "serves another model")
		well := rapid.IntRange(-1, len(schedules)-1).Draw(r, "always well")
		if well >= 0 {
			schedules[well] = []phase{{slow: time.Second}}
		}
		pauses := rapid.SliceOfN(rapid.IntRange(0, 60), 1, 5).Draw(r, "pauses of workers in seconds")
		synctest.Test(t, func(t *testing.T) {
			told := new(events)
			var probing, most, failed, stopped, ofModel, ofOther atomic.Int64
			o := embedders.FallbackOptions{Model: "org/name", Report: told.add}
			for i, phases := range schedules {
				o.Endpoints = append(o.Endpoints, embedders.Endpoint{
					Name:     fmt.Sprint("endpoint ", i),
					Embedder: &scheduled{phases: phases, other: i == other, start: time.Now(), probing: &probing, most: &most},
				})
			}
			f := embedders.NewFallback(o)
			embed := func(text string) {
				v, err := f.Embed(t.Context(), []string{text})
				switch {
				case err != nil && v.Len() == 0:
					failed.Add(1)
					if pipeline.Classify(err) == pipeline.Fatal {
						stopped.Add(1)
					}
				case v.Len() == 1 && slices.Equal(v.At(0), pipeline.Vector(stubserver.Hash(4)(text))):
					ofModel.Add(1)
				case v.Len() == 1 && slices.Equal(v.At(0), pipeline.Vector(stubserver.Hash(4)("other "+text))):
					ofOther.Add(1)
				default:
					t.Errorf("Embed(%q) = %v, %v", text, v, err)
				}
			}
			var wg sync.WaitGroup
			for worker, pause := range pauses {
				wg.Go(func() {
					for i := range 15 {
						time.Sleep(time.Duration(pause) * time.Second) //nolint:forbidigo // Time is virtual.
						embed(fmt.Sprint("text ", worker, " ", i))
					}
				})
			}
			wg.Wait()
			if most.Load() > 1 {
				t.Errorf("%d searches at once", most.Load())
			}
			if ofModel.Load() > 0 && ofOther.Load() > 0 {
				t.Errorf("%d vectors of one model and %d of another", ofModel.Load(), ofOther.Load())
			}
			if well >= 0 && other < 0 && failed.Load() > 0 {
				t.Errorf("%d calls failed, though endpoint %d is always well", failed.Load(), well)
			}
			if other < 0 && stopped.Load() > 0 {
				t.Errorf("%d calls were stopped, though all serve one model", stopped.Load())
			}
			switches, errs, stops = switches+int64(len(told.all)), errs+failed.Load(), stops+stopped.Load()
		})
		if t.Failed() {
			r.FailNow()
		}
	})
	if switches == 0 || errs == 0 || stops == 0 {
		t.Errorf("%d switches, %d errors and %d stops: the schedules test nothing", switches, errs, stops)
	}
}
