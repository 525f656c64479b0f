package tei_test

import (
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
	"github.com/vecload/vecload/pipeline/embedders/tei"
)

// The status table of text-embeddings-inference: the types of router/src/lib.rs
// with the statuses of the versions 1.0 to 1.9, and the answers of the framework
// below (axum 0.7). Answers of proxies before it are synthetic.
func TestStatusTableOfTextEmbeddingsInference(t *testing.T) {
	t.Parallel()
	const plain = "text/plain; charset=utf-8"
	tests := []struct {
		name   string
		status int
		media  string
		body   string
		class  pipeline.Class
		hint   string
	}{
		{"overloaded", 429, "", `{"error":"Model is overloaded","error_type":"Overloaded"}`, pipeline.Throttled, "counts texts"},
		{"overloaded, in the words of its OpenAPI", 429, "", `{"error":"Model is overloaded","error_type":"overloaded"}`, pipeline.Throttled, "max_concurrent_requests"},
		{"batch size, 1.9", 422, "", `{"error":"batch size 64 > maximum allowed batch size 32","error_type":"Validation"}`, pipeline.Oversize, ""},
		{"batch size, 1.8", 413, "", `{"error":"batch size 64 > maximum allowed batch size 32","error_type":"Validation"}`, pipeline.Oversize, ""},
		{"tokens, 1.9", 422, "", "{\"error\":\"Input validation error: `inputs` must have less than 512 tokens. Given: 900\",\"error_type\":\"Validation\"}", pipeline.Rejected, ""},
		{"tokens, 1.8", 413, "", "{\"error\":\"Input validation error: `inputs` must have less than 512 tokens. Given: 900\",\"error_type\":\"Validation\"}", pipeline.Rejected, ""},
		{"characters", 422, "", "{\"error\":\"Input validation error: `inputs` must have less than 128000 characters. Given: 900000\",\"error_type\":\"Validation\"}", pipeline.Rejected, ""},
		{"tokenizer", 422, "", `{"error":"tokenizer error invalid","error_type":"Tokenizer"}`, pipeline.Rejected, ""},
		{"characters, 1.8", 413, "", "{\"error\":\"Input validation error: `inputs` must have less than 128000 characters. Given: 900000\",\"error_type\":\"Validation\"}", pipeline.Rejected, ""},
		{"another validation, 1.9", 422, "", `{"error":"Input validation error: x","error_type":"Validation"}`, pipeline.Rejected, ""},
		{"another validation, 1.8", 413, "", `{"error":"Input validation error: x","error_type":"Validation"}`, pipeline.Rejected, ""},
		{"empty, 1.6", 400, "", "{\"error\":\"Input validation error: `inputs` cannot be empty\",\"error_type\":\"Empty\"}", pipeline.Rejected, ""},
		{"empty, other words", 400, "", "{\"error\":\"`inputs` cannot be empty\",\"error_type\":\"Empty\"}", pipeline.Rejected, ""},
		{"empty, before 1.6", 413, "", "{\"error\":\"`inputs` cannot be empty\",\"error_type\":\"Validation\"}", pipeline.Rejected, ""},
		{"prompt name", 422, "", `{"error":"Input validation error: default-prompt-name 'x' not found","error_type":"Validation"}`, pipeline.Misconfigured, "prompt"},
		{"prompt name, 1.8", 413, "", `{"error":"Input validation error: default-prompt-name 'x' not found","error_type":"Validation"}`, pipeline.Misconfigured, "prompt"},
		{"dimensions", 422, "", "{\"error\":\"Input validation error: `dimensions` should be smaller than the maximum embedding dimension.\",\"error_type\":\"Validation\"}", pipeline.Misconfigured, "dimensions"},
		{"wrong kind of model", 424, "", `{"error":"Backend error: Model is not an embedding model","error_type":"Backend"}`, pipeline.Misconfigured, "embedding model"},
		{"sparse model", 424, "", "{\"error\":\"`normalize` is not available for SPLADE models\",\"error_type\":\"Backend\"}", pipeline.Misconfigured, ""},
		{"memory", 424, "", `{"error":"Backend error: DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")","error_type":"Backend"}`, pipeline.Oversize, ""},
		{"backend", 424, "", `{"error":"Backend error: channel closed","error_type":"Backend"}`, pipeline.Transient, "fewer texts"},
		{"backend, the bare reason", 424, "", `{"error":"inference failed","error_type":"Backend"}`, pipeline.Transient, "fewer texts"},
		{"unhealthy", 503, "", `{"error":"unhealthy","error_type":"Unhealthy"}`, pipeline.Warming, ""},
		{"bytes", 413, plain, "Failed to buffer the request body: length limit exceeded", pipeline.Oversize, ""},
		{"no JSON", 400, plain, "Failed to parse the request body as JSON: EOF", pipeline.Fatal, "proxy"},
		{"another schema", 422, plain, "Failed to deserialize the JSON body into the target type: missing field `query`", pipeline.Misconfigured, "kind of the endpoint"},
		{"content type", 415, plain, "Expected request with `Content-Type: application/json`", pipeline.Fatal, "Content-Type"},
		{"key", 401, "", "", pipeline.Denied, "API key"},
		{"no route", 404, "", "", pipeline.NotServed, "/embed"},
		{"no method", 405, "", "", pipeline.NotServed, "/embed"},
		{"a proxy's 403", 403, "text/html", "<html>", pipeline.Denied, ""},
		{"a proxy's 502", 502, "text/html", "<html>", pipeline.Transient, ""},
		{"a proxy's 504", 504, "text/html", "<html>", pipeline.Transient, ""},
		{"a paused endpoint", 400, plain, "Bad Request: Invalid state", pipeline.NotServed, "paused"},
		{"500", 500, "", "", pipeline.Transient, ""},
		{"408", 408, "", "", pipeline.Transient, ""},
		{"402", 402, "", "", pipeline.Denied, ""},
		{"418", 418, "", "", pipeline.Fatal, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failure := stubserver.Failure{Status: test.status, Body: test.body, Header: map[string]string{"Retry-After": "9"}}
			if test.media != "" {
				failure.Header["Content-Type"] = test.media
			}
			client := newClient(t, stubserver.New(stubserver.Options{Fail: stubserver.AfterFirst(failure)}), tei.Options{})
			embeddertest.Classified(t, client, test.class, test.hint, 9*time.Second)
		})
	}
}

func TestAReplicaIsStartedBehindAGateway(t *testing.T) {
	t.Parallel()
	for _, status := range []int{502, 503, 504} {
		client := newClient(t, stubserver.New(stubserver.Options{
			Fail: func(stubserver.Request) *stubserver.Failure { return &stubserver.Failure{Status: status} },
		}), tei.Options{})
		embeddertest.WarmsUp(t, client)
	}
}
