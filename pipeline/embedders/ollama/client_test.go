package ollama_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/ollama"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

func newClient(t *testing.T, handler http.Handler, o ollama.Options) *ollama.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o.URL = server.URL
	if o.Model == "" {
		o.Model = "m"
	}
	client, err := ollama.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// answering answers every request with one body.
func answering(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func TestClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		t.Helper()
		return newClient(t, stubserver.New(stubserver.Options{Token: "key"}), ollama.Options{Token: credential.New("key")})
	})
}

func TestTextsReachTheServerUnchanged(t *testing.T) {
	t.Parallel()
	embeddertest.Unchanged(t, newClient(t, stubserver.New(stubserver.Options{}), ollama.Options{}), stubserver.Hash(8))
}

func TestTheRequestIsAlwaysTheSame(t *testing.T) {
	t.Parallel()
	tests := []struct {
		options ollama.Options
		want    string
	}{
		{ollama.Options{}, `POST /api/embed {"model":"m","input":["a","b"],"keep_alive":"30m"}`},
		{ollama.Options{Model: `x"y`, Context: 8192}, `POST /api/embed {"model":"x\"y","input":["a","b"],"keep_alive":"30m","options":{"num_ctx":8192,"num_batch":8192}}`},
	}
	for _, test := range tests {
		var got string
		client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = r.Method + " " + r.URL.RequestURI() + " " + string(body)
			answering(200, `{"embeddings":[[1,2],[3,4]]}`).ServeHTTP(w, r)
		}), test.options)
		for range 2 {
			if _, err := client.Embed(t.Context(), []string{"a", "b"}); err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("request %s, want %s", got, test.want)
			}
		}
	}
}

func TestAnAnswerWithoutVectorsIsRefused(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]pipeline.Class{
		`{"model":"m","embeddings":[]}`:        pipeline.Fatal,
		`{"model":"m","embeddings":[[1,2]]}`:   pipeline.Fatal,
		`{"model":"m"}`:                        pipeline.Misconfigured,
		`{"error":"server busy, please try"}`:  pipeline.Throttled,
		`{"model":"m","embeddings":[[1],[2]]`:  pipeline.Transient,
		`{"model":"m","embeddings":[[1],[[]]]`: pipeline.Misconfigured,
	} {
		v, err := newClient(t, answering(200, body), ollama.Options{}).Embed(t.Context(), []string{"a", "b"})
		if err == nil || v.Len() != 0 || pipeline.Classify(err) != want {
			t.Errorf("%s: %v, %v (%s), want %s", body, v, err, pipeline.Classify(err), want)
		}
	}
}

func TestShowTellsDimensionAndContext(t *testing.T) {
	t.Parallel()
	var got string
	client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.RequestURI() + " " + string(body)
		answering(200, `{"license":"x","details":{"family":"nomic-bert"},"model_info":{"general.architecture":"nomic-bert",
			"nomic-bert.context_length":2048,"nomic-bert.embedding_length":768,"tokenizer.ggml.tokens":null},"capabilities":["embedding"]}`).ServeHTTP(w, r)
	}), ollama.Options{})
	known, err := client.Describe(t.Context())
	if want := (embedders.Known{Model: "m", Dim: 768, TextTokens: 2048}); err != nil || known != want || got != `POST /api/show {"model":"m"}` {
		t.Errorf("%s: %+v, %v, want %+v", got, known, err, want)
	}
}

func TestShowOfAMissingModelSaysHowToGetIt(t *testing.T) {
	t.Parallel()
	_, err := newClient(t, answering(404, `{"error":"model 'm' not found"}`), ollama.Options{}).Describe(t.Context())
	if pipeline.Classify(err) != pipeline.NotServed || !strings.HasPrefix(pipeline.Hint(err), "ollama pull m, or ") {
		t.Errorf("%v (%s, hint %q)", err, pipeline.Classify(err), pipeline.Hint(err))
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		options ollama.Options
		want    string
	}{
		{ollama.Options{URL: "http://localhost:11434"}, "model is missing"},
		{ollama.Options{Model: "m"}, "url of the server is missing"},
		{ollama.Options{Model: "m", URL: "http://localhost:11434/v1/"}, "ends in /v1"},
		{ollama.Options{Model: "m", URL: "http://localhost:11434/api/embed"}, "ends in /api/embed"},
		{ollama.Options{Model: "m", URL: "http://localhost:11434", Context: -1}, "negative"},
		{ollama.Options{Model: "m", URL: "http://example.com", Token: credential.New("k")}, "clear text"},
	}
	for _, test := range tests {
		_, err := ollama.New(test.options)
		if err == nil || pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(err.Error(), test.want) {
			t.Errorf("New(%+v) = %v, want it misconfigured: %s", test.options, err, test.want)
		}
	}
}
