package main

import (
	"os"
	"regexp"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// troubled is a Qdrant in this process behind a proxy.
type troubled struct {
	server  *qdrantserver.Server
	network *proxied
	child   chan *os.Process // of the run, once it was started

	met atomic.Int64 // faults that have happened
}

// inject makes a fault of the server happen, and counts it.
func (q *troubled) inject(f qdrantserver.Fault) {
	then := f.Hook
	f.Hook = func() {
		q.met.Add(1)
		if then != nil {
			then()
		}
	}
	q.server.Inject(f)
}

// at has then called when a method is called for the nth time.
func (q *troubled) at(method string, nth int, then func()) {
	q.inject(qdrantserver.Fault{Method: method, Skip: nth - 1, Hook: then})
}

// gone makes the server unreachable for a while: connections are reset, and
// new ones are refused, as when it restarts.
func (q *troubled) gone(t *testing.T, while time.Duration) func() {
	return func() {
		q.network.cut()
		time.AfterFunc(while, func() {
			q.network.restore(t)
		})
	}
}

// ill puts a fault into the network for a while.
func (q *troubled) ill(t *testing.T, f fault, while time.Duration) func() {
	return func() {
		q.network.begin(t, f)
		time.AfterFunc(while, q.network.end)
	}
}

// qdrantFault is a story of a run that meets a fault.
type qdrantFault struct {
	settings string // of the index, as YAML
	refresh  bool   // the index holds documents before, some of which have changed or are gone
	begin    func(t *testing.T, q *troubled)
	code     int
	says     string        // a pattern of what is told
	within   time.Duration // 0 leaves it open
}

const (
	documents = 160
	soon      = 15 * time.Second

	impatient = "    retry_for: 1s\n"
	deletes   = "  delete_missing: true\n  max_delete_share: 50%\n"
	byAlias   = "  publish: alias\n"
	withWords = "  hybrid: {}\n"
)

// meets is a fault that happens to some calls.
func meets(f qdrantserver.Fault) func(*testing.T, *troubled) {
	return func(_ *testing.T, q *troubled) { q.inject(f) }
}

func goneAt(method string, nth int) func(*testing.T, *troubled) {
	return func(t *testing.T, q *troubled) {
		t.Helper()
		q.at(method, nth, q.gone(t, 300*time.Millisecond))
	}
}

func illAt(method string, nth int, while time.Duration, f fault) func(*testing.T, *troubled) {
	return func(t *testing.T, q *troubled) {
		t.Helper()
		q.at(method, nth, q.ill(t, f, while))
	}
}

func qdrantFaults() map[string]qdrantFault {
	type wire = qdrantserver.Fault
	return map[string]qdrantFault{
		"is gone while the index is prepared":   {begin: goneAt("Get", 1)},
		"is gone while the lease is taken":      {begin: goneAt("Update", 1)},
		"is gone at the first write":            {begin: goneAt("Upsert", 1)},
		"is gone in the middle of writing":      {begin: goneAt("Upsert", 3), settings: withWords},
		"is gone while the lease is given back": {begin: goneAt("Update", 3)},
		"is gone while it is asked for points":  {begin: goneAt("Get", 5), refresh: true},
		"is gone while payloads are changed":    {begin: goneAt("UpdateBatch", 1), refresh: true},
		"is gone while points are listed":       {begin: goneAt("Scroll", 1), refresh: true, settings: deletes},
		"is gone while points are deleted":      {begin: goneAt("Delete", 1), refresh: true, settings: deletes},
		"is gone while a build is begun":        {begin: goneAt("Create", 1), settings: byAlias},
		"is gone while the alias is moved":      {begin: goneAt("UpdateAliases", 1), settings: byAlias},
		"is gone after the alias was moved": {settings: byAlias, begin: func(t *testing.T, q *troubled) {
			q.at("UpdateAliases", 1, func() { goneAt("ListAliases", 1)(t, q) })
		}},

		"is not there at all": {
			begin: func(_ *testing.T, q *troubled) {
				q.met.Add(1)
				q.network.cut()
			},
			code: exitFailed, says: `127\.0\.0\.1.*gave up after \d+ tries and 5|gave up after \d+ tries and 5.*127\.0\.0\.1`, within: soon,
		},
		"is gone for good": {
			settings: impatient,
			begin:    func(_ *testing.T, q *troubled) { q.at("Upsert", 3, q.network.cut) },
			code:     exitFailed, says: `(?s)waiting for Qdrant.*gave up after .*write to http://127.*Unavailable.*is Qdrant running`, within: 20 * time.Second,
		},
		"is gone when the run is told to stop": {
			begin: func(_ *testing.T, q *troubled) {
				q.at("Upsert", 3, func() {
					q.network.cut()
					_ = (<-q.child).Signal(syscall.SIGTERM)
				})
			},
			code: exitInterrupted, says: `stopping`, within: soon,
		},

		"resets connections in mid-stream": {begin: illAt("Upsert", 3, time.Second,
			fault{Type: "limit_data", Stream: "upstream", Attributes: map[string]float64{"bytes": 9000}})},
		"resets connections in mid-answer": {refresh: true, begin: illAt("Get", 3, time.Second,
			fault{Type: "limit_data", Stream: "downstream", Attributes: map[string]float64{"bytes": 900}})},
		"is a black hole": {begin: illAt("Upsert", 3, time.Second,
			fault{Type: "timeout", Stream: "downstream", Attributes: map[string]float64{"timeout": 0}})},
		"drips": {begin: illAt("Upsert", 2, time.Second,
			fault{Type: "slicer", Attributes: map[string]float64{"average_size": 64, "size_variation": 32, "delay": 2000}})},
		"is far away": {begin: illAt("Upsert", 1, 2*time.Second,
			fault{Type: "latency", Attributes: map[string]float64{"latency": 60, "jitter": 50}})},

		"loses answers to writes":         {begin: meets(wire{Method: "Upsert", Skip: 3, Times: 4, Code: qdrantserver.Unavailable, Applied: true})},
		"loses answers to changes":        {refresh: true, begin: meets(wire{Method: "UpdateBatch", Times: 2, Code: qdrantserver.Unavailable, Applied: true})},
		"loses answers to deletions":      {refresh: true, settings: deletes, begin: meets(wire{Method: "Delete", Times: 2, Code: qdrantserver.Unavailable, Applied: true})},
		"loses the answer to the switch":  {settings: byAlias, begin: meets(wire{Method: "UpdateAliases", Code: qdrantserver.Unavailable, Applied: true})},
		"loses the answer to the claim":   {begin: meets(wire{Method: "Update", Times: 2, Code: qdrantserver.Unavailable, Applied: true})},
		"loses the answer to the build":   {settings: byAlias, begin: meets(wire{Method: "Create", Code: qdrantserver.Unavailable, Applied: true})},
		"acknowledges without completing": {begin: meets(wire{Method: "Upsert", Skip: 2, Times: 5, Status: qdrantserver.Acknowledged})},
		"times out writes":                {begin: meets(wire{Method: "Upsert", Skip: 2, Times: 5, Status: qdrantserver.WaitTimeout})},
		"acknowledges deletions without completing": {
			refresh: true, settings: deletes, begin: meets(wire{Method: "Delete", Times: 3, Status: qdrantserver.Acknowledged}),
		},
		"never completes": {
			settings: impatient, begin: meets(wire{Method: "Upsert", Skip: 2, Times: -1, Status: qdrantserver.Acknowledged}),
			code: exitFailed, says: `did not confirm the points, its status is Acknowledged`, within: soon,
		},
		"limits the rate": {begin: meets(wire{
			Method: "Upsert", Skip: 2, Times: 3, Code: qdrantserver.ResourceExhausted, RetryAfter: 1,
			Message: "Rate limiting exceeded: Write rate limit exceeded",
		})},
		"limits the rate for good": {
			settings: impatient, code: exitFailed, says: `Rate limiting exceeded`, within: soon,
			begin: meets(wire{
				Method: "Upsert", Skip: 2, Times: -1, Code: qdrantserver.ResourceExhausted, RetryAfter: 60,
				Message: "Rate limiting exceeded: Write rate limit exceeded",
			}),
		},
		"has a full disk for a while": {begin: meets(wire{
			Method: "Upsert", Skip: 2, Times: 5, Code: qdrantserver.Internal, Message: "Service internal error: No space left on device",
		})},
		"has a full disk": {
			settings: impatient, code: exitFailed, says: `(?s)No space left on device.*at the disk of Qdrant`, within: soon,
			begin: meets(wire{
				Method: "Upsert", Skip: 2, Times: -1, Code: qdrantserver.Internal, Message: "Service internal error: No space left on device",
			}),
		},
		"has used up its quota": {
			code: exitFailed, says: `(?s)quota.*make room`, within: soon,
			begin: meets(wire{
				Method: "Upsert", Skip: 2, Times: -1, Code: qdrantserver.ResourceExhausted, InsufficientStorage: true, Message: "disk quota exceeded",
			}),
		},
		"rejects a write": {
			code: exitFailed, says: `write to http://127.*InvalidArgument: Forbidden`, within: soon,
			begin: meets(wire{Method: "Upsert", Skip: 2, Times: -1, Code: qdrantserver.InvalidArgument, Message: "Forbidden: too many points"}),
		},
		"withdraws the right to write": {
			code: exitDenied, says: `(?s)PermissionDenied.*the API key has no right`, within: soon,
			begin: meets(wire{Method: "Upsert", Skip: 2, Times: -1, Code: qdrantserver.PermissionDenied, Message: "Access to collection docs is required"}),
		},
		"has lost the collection": {
			code: exitFailed, says: `(?s)the collection is gone.*run the same command again`, within: soon,
			begin: meets(wire{Method: "Upsert", Skip: 2, Times: -1, Code: qdrantserver.NotFound, Message: "Not found: Collection `docs` doesn't exist!"}),
		},
	}
}

// leftIndex is what runs without faults leave.
type leftIndex struct{ before, after string }

// TestFaultsOfQdrant wants of every run that meets a fault that it succeeds
// once the fault has ended, or stops with the right exit code; that the index
// never holds what a run without faults would not have written; and that the
// next run ends in the same index as if there had been no fault.
func TestFaultsOfQdrant(t *testing.T) {
	t.Parallel()
	clean := map[string]leftIndex{}
	for _, settings := range []string{"", withWords, deletes} {
		q, l := newTroubled(t, settings)
		var c leftIndex
		l.loadWhole(t, documents, false)
		c.before = q.dump(t)
		l.loadWhole(t, documents, true)
		c.after = q.dump(t)
		clean[settings] = c
	}
	for name, story := range qdrantFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, ok := clean[story.settings]
			if !ok {
				want = clean[""]
			}
			story.tell(t, want)
		})
	}
}

