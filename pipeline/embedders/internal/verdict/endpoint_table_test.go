package verdict_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/openai"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// The status table of dedicated endpoints whose engine is asked in OpenAI's
// style. What the gateway answers is as it is for other engines (package
// huggingface has the table and its sources), and the errors of
// text-embeddings-inference are flat on this route.
func TestStatusTableOfDedicatedEndpointsInOpenAIsStyle(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		first  bool // nothing was answered before
		class  pipeline.Class
		waits  bool
		hint   string
	}{
		{"paused, seen", 400, "Bad Request: Invalid state", true, pipeline.NotServed, false, "resume the endpoint"},
		{"paused as in 2023, or scaling as now and then, seen", 502, "<html>", true, pipeline.Warming, true, "resume the endpoint"},
		{"a bad gateway in the middle, synthetic", 502, "<html>", false, pipeline.Transient, true, ""},
		{"scaled to zero, documented", 503, `{"error":"503 Service Unavailable"}`, true, pipeline.Warming, true, "minutes"},
		{"scaled to zero in the middle, documented", 503, "", false, pipeline.Warming, true, "minutes"},
		{"starting without a health route, documented", 500, "", true, pipeline.Warming, true, ""},
		{"a fault, synthetic", 500, "", false, pipeline.Transient, true, ""},
		{"wrong API key of the engine, documented", 401, "", true, pipeline.Denied, false, "token"},
		{"private, synthetic", 403, "", true, pipeline.Denied, false, "owner"},
		{"no endpoint, synthetic", 404, "Not Found", true, pipeline.NotServed, false, "as it is given"},
		{"empty, documented", 400, "{\"message\":\"`inputs` cannot be empty\",\"code\":400,\"type\":\"Empty\"}", false, pipeline.Rejected, false, ""},
		{"bytes, documented", 413, "Failed to buffer the request body: length limit exceeded", false, pipeline.Oversize, false, ""},
		{"too many inputs, documented", 422, `{"message":"batch size 64 > maximum allowed batch size 32","code":422,"type":"Validation"}`, false, pipeline.Oversize, false, ""},
		{"tokenizer, documented", 422, `{"message":"tokenizer error x","code":422,"type":"Tokenizer"}`, false, pipeline.Rejected, false, ""},
		{"backend, documented", 424, `{"message":"Backend error: x","code":424,"type":"Backend"}`, false, pipeline.Transient, true, "fewer texts"},
		{"another kind of model, documented", 424, `{"message":"Model is not an embedding model","code":424,"type":"Backend"}`, false, pipeline.Misconfigured, false, "embedding model"},
		{"overloaded, documented", 429, `{"message":"Model is overloaded","code":429,"type":"Overloaded"}`, false, pipeline.Throttled, true, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failure := stubserver.Failure{Status: test.status, Body: test.body, Header: map[string]string{"Retry-After": "9"}}
			if !strings.HasPrefix(test.body, "{") {
				failure.Header["Content-Type"] = "text/plain"
			}
			schedule := stubserver.AfterFirst(failure)
			if test.first {
				schedule = func(stubserver.Request) *stubserver.Failure { return &failure }
			}
			server := httptest.NewServer(stubserver.New(stubserver.Options{Fail: schedule}))
			t.Cleanup(server.Close)
			client, err := openai.New(openai.Options{URL: server.URL + "/v1", Model: "m", Answers: huggingface.AnswersOfEndpoint})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Embed(t.Context(), []string{"first"}); !test.first && err != nil {
				t.Fatal(err)
			}
			_, err = client.Embed(t.Context(), []string{"second"})
			if err == nil || pipeline.Classify(err) != test.class || !strings.Contains(pipeline.Hint(err), test.hint) {
				t.Fatalf("err = %v (%s, hint %q), want %s with %q", err, pipeline.Classify(err), pipeline.Hint(err), test.class, test.hint)
			}
			if after := pipeline.After(err); test.waits && after != 9*time.Second || !test.waits && after != 0 {
				t.Errorf("after %s, want a wait: %v", after, test.waits)
			}
		})
	}
}
