package main

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// proxied is a connection's way to a server of a test, into which faults of
// the network can be put: it is a TCP proxy.
type proxied struct {
	addr  string // host:port, for the one who connects
	proxy *toxiproxy.Proxy
}

// newProxied starts a proxy to a server at host:port. It ends with the test.
func newProxied(t *testing.T, server string) *proxied {
	t.Helper()
	zerolog.SetGlobalLevel(zerolog.Disabled) // some toxics know no other logger
	// The API of this server is never opened: it lends its proxies a logger.
	owner := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(owner, t.Name(), "127.0.0.1:0", server)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	return &proxied{addr: proxy.Listen, proxy: proxy}
}

// fault is a toxic of toxiproxy, see its README: latency, bandwidth,
// slow_close, timeout, reset_peer, slicer or limit_data.
type fault struct {
	Name       string             `json:"name"`
	Type       string             `json:"type"`
	Stream     string             `json:"stream,omitempty"` // downstream, from the server, or upstream
	Toxicity   float64            `json:"toxicity"`         // the share of connections that have it
	Attributes map[string]float64 `json:"attributes"`
}

// begin puts a fault into the connections there are and those that come.
func (p *proxied) begin(t *testing.T, f fault) {
	t.Helper()
	if f.Name == "" {
		f.Name = f.Type
	}
	if f.Toxicity == 0 {
		f.Toxicity = 1
	}
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.proxy.Toxics.AddToxicJson(bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
}

// end takes all faults away.
func (p *proxied) end() { p.proxy.Toxics.ResetToxics(context.Background()) }

// cut closes all connections and refuses new ones, until restore.
func (p *proxied) cut() { p.proxy.Stop() }

func (p *proxied) restore(t *testing.T) {
	t.Helper()
	if err := p.proxy.Start(); err != nil {
		t.Fatal(err)
	}
}