// newTroubled starts a server behind a proxy, and what loads into it.
func newTroubled(t *testing.T, settings string) (*troubled, *loader) {
	t.Helper()
	l := newLoader(t, "")
	server, err := qdrantserver.Start(qdrantserver.Options{APIKey: l.secret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	q := &troubled{server: server, network: newProxied(t, server.Addr()), child: make(chan *os.Process, 1)}
	l.index = "  qdrant:\n    url: http://" + q.network.addr + "\n    collection: docs\n    api_key: ${QDRANT_KEY}\n" + settings
	return q, l
}

func (q *troubled) dump(t *testing.T) string {
	t.Helper()
	text, err := q.server.Dump("docs")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (f qdrantFault) tell(t *testing.T, clean leftIndex) {
	t.Helper()
	q, l := newTroubled(t, f.settings)
	want := clean.before
	if f.refresh {
		l.loadWhole(t, documents, false)
		want = clean.after
	}
	corpus := l.corpus(t, documents, f.refresh)
	f.begin(t, q)
	got := l.load(t, nil, func(p *os.Process) { q.child <- p })
	if q.met.Load() == 0 {
		t.Error("the fault did not happen")
	}
	if got.code != f.code || f.within > 0 && got.took > f.within {
		t.Errorf("exit code %d after %s, want %d\n%s", got.code, got.took, f.code, got.stderr)
	}
	if f.says != "" && !regexp.MustCompile(f.says).MatchString(got.stderr) {
		t.Errorf("it tells\n%s\nwant %s", got.stderr, f.says)
	}
	switch now := q.dump(t); {
	case f.code != exitDone:
		wantAmong(t, now, clean.before, clean.after)
	case now != want:
		t.Error("the index differs from that of a run without faults")
	default:
		got.wantDone(t, corpus)
	}

	q.server.Heal()
	_ = q.network.proxy.Start() // it may run
	l.load(t, nil, nil).wantDone(t, corpus)
	if q.dump(t) != want {
		t.Error("after another run the index differs from that of a run without faults")
	}
}
