package tei_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
	"github.com/vecload/vecload/pipeline/embedders/tei"
)

func newClient(t *testing.T, handler http.Handler, o tei.Options) *tei.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o.URL = server.URL
	client, err := tei.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		t.Helper()
		return newClient(t, stubserver.New(stubserver.Options{Token: "key"}), tei.Options{Token: credential.New("key")})
	})
}

func TestTextsReachTheServerUnchanged(t *testing.T) {
	t.Parallel()
	embeddertest.Unchanged(t, newClient(t, stubserver.New(stubserver.Options{}), tei.Options{}), stubserver.Hash(8))
}

func TestTheRequestHasTheOptions(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	tests := []struct {
		options tei.Options
		want    string
	}{
		{tei.Options{}, `POST /embed {"inputs":["a","b"],"normalize":false}`},
		{tei.Options{Truncate: &yes}, `POST /embed {"inputs":["a","b"],"normalize":false,"truncate":true}`},
		{tei.Options{Truncate: &no}, `POST /embed {"inputs":["a","b"],"normalize":false,"truncate":false}`},
	}
	for _, test := range tests {
		var got string
		client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = r.Method + " " + r.URL.RequestURI() + " " + string(body)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "[[1,2],[3,4]]")
		}), test.options)
		if _, err := client.Embed(t.Context(), []string{"a", "b"}); err != nil {
			t.Fatal(err)
		}
		if got != test.want {
			t.Errorf("request %s, want %s", got, test.want)
		}
	}
}

func TestInfoTellsModelAndLimits(t *testing.T) {
	t.Parallel()
	const body = `{"model_id":"BAAI/bge-m3","model_sha":"abc","model_dtype":"float16","served_model_name":"x",
		"model_type":{"embedding":{"pooling":"cls"}},"max_concurrent_requests":512,"max_input_length":8192,"max_batch_tokens":16384,
		"max_batch_requests":null,"max_client_batch_size":32,"auto_truncate":true,"tokenization_workers":8,"version":"1.9.3","sha":"s","docker_label":null}`
	client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method+r.URL.Path != "GET/info" {
			t.Errorf("request %s %s", r.Method, r.URL.Path)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}), tei.Options{})
	info, err := client.Info(t.Context())
	want := tei.Info{
		Model: "BAAI/bge-m3", Revision: "abc", Name: "x", Version: "1.9.3",
		MaxBatch: 32, MaxTokens: 8192, MaxInFlight: 512, AutoTruncate: true,
	}
	if err != nil || info != want {
		t.Errorf("got %+v, %v, want %+v", info, err, want)
	}
}

func TestInfoOfAnotherServerIsAnError(t *testing.T) {
	t.Parallel()
	client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"ok"}`)
	}), tei.Options{})
	if info, err := client.Info(t.Context()); pipeline.Classify(err) != pipeline.Misconfigured {
		t.Errorf("got %+v, %v", info, err)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{"http://host/embed/": "/embed", "host:80": "not an http", "": "missing"} {
		if _, err := tei.New(tei.Options{URL: url}); err == nil || pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(err.Error(), want) {
			t.Errorf("New(%q) = %v, want it misconfigured: %s", url, err, want)
		}
	}
}
