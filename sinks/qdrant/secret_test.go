package qdrant_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

const secret = "s3cr3t-api-key"

func key(text string) func() string { return func() string { return text } }

func TestTheKeyIsSent(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{APIKey: secret})
	index := newIndex(t, qdrant.Options{URL: server.URL(), APIKey: key(secret)})
	if err := index.Prepare(t.Context(), spaces()); err != nil {
		t.Fatalf("Prepare: %v", err)
	}
	if err := index.Write(t.Context(), points("a")); err != nil {
		t.Fatalf("Write: %v", err)
	}
}

func TestAWrongKeyIsDenied(t *testing.T) {
	t.Parallel()
	server := start(t, qdrantserver.Options{APIKey: "another"})
	for name, options := range map[string]qdrant.Options{
		"wrong": {URL: server.URL(), APIKey: key(secret)}, "missing": {URL: server.URL()},
	} {
		index := newIndex(t, options)
		err := index.Prepare(t.Context(), spaces())
		wantError(t, err, pipeline.Denied, "API key", "API key")
		if strings.Contains(fmt.Sprintf("%v %+v %s", err, err, pipeline.Hint(err)), secret) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
	if n := server.Calls("ListAliases"); n != 2 {
		t.Errorf("a wrong key was tried %d times, want once each", n)
	}
}

func TestTheKeyDoesNotCrossTheNetworkInTheClear(t *testing.T) {
	t.Parallel()
	_, err := qdrant.New(qdrant.Options{URL: "http://qdrant.internal:6334", Collection: "docs", APIKey: key(secret)})
	wantError(t, err, pipeline.Misconfigured, "unencrypted", "https://")
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the error shows the key: %v", err)
	}
	for _, options := range []qdrant.Options{
		{URL: "http://qdrant.internal:6334"},
		{URL: "http://qdrant.internal:6334", APIKey: key("")},
		{URL: "http://qdrant.internal:6334", APIKey: key(secret), AllowClearText: true},
		{URL: "https://qdrant.internal:6334", APIKey: key(secret)},
		{URL: "http://localhost:6334", APIKey: key(secret)},
		{URL: "http://127.0.0.1:6334", APIKey: key(secret)},
		{URL: "http://[::1]:6334", APIKey: key(secret)},
	} {
		newIndex(t, options)
	}
}

func TestTLSIsSpoken(t *testing.T) {
	t.Parallel()
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS()
	t.Cleanup(web.Close)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	server := start(t, qdrantserver.Options{TLS: web.TLS, APIKey: secret})
	index := newIndex(t, qdrant.Options{
		URL: server.URL(), APIKey: key(secret),
		TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12, ServerName: "example.com"},
	})
	if err := index.Prepare(t.Context(), spaces()); err != nil {
		t.Fatalf("Prepare: %v", err)
	}
}

func TestAWrongAddressIsToldBeforeAnyCall(t *testing.T) {
	t.Parallel()
	for url, text := range map[string]string{
		"":                             "neither http:// nor https://",
		"localhost:6334":               "neither http:// nor https://",
		"grpc://localhost":             "neither http:// nor https://",
		"http://":                      "no host",
		"http://user:hunter2@host":     "a user or a password",
		"http://host:6334/collections": "more than host and port",
		"http://host:6334?x=y":         "more than host and port",
		"http://host:0":                "no valid port",
		"http://host:99999":            "no valid port",
		"http://host:hunter2":          "cannot be read",
		"http://%zzhunter2":            "cannot be read",
	} {
		_, err := qdrant.New(qdrant.Options{URL: url, Collection: "docs"})
		wantError(t, err, pipeline.Misconfigured, text, "")
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows what may be a secret: %v", err)
		}
	}
	for _, name := range []string{"", "a/b", "a:b", "a*", strings.Repeat("a", 256), "nul\x00"} {
		_, err := qdrant.New(qdrant.Options{URL: "http://localhost", Collection: name})
		wantError(t, err, pipeline.Misconfigured, "name", "name")
	}
	for _, url := range []string{"http://host", "http://host/", "https://host:443", "http://[::1]", "http://10.0.0.1:6334"} {
		newIndex(t, qdrant.Options{URL: url})
	}
}
