package main

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

func TestOnlyTrustedTLSIsSpoken(t *testing.T) {
	t.Parallel()
	ours, others := newAuthority(t), newAuthority(t)
	later := time.Now().Add(time.Hour)
	good := ours.sign(t, later, "127.0.0.1")
	for name, tc := range map[string]struct {
		tls      *tls.Config // nil: clear text
		code     int
		endpoint []string // what is said about an endpoint
		index    []string // and about Qdrant
	}{
		"an authority that is named in SSL_CERT_FILE": {tls: &tls.Config{Certificates: []tls.Certificate{good}}},
		"an unknown authority": {
			&tls.Config{Certificates: []tls.Certificate{others.sign(t, later, "127.0.0.1")}},
			exitMisuse,
			[]string{"unknown authority", "not trusted here", "SSL_CERT_FILE"},
			[]string{"unknown authority", "not trusted on this machine", "SSL_CERT_FILE"},
		},
		"a certificate that has expired": {
			&tls.Config{Certificates: []tls.Certificate{ours.sign(t, time.Now().Add(-time.Minute), "127.0.0.1")}},
			exitMisuse,
			[]string{"expired", "renewed"},
			[]string{"expired", "renewed"},
		},
		"a certificate of another host": {
			&tls.Config{Certificates: []tls.Certificate{ours.sign(t, later, "other.example", "127.0.0.2")}},
			exitMisuse,
			[]string{"certificate is that of another host"},
			[]string{"certificate is that of another host"},
		},
		"no newer TLS than 1.1": {
			&tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
			exitMisuse,
			[]string{"refuses the TLS of this program"},
			[]string{"refuses the TLS of this program"},
		},
		"clear text": {
			nil, exitMisuse, []string{"speaks http, not https"}, []string{"does not speak TLS"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newPlace(t, "TOKEN=a-token", "SSL_CERT_FILE="+ours.file)
			c.put(t, "docs.jsonl", "{\"id\":\"a\",\"text\":\"one\"}\n")
			run := []string{"run", "docs.jsonl", "--id", "id", "--text", "text", "--quiet"}

			var asked atomic.Int64
			stub := stubserver.New(stubserver.Options{Token: "a-token"})
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				stub.ServeHTTP(w, r)
			}))
			server.Config.ErrorLog = quiet()
			if server.TLS = tc.tls.Clone(); server.TLS != nil {
				server.StartTLS()
			} else {
				server.Start()
			}
			t.Cleanup(server.Close)
			began := time.Now()
			address := strings.Replace(server.URL, "http:", "https:", 1)
			c.vecload(t, append(run, "--model", "a/b", "--tei", address, "--token", "${TOKEN}")...).want(t, tc.code, tc.endpoint...)
			if waited := time.Since(began); waited > time.Minute {
				t.Errorf("it was waited %s for what does not pass", waited)
			}
			if n := asked.Load(); (n > 0) != (tc.code == exitDone) {
				t.Errorf("%d requests were sent", n)
			}

			var called atomic.Int64
			qdrant, err := qdrantserver.Start(qdrantserver.Options{APIKey: "a-token", TLS: tc.tls.Clone(), Hear: func(string) { called.Add(1) }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(qdrant.Stop)
			code := tc.code
			if code != exitDone {
				code = exitFailed
			}
			c.vecload(t, append(run, "--qdrant", "https://"+qdrant.Addr(), "--collection", "c", "--api-key", "${TOKEN}")...).want(t, code, tc.index...)
			if n := called.Load(); (n > 0) != (code == exitDone) {
				t.Errorf("Qdrant was called %d times", n)
			}
		})
	}
}
