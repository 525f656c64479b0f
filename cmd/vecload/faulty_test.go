package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// faulty is an embedding server some of whose answers have a fault.
type faulty struct {
	*httptest.Server

	stub  *stubserver.Server
	asked atomic.Int64 // requests to embed
}

// exchange is a request and what a server without faults would answer.
type exchange struct {
	w    http.ResponseWriter
	r    *http.Request
	sent []byte
	good []byte
}

// newFaulty starts a server; bad tells which answers have the fault, 1 for the
// first. What a server says of itself has none.
func newFaulty(t *testing.T, answer func(exchange), bad func(n int64) bool) *faulty {
	t.Helper()
	return newFaultyOver(t, stubserver.New(stubserver.Options{}), answer, bad)
}

func newFaultyOver(t *testing.T, stub *stubserver.Server, answer func(exchange), bad func(n int64) bool) *faulty {
	t.Helper()
	f := &faulty{stub: stub}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "/show") {
			f.stub.ServeHTTP(w, r)
			return
		}
		n := f.asked.Add(1)
		if !bad(n) {
			f.stub.ServeHTTP(w, r)
			return
		}
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(sent))
		good := httptest.NewRecorder()
		f.stub.ServeHTTP(good, r)
		answer(exchange{w: w, r: r, sent: sent, good: good.Body.Bytes()})
	}))
	f.Config.ErrorLog = silent()
	f.Start()
	t.Cleanup(f.Close)
	return f
}

// address is where an endpoint of a kind is reached at a server.
func address(kind, server string) string {
	switch kind {
	case "openai":
		return server + "/v1"
	case "raw":
		return server + "/raw"
	}
	return server
}

// The schedules of faults, by the number of the answer. Runs of the tests make
// a probe and eight batches or more.
func never(int64) bool       { return false }
func always(int64) bool      { return true }
func fromThird(n int64) bool { return n >= 3 }
func fromFifth(n int64) bool { return n >= 5 }

// nowAndThen is of faults that touch the probe, the first batches and the last.
func nowAndThen(n int64) bool { return n <= 2 || n == 6 || n == 7 || n == 11 }

// afterProbe is of faults that leave the probe alone.
func afterProbe(n int64) bool { return n == 3 || n == 6 || n == 7 || n == 9 }
