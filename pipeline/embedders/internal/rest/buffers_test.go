package rest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// ofOneByte makes a body that tells by itself whether it is whole: all of its
// bytes are the same.
func ofOneByte(dst []byte, c byte, size int) []byte {
	return append(dst, bytes.Repeat([]byte{c}, size)...)
}

func whole(body []byte) bool {
	return len(body) == 0 || bytes.Count(body, body[:1]) == len(body)
}

// pipes is a network whose connections hold nothing back: what is written has
// to be read.
type pipes struct {
	conns chan net.Conn
	over  chan struct{}
	close func()
}

func newPipes() pipes {
	over := make(chan struct{})
	return pipes{conns: make(chan net.Conn), over: over, close: sync.OnceFunc(func() { close(over) })}
}

func (p pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.over:
	case <-ctx.Done():
	}
	return nil, net.ErrClosed
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.over:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error {
	p.close()
	return nil
}

func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// TestNoBodyIsBuiltOverOneThatIsStillSent has a server that answers before it
// reads, hangs up, or does as it should, while bodies are built in memory that
// was used before.
func TestNoBodyIsBuiltOverOneThatIsStillSent(t *testing.T) {
	t.Parallel()
	var torn, read atomic.Int64
	network := newPipes()
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		check := func() {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			read.Add(1)
			if !whole(body) {
				torn.Add(1)
			}
		}
		answer := func() {
			body := ofOneByte(nil, r.URL.Path[1], int(r.ContentLength)/2)
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body)
		}
		control := http.NewResponseController(w)
		switch r.ContentLength % 4 {
		case 0: // answers first
			if control.EnableFullDuplex() == nil {
				answer()
				_ = control.Flush()
			}
			check()
		case 1:
			conn, _, err := control.Hijack()
			if err == nil {
				_ = conn.Close()
			}
		default:
			check()
			answer()
		}
	})}
	served := make(chan error)
	go func() { served <- server.Serve(network) }()
	client := newClient(t, rest.Options{URL: "http://host", HTTP: &http.Client{Transport: &http.Transport{DialContext: network.dial}}})
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(worker), 1))
			for range 40 {
				size, c := 1+r.IntN(100_000), byte('a'+r.IntN(26))
				a, err := client.Post(t.Context(), string(c), ofOneByte(client.Body(size), c, size), 1<<20)
				if err != nil {
					continue
				}
				if len(a.Body) != size/2 || !whole(a.Body) || len(a.Body) > 0 && a.Body[0] != c {
					t.Errorf("the answer to %d bytes of %c is torn", size, c)
				}
				a.Release()
			}
		})
	}
	all.Wait()
	if err := server.Shutdown(t.Context()); err != nil { // which waits for what is still read
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
	if torn.Load() > 0 || read.Load() < 50 {
		t.Errorf("%d of %d bodies came torn", torn.Load(), read.Load())
	}
}

func TestAnswersOfAnyLengthAreReadWhole(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var size int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &size)
		body := ofOneByte(nil, 'x', size)
		if r.Method == http.MethodPost { // else in chunks, without a length
			w.Header().Set("Content-Length", strconv.Itoa(size))
		}
		for len(body) > 0 {
			n, _ := w.Write(body[:min(len(body), 3000)])
			body = body[n:]
		}
	})
	client := newClient(t, rest.Options{URL: server.URL})
	for _, size := range []int{0, 1, 511, 512, 513, 1024, 100_000, 100_001, 7, 5 << 20, 3, 300_000} {
		path := strconv.Itoa(size)
		known, err := client.Post(t.Context(), path, []byte("{}"), 8<<20)
		if err != nil || len(known.Body) != size {
			t.Fatalf("%d bytes of known length: %v", size, err)
		}
		chunks, err := client.Get(t.Context(), path, 8<<20)
		if err != nil || !bytes.Equal(chunks.Body, known.Body) || !whole(chunks.Body) {
			t.Fatalf("%d bytes in chunks: %v", size, err)
		}
		known.Release()
		chunks.Release()
		if known.Body != nil {
			t.Error("a body can be read that was given back")
		}
	}
}

func BenchmarkPost(b *testing.B) {
	answer := ofOneByte(nil, 'x', 67_000)
	server := serveBench(b, answer)
	client, err := rest.New(rest.Options{URL: server})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		a, err := client.Post(b.Context(), "embeddings", ofOneByte(client.Body(22_000), 'x', 22_000), 1<<20)
		if err != nil || len(a.Body) != len(answer) {
			b.Fatal(err)
		}
		a.Release()
	}
}

// serveBench answers any request with the same body.
func serveBench(b *testing.B, answer []byte) string {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		_, _ = w.Write(answer)
	}))
	b.Cleanup(server.Close)
	return server.URL
}
