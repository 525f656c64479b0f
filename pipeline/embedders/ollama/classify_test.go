package ollama_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/ollama"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// The status table of Ollama's own route (server/routes.go, llm/llama_server.go).
// Those named 0.33 are recorded; the others on models, lengths, NaN, crashed
// runners and a busy server are those of the server's source or of users'
// reports; those on memory, and on loading in older versions, were written from
// memory; answers of proxies are synthetic.
func TestStatusTableOfOllama(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		media  string
		body   string
		class  pipeline.Class
		hint   string
	}{
		{"no model", 404, "", `{"error":"model \"m\" not found, try pulling it first"}`, pipeline.NotServed, "ollama pull m"},
		{"no model, newer", 404, "", `{"error":"model 'm' not found"}`, pipeline.NotServed, "ollama pull m"},
		{"no route", 404, "text/plain", "404 page not found", pipeline.NotServed, "without /api and /v1"},
		{"no method", 405, "text/plain", "405 method not allowed", pipeline.NotServed, "without /api and /v1"},
		{"name", 400, "", `{"error":"invalid model name"}`, pipeline.NotServed, "ollama list"},
		{"no embedding model", 400, "", `{"error":"this model does not support embeddings"}`, pipeline.Misconfigured, "embedding model"},
		{"long text", 400, "", `{"error":"the input length exceeds the context length"}`, pipeline.Rejected, "chunking"},
		{"long text after truncation", 400, "", `{"error":"input after truncation exceeds maximum context length"}`, pipeline.Rejected, "chunking"},
		{"long text, older", 500, "", `{"error":"the input length exceeds the context length"}`, pipeline.Rejected, "chunking"},
		{"NaN, 400", 400, "", `{"error":"embedding contains NaN or Inf values"}`, pipeline.Rejected, ""},
		{"NaN, 500", 500, "", `{"error":"failed to encode response: json: unsupported value: NaN"}`, pipeline.Rejected, ""},
		{"runner, 400", 400, "", `{"error":"do embedding request: Post \"http://127.0.0.1:1/embedding\": EOF"}`, pipeline.Transient, "context"},
		{"runner, 500", 500, "", `{"error":"do embedding request: Post \"http://127.0.0.1:1/embedding\": EOF"}`, pipeline.Transient, "context"},
		{"runner refuses", 400, "", `{"error":"Post \"http://127.0.0.1:1/embedding\": dial tcp 127.0.0.1:1: connect: connection refused"}`, pipeline.Transient, ""},
		{"runner's status", 400, "", `{"error":"unexpected server status: llm server loading model"}`, pipeline.Transient, ""},
		{"runner ends", 500, "", `{"error":"llama runner process has terminated: signal: killed"}`, pipeline.Transient, ""},
		{"runner, unknown", 400, "", `{"error":"something within the runner"}`, pipeline.Transient, ""},
		{"type", 400, "", `{"error":"invalid input type"}`, pipeline.Fatal, ""},
		{"JSON", 400, "", `{"error":"invalid character '}' looking for beginning of value"}`, pipeline.Fatal, ""},
		{"long text, another server's words", 400, "", `{"error":"This model's maximum context length is 8192 tokens, however you requested 9000 tokens"}`, pipeline.Rejected, "chunking"},
		{"cancelled", 499, "", `{"error":"request canceled"}`, pipeline.Transient, ""},
		{"load", 500, "", `{"error":"unable to load model: /root/.ollama/models/blobs/sha256-x"}`, pipeline.NotServed, "log"},
		{"load takes long", 500, "", `{"error":"timed out waiting for llama runner to start - progress 0.50 - "}`, pipeline.Warming, ""},
		{"load takes long, 0.33", 500, "", `{"error":"timed out waiting for llama-server to start - "}`, pipeline.Warming, ""},
		{"a model that is cut off, 0.33", 500, "", `{"error":"tensor \"token_embd.weight\" offset+size (48313920) exceeds file size (45450528)"}`, pipeline.NotServed, "log"},
		{"no model file, 0.33", 500, "", `{"error":"invalid file magic"}`, pipeline.NotServed, "log"},
		{"no model to show, 0.33", 404, "", `{"error":"model 'm:latest' not found"}`, pipeline.NotServed, "ollama list"},
		{"runner killed, 0.33", 400, "", `{"error":"do embedding request: Post \"http://127.0.0.1:33015/v1/embeddings\": EOF"}`, pipeline.Transient, "context"},
		{"memory", 500, "", `{"error":"model requires more system memory (9.0 GiB) than is available (4.0 GiB)"}`, pipeline.NotServed, "memory"},
		{"busy", 503, "", `{"error":"server busy, please try again.  maximum pending requests exceeded"}`, pipeline.Throttled, ""},
		{"500", 500, "", `{"error":"boom"}`, pipeline.Transient, ""},
		{"a proxy's key", 401, "text/html", "<html>", pipeline.Denied, "token"},
		{"a proxy's 403", 403, "", "", pipeline.Denied, ""},
		{"a proxy's 413", 413, "text/html", "<html>", pipeline.Oversize, ""},
		{"a proxy's 429", 429, "", "", pipeline.Throttled, ""},
		{"a proxy's 502", 502, "text/html", "<html>", pipeline.Transient, ""},
		{"a proxy's 504", 504, "text/html", "<html>", pipeline.Transient, ""},
		{"402", 402, "", "", pipeline.Denied, "credit"},
		{"418", 418, "", "", pipeline.Fatal, "does not know this answer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failure := stubserver.Failure{Status: test.status, Body: test.body, Header: map[string]string{"Retry-After": "9"}}
			if test.media != "" {
				failure.Header["Content-Type"] = test.media
			}
			client := newClient(t, stubserver.New(stubserver.Options{Fail: func(r stubserver.Request) *stubserver.Failure {
				if r.Number == 1 {
					return nil
				}
				return &failure
			}}), ollama.Options{})
			if _, err := client.Embed(t.Context(), []string{"first"}); err != nil {
				t.Fatal(err)
			}
			_, err := client.Embed(t.Context(), []string{"second"})
			if err == nil || pipeline.Classify(err) != test.class || !strings.Contains(pipeline.Hint(err), test.hint) {
				t.Fatalf("err = %v (%s, hint %q), want %s with %q", err, pipeline.Classify(err), pipeline.Hint(err), test.class, test.hint)
			}
			waits := test.class == pipeline.Throttled || test.class == pipeline.Transient || test.class == pipeline.Warming
			if want := 9 * time.Second; waits && pipeline.After(err) != want || !waits && pipeline.After(err) != 0 {
				t.Errorf("after = %s", pipeline.After(err))
			}
		})
	}
}

func TestAModelIsLoadedByTheFirstRequest(t *testing.T) {
	t.Parallel()
	for _, status := range []int{502, 503, 504} {
		client := newClient(t, answering(status, ""), ollama.Options{})
		if _, err := client.Embed(t.Context(), []string{"first"}); pipeline.Classify(err) != pipeline.Warming {
			t.Errorf("%d to the first request: %v (%s), want it warming", status, err, pipeline.Classify(err))
		}
	}
	// A request that is held until it is given up is one that loads.
	slow := stubserver.New(stubserver.Options{Latency: 10 * time.Second})
	client := newClient(t, slow, ollama.Options{Timeout: 50 * time.Millisecond})
	if _, err := client.Embed(t.Context(), []string{"first"}); pipeline.Classify(err) != pipeline.Warming {
		t.Errorf("no answer to the first request: %v (%s), want it warming", err, pipeline.Classify(err))
	}
}
