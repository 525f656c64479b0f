package huggingface_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// The status table of the router before hf-inference. Answers marked "recorded"
// are those of the tests of the official clients, word for word; "seen" are
// quoted in reports of users (huggingface_hub#3033, #3515 and #3717,
// agents-course#386 and #558, any-llm#1169, langchain4j#4146); "source" are in
// huggingface-inference-toolkit's; the others are synthetic.
func TestStatusTableOfTheRouter(t *testing.T) {
	t.Parallel()
	const html = "<html><head><title>503 Service Temporarily Unavailable</title></head></html>"
	tests := []struct {
		name   string
		status int
		media  string
		body   string
		header string // name: value
		class  pipeline.Class
		after  time.Duration
		hint   string // part of it
		text   string // part of the error
	}{
		{"not supported, seen", 400, "", `{"error":"Model not supported by provider hf-inference"}`, "", pipeline.NotServed, 0, "another model", "not supported"},
		{"not supported, other words, seen", 400, "", `{"error":"a/b is not supported by provider hf-inference."}`, "", pipeline.NotServed, 0, "host it yourself", ""},
		{"by no provider, synthetic", 400, "", `{"error":"a/b is not supported by any provider"}`, "", pipeline.NotServed, 0, "", ""},
		{"another task, seen", 400, "", `{"error":"SentenceSimilarityPipeline.__call__() missing 1 required positional argument: 'sentences'"}`, "", pipeline.Misconfigured, 0, "router's address", ""},
		{"paused endpoint, seen", 400, "text/plain", "Bad Request: Invalid state", "", pipeline.NotServed, 0, "paused", ""},
		{"a list, recorded", 400, "", "{\"error\":[\"Error in `inputs.context`: field required\"]}", "", pipeline.Rejected, 0, "", "field required"},
		{"tensor sizes, synthetic", 400, "", `{"error":"The size of tensor a (700) must match the size of tensor b (512) at non-singleton dimension 1"}`, "", pipeline.Rejected, 0, "", ""},
		{"any exception, synthetic", 400, "", `{"error":"'NoneType' object is not subscriptable"}`, "", pipeline.Rejected, 0, "", "NoneType"},
		{"no type, source", 400, "", `{"error":"No content type provided and no default one configured."}`, "", pipeline.Fatal, 0, "Content-Type", ""},
		{"memory, synthetic", 400, "", `{"error":"CUDA out of memory. Tried to allocate 2.00 GiB"}`, "", pipeline.Oversize, 0, "", ""},
		{"no token, recorded", 401, "", `{"error":"Invalid username or password."}`, "X-Error-Message: Invalid username or password.", pipeline.Denied, 0, "token", "Invalid username"},
		{"no credit, seen", 402, "", `{"error":"You have depleted your monthly included credits. Purchase pre-paid credits to continue using Inference Providers."}`, "", pipeline.Denied, 0, "credit", "depleted"},
		{"no credit in the words of 2025, seen", 402, "", `{"error":"You have exceeded your monthly included credits for Inference Providers."}`, "", pipeline.Denied, 0, "credit", "exceeded"},
		{"credit needed, seen", 402, "", `{"error":"Pre-paid credits are required to use provider X"}`, "", pipeline.Denied, 0, "credit", ""},
		{"no inputs, source", 400, "", `{"error":"Body needs to provide a inputs key, recieved: b'{}'"}`, "", pipeline.Rejected, 0, "", "inputs key"}, //nolint:misspell // the server spells it so
		{"no right, seen", 403, "", `{"error":"This authentication method does not have sufficient permissions to call Inference Providers on behalf of user X"}`, "", pipeline.Denied, 0, "permission", ""},
		{"no right to bill, seen", 403, "", `{"error":"This authentication method does not have sufficient permissions to call Inference Providers on behalf of org X"}`, "", pipeline.Denied, 0, "organisation that pays", ""},
		{"provider switched off, seen", 403, "", `{"error":"The requested provider 'hf-inference' is not available."}`, "", pipeline.NotServed, 0, "switched off", ""},
		{"unknown route, seen", 404, "text/plain", "Not Found", "", pipeline.NotServed, 0, "Inference Providers", "404 Not Found: Not Found"},
		{"unknown model, recorded", 404, "", `{"error":"Model this-model/does-not-exist-123 does not exist"}`, "", pipeline.NotServed, 0, "name of the model", ""},
		{"model not found, recorded", 404, "", `{"error":"Not Found: Model not found"}`, "", pipeline.NotServed, 0, "", ""},
		{"HTML, synthetic", 404, "text/html", "<html>404</html>", "", pipeline.NotServed, 0, "", "404 Not Found"},
		{"another service, synthetic", 405, "", "", "", pipeline.Misconfigured, 0, "url", ""},
		{"retired model, seen", 410, "", `{"error":"The requested model is deprecated and no longer supported by provider hf-inference"}`, "", pipeline.NotServed, 0, "another model", ""},
		{"retired host, seen", 410, "", `{"error":"https://api-inference.huggingface.co is no longer supported. Please use https://router.huggingface.co instead."}`, "", pipeline.Misconfigured, 0, "router.huggingface.co", ""},
		{"another type, synthetic", 415, "", "", "", pipeline.Fatal, 0, "Content-Type", ""},
		{"too large, synthetic", 413, "text/html", "<html>413</html>", "", pipeline.Oversize, 0, "", ""},
		{"schema, recorded", 422, "text/plain; charset=utf-8", "Failed to deserialize the JSON body into the target type: missing field `messages` at line 1 column 144", "", pipeline.Misconfigured, 0, "another task", ""},
		{"template, recorded", 422, "", `{"error":"Template error: template not found","error_type":"template_error"}`, "", pipeline.Misconfigured, 0, "another task", ""},
		{"batch size, synthetic", 422, "", `{"error":"batch size 64 > maximum allowed batch size 32","error_type":"Validation"}`, "", pipeline.Oversize, 0, "", ""},
		{"validation, synthetic", 422, "", `{"error":"tokenizer error","error_type":"Tokenizer"}`, "", pipeline.Rejected, 0, "", ""},
		{"limit, recorded", 429, "", `{"error":"Rate limit reached. Please log in or use a HF access token"}`, "", pipeline.Throttled, 0, "", ""},
		{"limit with a wait, synthetic", 429, "", `{}`, "Retry-After: 17", pipeline.Throttled, 17 * time.Second, "", ""},
		{"limit of the Hub, synthetic", 429, "", `{}`, `RateLimit: "api";r=0;t=30`, pipeline.Throttled, 30 * time.Second, "", ""},
		{"unknown error, recorded", 500, "", `{"error":"unknown error","warnings":["There was an inference error"]}`, "", pipeline.Transient, 0, "", "unknown error"},
		{"too busy, seen", 500, "", `{"error":"Model too busy, unable to get response in less than 60 second(s)"}`, "", pipeline.Transient, 0, "", ""},
		{"gateway, seen", 502, "text/html", "<html>502</html>", "", pipeline.Transient, 0, "", "502 Bad Gateway"},
		{"gateway without a word, seen", 502, "text/plain", "", "", pipeline.Transient, 0, "", "502 Bad Gateway"},
		{"gateway that asks to wait, synthetic", 502, "text/html", "<html>502</html>", "Retry-After: 3", pipeline.Transient, 3 * time.Second, "", ""},
		{"loading, recorded", 503, "", `{"error":"Model facebook/bart-base is currently loading","estimated_time":22.307266235351562}`, "", pipeline.Warming, 22307266235, "", "loading"},
		{"loading for long, synthetic", 503, "", `{"error":"Model a/b is currently loading","estimated_time":900}`, "", pipeline.Warming, 30 * time.Second, "", ""},
		{"loading and asked to wait, synthetic", 503, "", `{"error":"Model a/b is currently loading","estimated_time":900}`, "Retry-After: 4", pipeline.Warming, 4 * time.Second, "", ""},
		{"no replica, seen", 503, "text/html", html, "", pipeline.Warming, 0, "", "503 Service Unavailable"},
		{"gateway timeout, seen", 504, "text/html", "<html>504</html>", "", pipeline.Transient, 0, "fewer texts", ""},
		{"request timeout, synthetic", 408, "", "", "", pipeline.Transient, 0, "", ""},
		{"unknown, synthetic", 418, "", "", "", pipeline.Fatal, 0, "", ""},
		{"unknown of the server, synthetic", 520, "", "", "", pipeline.Transient, 0, "", ""},
		{"no vectors, seen", 200, "", `[]`, "", pipeline.Rejected, 0, "", ""},
		{"an error under 200, synthetic", 200, "", `{"error":"unknown error"}`, "", pipeline.Transient, 0, "", ""},
		{"a web page, synthetic", 200, "text/html", "<html>", "", pipeline.Transient, 0, "url", "not JSON"},
		{"plain text, synthetic", 200, "text/plain", "[[1,2]]", "", pipeline.Transient, 0, "url", "text/plain, not JSON"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failure := stubserver.Failure{Status: test.status, Body: test.body, Header: map[string]string{"X-Request-Id": "id-7"}}
			if test.media != "" {
				failure.Header["Content-Type"] = test.media
			}
			if name, value, ok := strings.Cut(test.header, ": "); ok {
				failure.Header[name] = value
			}
			client := newClient(t, stubserver.New(stubserver.Options{Fail: stubserver.AfterFirst(failure)}), huggingface.Options{})
			if _, err := client.Embed(t.Context(), []string{"first"}); err != nil {
				t.Fatal(err)
			}
			_, err := client.Embed(t.Context(), []string{"second"})
			if err == nil || pipeline.Classify(err) != test.class || pipeline.After(err) != test.after {
				t.Fatalf("err = %v (%s, after %s), want %s after %s", err, pipeline.Classify(err), pipeline.After(err), test.class, test.after)
			}
			if !strings.Contains(pipeline.Hint(err), test.hint) || test.hint == "" && pipeline.Hint(err) != "" && test.class == pipeline.Rejected {
				t.Errorf("hint = %q, want %q in it", pipeline.Hint(err), test.hint)
			}
			if named := test.status != 200 || test.media != ""; !strings.Contains(err.Error(), test.text) || named && !strings.Contains(err.Error(), "(request id-7)") {
				t.Errorf("err = %v, want %q and the request in it", err, test.text)
			}
		})
	}
}

// The rows 502, 503 and 504 of the table, before the model has answered.
func TestAGatewayFailsWhileTheModelIsLoaded(t *testing.T) {
	t.Parallel()
	for _, status := range []int{502, 503, 504} {
		client := newClient(t, stubserver.New(stubserver.Options{
			Fail: func(stubserver.Request) *stubserver.Failure { return &stubserver.Failure{Status: status} },
		}), huggingface.Options{})
		embeddertest.WarmsUp(t, client)
	}
}
