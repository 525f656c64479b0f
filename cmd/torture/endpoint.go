package main

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

const dimensions = 16

// endpoint is an embedding server that outlives the runs that ask it, and
// knows what it has embedded for them.
type endpoint struct {
	url    string
	server *http.Server
	served chan error
	events *events

	mu       sync.Mutex // guards what follows
	random   *rand.Rand
	embedded map[string]int // how often each text was
}

func startEndpoint(ctx context.Context, events *events, seed uint64) (*endpoint, error) {
	e := &endpoint{
		events: events, served: make(chan error, 1), embedded: map[string]int{},
		random: rand.New(rand.NewPCG(seed, 1)), //nolint:gosec // nothing is secured by it
	}
	hash := stubserver.Hash(dimensions)
	stub := stubserver.New(stubserver.Options{
		Vector: func(text string) []float32 {
			e.mu.Lock()
			e.embedded[text]++
			e.mu.Unlock()
			return hash(text)
		},
		Fail: refuse,
	})
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e.url = "http://" + listener.Addr().String()
	e.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		run, route, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if run != strconv.Itoa(events.current()) {
			return // it was under way when its run died
		}
		r.URL.Path = "/" + route
		e.answer(w, r, stub)
	})}
	go func() { e.served <- e.server.Serve(listener) }()
	return e, nil
}

// of is the address of the server for one run. Each has its own, since a
// request of a run that was killed may arrive when the next one has begun.
func (e *endpoint) of(run int) string { return e.url + "/" + strconv.Itoa(run) }

func (e *endpoint) answer(w http.ResponseWriter, r *http.Request, stub http.Handler) {
	if r.Method != http.MethodPost {
		stub.ServeHTTP(w, r)
		return
	}
	if e.events.reach(r.Context(), "request") != nil {
		return
	}
	e.wait(r.Context())
	stub.ServeHTTP(w, r)
	// What was written leaves when the handler returns: the answer is lost.
	_ = e.events.reach(r.Context(), "answer")
}

// wait is the latency of an answer.
func (e *endpoint) wait(ctx context.Context) {
	e.mu.Lock()
	latency := time.Millisecond + time.Duration(e.random.IntN(int(3*time.Millisecond)))
	e.mu.Unlock()
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// refuse is the answer to texts with a word that the server does not like.
func refuse(r stubserver.Request) *stubserver.Failure {
	for _, text := range r.Texts {
		if strings.Contains(text, refusedWord) {
			return &stubserver.Failure{Status: http.StatusUnprocessableEntity, Body: `{"error":"a text is refused","error_type":"Validation"}`}
		}
	}
	return nil
}

// counts returns how often each text was embedded so far.
func (e *endpoint) counts() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.embedded)
}

func (e *endpoint) stop() error {
	err := e.server.Close()
	if served := <-e.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
