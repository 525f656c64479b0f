package main

import (
	"math/rand/v2"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// weather is an endpoint and a Qdrant, and the faults on the way to them.
type weather struct {
	server   *httptest.Server
	endpoint *proxied
	qdrant   *qdrantserver.Server
	index    *proxied

	longest time.Duration        // that a fault lasts
	answers []stubserver.Failure // one of them, when the endpoint is sick

	sick atomic.Pointer[stubserver.Failure] // what the endpoint answers; nil when it is well
	odds atomic.Int64                       // of 100 answers of a sick one
}

func (w *weather) startEndpoint() *httptest.Server {
	return httptest.NewServer(stubserver.New(stubserver.Options{
		Latency: 2 * time.Millisecond,
		Fail: func(stubserver.Request) *stubserver.Failure {
			if sick := w.sick.Load(); sick != nil && rand.Int64N(100) < w.odds.Load() {
				return sick
			}
			return nil
		},
	}))
}

// passing are answers after which a client tries again.
func passing() []stubserver.Failure {
	html := map[string]string{"Content-Type": "text/html"}
	return []stubserver.Failure{
		{Status: 500, Body: `{"error":"out of memory","error_type":"Backend"}`},
		{Status: 502, Header: html, Body: "<html><h1>Bad Gateway</h1></html>"},
		{Status: 503, Header: html, Body: "<html>no server is available</html>"},
		{Status: 429, Header: map[string]string{"Retry-After": "1"}, Body: `{"error":"Model is overloaded","error_type":"Overloaded"}`},
	}
}

// lasting are answers that are wrong for good. None can be taken for the
// vectors of a batch: that would be another model's, which nobody can tell.
func lasting() []stubserver.Failure {
	return []stubserver.Failure{
		{Status: 200, Body: `[[0.1,0.2`},
		{Status: 200, Body: `{"error":"it did not work"}`},
		{Status: 200, Body: `[[1,0,0,0,0,0,0,0],[0,1,0,0]]`},
		{Status: 200, Header: map[string]string{"Content-Type": "text/html"}, Body: "<html>please log in</html>"},
	}
}

// toxics are the faults of a network.
func toxics() []fault {
	return []fault{
		{Type: "latency", Attributes: map[string]float64{"latency": 100, "jitter": 100}},
		{Type: "bandwidth", Attributes: map[string]float64{"rate": 20}},
		{Type: "slicer", Attributes: map[string]float64{"average_size": 64, "size_variation": 32, "delay": 1000}},
		{Type: "timeout", Attributes: map[string]float64{"timeout": 0}},
		{Type: "timeout", Attributes: map[string]float64{"timeout": 200}},
		{Type: "reset_peer", Attributes: map[string]float64{"timeout": 30}},
		{Type: "limit_data", Attributes: map[string]float64{"bytes": 3000}},
	}
}

// storm begins some faults; each ends after a while that is drawn, or when
// over is called, which waits until all have ended.
func (w *weather) storm(t *testing.T, r *rand.Rand) (over func()) {
	t.Helper()
	var ends []func()
	begin := func(end func()) {
		var once sync.Once
		finish := func() { once.Do(end) }
		timer := time.AfterFunc(100*time.Millisecond+time.Duration(r.Int64N(int64(w.longest))), finish)
		ends = append(ends, func() { timer.Stop(); finish() })
	}
	for _, way := range []*proxied{w.endpoint, w.index} {
		switch r.IntN(4) {
		case 0: // nothing
		case 1:
			way.cut()
			begin(func() { way.restore(t) })
		default:
			f := toxics()[r.IntN(len(toxics()))]
			f.Toxicity = 0.2 + 0.8*r.Float64()
			if r.IntN(2) == 0 {
				f.Stream = "upstream"
			}
			way.begin(t, f)
			begin(way.end)
		}
	}
	if r.IntN(2) == 0 {
		failure := w.answers[r.IntN(len(w.answers))]
		w.odds.Store(int64(10 + r.IntN(91)))
		w.sick.Store(&failure)
		begin(func() { w.sick.Store(nil) })
	}
	if r.IntN(2) == 0 {
		refusals := qdrantserver.Passing()
		f := refusals[r.IntN(len(refusals))]
		f.Skip, f.Times = r.IntN(20), 1+r.IntN(3)
		w.qdrant.Inject(f)
		ends = append(ends, w.qdrant.Heal)
	}
	return func() {
		for _, end := range ends {
			end()
		}
	}
}
