package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// proxy stands before a Qdrant, and tells of the calls that go through it.
type proxy struct {
	url       string
	server    *http.Server
	transport *http.Transport
	served    chan error
}

// startProxy serves gRPC in clear text, call by call, to the server at target.
func startProxy(ctx context.Context, events *events, target string) (*proxy, error) {
	to, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var h2c http.Protocols
	h2c.SetUnencryptedHTTP2(true)
	p := &proxy{
		url: "http://" + listener.Addr().String(), served: make(chan error, 1),
		transport: &http.Transport{Protocols: &h2c},
	}
	quiet := log.New(io.Discard, "", 0) // a killed child resets its connections
	forward := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport: p.transport, FlushInterval: -1, ErrorLog: quiet,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		ModifyResponse: func(r *http.Response) error { //nolint:contextcheck // it has its own
			return events.reach(r.Request.Context(), "reply "+method(r.Request))
		},
	}
	p.server = &http.Server{Protocols: &h2c, ReadHeaderTimeout: time.Minute, ErrorLog: quiet, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := events.reach(r.Context(), "call "+method(r)); err != nil {
			return // who called is dead, and the call never arrived
		}
		forward.ServeHTTP(w, r)
	})}
	go func() { p.served <- p.server.Serve(listener) }()
	return p, nil
}

// method is what a call asks for, such as Points/Upsert.
func method(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/qdrant.") }

func (p *proxy) stop() error {
	err := p.server.Close()
	p.transport.CloseIdleConnections()
	if served := <-p.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
