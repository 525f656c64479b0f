package main

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// variants is how many answers are kept of each kind: enough that a
// processor cannot foresee the digits.
const variants = 8

// endpoint is an embedding server that costs little. The first answers to
// requests of each size come from the stub server that the tests use, which
// prints numbers as Hugging Face, text-embeddings-inference and OpenAI do;
// they are kept, and given to every later request of that size. So vectors
// do not belong to texts: that they do is a matter of tests, not of
// measurements.
type endpoint struct {
	origin http.Handler
	endpointOptions

	requests, texts, refused, inFlight, most atomic.Int64

	late    lateness
	bodies  sync.Pool // of buffers for requests
	mutex   sync.RWMutex
	answers map[request][][]byte
}

// endpointOptions say how an endpoint behaves; zeroes are no limits.
type endpointOptions struct {
	dim      int
	latency  time.Duration // of each answer
	limit    int64         // requests in flight beyond it get 429
	maxBatch int           // texts a request; more are refused
}

// request is what an answer depends on.
type request struct {
	path   string
	texts  int
	base64 bool
}

func newEndpoint(o endpointOptions) *endpoint {
	return &endpoint{
		origin:          stubserver.New(stubserver.Options{Vector: stubserver.Hash(o.dim), MaxTexts: o.maxBatch}),
		endpointOptions: o, answers: map[request][][]byte{},
	}
}

// ServeHTTP implements [http.Handler].
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	number, in := e.requests.Add(1), e.inFlight.Add(1)
	defer e.inFlight.Add(-1)
	for old := e.most.Load(); in > old && !e.most.CompareAndSwap(old, in); old = e.most.Load() {
	}
	if e.limit > 0 && in > e.limit {
		e.refused.Add(1)
		refuse(w, http.StatusTooManyRequests, `{"error":"Model is overloaded","error_type":"Overloaded"}`)
		return
	}
	due := time.Now().Add(e.latency)
	buffer, ok := e.bodies.Get().(*bytes.Buffer)
	if !ok {
		buffer = &bytes.Buffer{}
	}
	defer e.bodies.Put(buffer)
	buffer.Reset()
	if _, err := buffer.ReadFrom(r.Body); err != nil {
		refuse(w, http.StatusBadRequest, `{"error":"the request broke off"}`)
		return
	}
	answer := e.answer(r, buffer.Bytes(), number)
	if wait := time.Until(due) - e.late.expected(); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
			e.late.learn(time.Since(due))
		case <-r.Context().Done():
			return
		}
	}
	if answer == nil {
		r.Body = readCloser{bytes.NewReader(buffer.Bytes())}
		e.origin.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	_, _ = w.Write(answer) // whoever went away needs no answer
}

func refuse(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// answer returns the body for a request, nil when it is none for vectors.
func (e *endpoint) answer(r *http.Request, body []byte, number int64) []byte {
	count := countTexts(body)
	if r.Method != http.MethodPost || count == 0 || e.maxBatch > 0 && count > e.maxBatch {
		return nil
	}
	e.texts.Add(int64(count))
	kind := request{path: r.URL.Path, texts: count, base64: bytes.Contains(body, []byte(`"encoding_format":"base64"`))}
	e.mutex.RLock()
	known := e.answers[kind]
	e.mutex.RUnlock()
	if len(known) == variants {
		return known[number%variants]
	}
	made := recorder{header: http.Header{}}
	again := r.Clone(r.Context())
	again.Body = readCloser{bytes.NewReader(body)}
	e.origin.ServeHTTP(&made, again)
	if made.status != 0 {
		return nil
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if len(e.answers[kind]) < variants {
		e.answers[kind] = append(e.answers[kind], made.body.Bytes())
	}
	return made.body.Bytes()
}

type readCloser struct{ *bytes.Reader }

// Close implements io.Closer.
func (readCloser) Close() error { return nil }

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int // 0 is the status of success
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int) { r.status = status }

// Write implements [http.ResponseWriter].
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
