package huggingface_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

func newEndpoint(t *testing.T, handler http.Handler, path string, o huggingface.EndpointOptions) *huggingface.Endpoint {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o.URL = server.URL + path
	endpoint, err := huggingface.NewEndpoint(o)
	if err != nil {
		t.Fatal(err)
	}
	return endpoint
}

func TestEndpointKeepsTheContract(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		t.Helper()
		return newEndpoint(t, stubserver.New(stubserver.Options{}), "/embed", huggingface.EndpointOptions{})
	})
}

func TestEndpointIsPostedToAsItIsGiven(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "/predict"} {
		endpoint := newEndpoint(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got := strings.TrimSuffix(r.URL.Path, "/"); got != path || r.Header.Get("Authorization") != "Bearer hf_x" || r.Header.Get("X-Scale-Up-Timeout") != "601" {
				t.Errorf("request %s %v, want path %q", r.URL, r.Header, path)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "[[1,2]]")
		}), path, huggingface.EndpointOptions{Token: credential.New("hf_x"), ScaleUp: 600*time.Second + time.Millisecond})
		if v, err := endpoint.Embed(t.Context(), []string{"x"}); err != nil || v.Dim != 2 {
			t.Errorf("Embed = %v, %v", v, err)
		}
	}
}

func TestEndpointReadsTheShapesOfItsEngines(t *testing.T) {
	t.Parallel()
	tests := []struct{ pooling, body string }{
		{"", "[[1,2],[3,4]]"},                             // text-embeddings-inference
		{"", `{"embeddings":[[1,2],[3,4]]}`},              // toolkit, sentence-embeddings
		{"", ` {"more":1,"embeddings": [[1,2],[3,4]] }`},  // the same with other spaces
		{"mean", "[[[[1,2]]],[[[2,3],[4,5]]]]"},           // toolkit, feature-extraction
		{"cls", "[[[[1,2],[8,8]]],[[[3,4],[9,9]]]]"},      // the same
		{"cls", `{"embeddings":[[[1,2],[8,8]],[[3,4]]]}`}, // nobody answers so today
	}
	for _, test := range tests {
		endpoint := newEndpoint(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, test.body)
		}), "", huggingface.EndpointOptions{Pooling: test.pooling})
		v, err := endpoint.Embed(t.Context(), []string{"a", "b"})
		if err != nil || v.Len() != 2 || v.At(0)[1] != 2 || v.At(1)[0] != 3 {
			t.Errorf("%s: %v, %v", test.body, v, err)
		}
	}
}

// The status table of dedicated endpoints: of the gateway, as their
// documentation (guides/autoscaling, support/faq) and reports of users
// (huggingface_hub#1605, elasticsearch#112033, UI-TARS#7) tell of it, and of the
// engines behind it, text-embeddings-inference and the inference toolkit.
func TestStatusTableOfDedicatedEndpoints(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		media  string
		body   string
		header string
		first  bool // nothing was answered before
		class  pipeline.Class
		after  time.Duration
		hint   string
	}{
		{"paused, seen", 400, "text/plain", "Bad Request: Invalid state", "", true, pipeline.NotServed, 0, "resume the endpoint"},
		{"paused in the middle, seen", 400, "text/plain", "Bad Request: Invalid state", "", false, pipeline.NotServed, 0, "resume the endpoint"},
		{"paused as in 2023, or scaling as now and then, seen", 502, "text/html", "<html>502</html>", "", true, pipeline.Warming, 0, "resume the endpoint"},
		{"scaling that asks to wait, synthetic", 502, "", "", "Retry-After: 20", true, pipeline.Warming, 20 * time.Second, "warm_up"},
		{"a bad gateway in the middle, synthetic", 502, "text/html", "<html>", "", false, pipeline.Transient, 0, ""},
		{"scaled to zero, documented", 503, "", `{"error":"503 Service Unavailable"}`, "", true, pipeline.Warming, 0, "minutes"},
		{"scaled to zero in the middle, documented", 503, "", "", "Retry-After: 30", false, pipeline.Warming, 30 * time.Second, "minutes"},
		{"a full queue of the router, documented", 503, "text/plain", "queue is full", "Retry-After: 5", false, pipeline.Warming, 5 * time.Second, ""},
		{"too large for the gateway, seen", 503, "", `{"error":"503 Service Unavailable"}`, "", false, pipeline.Warming, 0, ""},
		{"unhealthy, documented", 503, "", `{"error":"unhealthy","error_type":"Unhealthy"}`, "", false, pipeline.Warming, 0, ""},
		{"starting without a health route, documented", 500, "", "", "", true, pipeline.Warming, 0, ""},
		{"a fault, synthetic", 500, "", "", "", false, pipeline.Transient, 0, ""},
		{"slow start, synthetic", 504, "", "", "", true, pipeline.Warming, 0, ""},
		{"slow, synthetic", 504, "", "", "", false, pipeline.Transient, 0, "fewer texts"},
		{"wrong API key of the engine, documented", 401, "", "", "", true, pipeline.Denied, 0, "token"},
		{"any token, or the owner's, synthetic", 401, "", `{"error":"Unauthorized"}`, "", true, pipeline.Denied, 0, "owner or organisation"},
		{"private, synthetic", 403, "", `{"error":"Forbidden"}`, "", true, pipeline.Denied, 0, "owner"},
		{"no credit, synthetic", 402, "", "", "", true, pipeline.Denied, 0, "credit"},
		{"no endpoint, synthetic", 404, "text/plain", "Not Found", "", true, pipeline.NotServed, 0, "as it is given"},
		{"another path, synthetic", 405, "", "", "", true, pipeline.Misconfigured, 0, "path"},
		{"empty input, documented", 400, "", `{"error":"Input is empty","error_type":"Empty"}`, "", false, pipeline.Rejected, 0, ""},
		{"memory, synthetic", 400, "", `{"error":"CUDA out of memory"}`, "", false, pipeline.Oversize, 0, ""},
		{"body over the limit, documented", 413, "text/plain", "length limit exceeded", "", false, pipeline.Oversize, 0, ""},
		{"too many inputs, documented", 422, "", `{"error":"batch size 64 > maximum allowed batch size 32","error_type":"Validation"}`, "", false, pipeline.Oversize, 0, ""},
		{"tokenizer, documented", 422, "", `{"error":"tokenizer error","error_type":"Tokenizer"}`, "", false, pipeline.Rejected, 0, ""},
		{"too long, documented", 422, "", "{\"error\":\"Input validation error: `inputs` must have less than 512 tokens. Given: 900\",\"error_type\":\"Validation\"}", "", false, pipeline.Rejected, 0, ""},
		{"too long before 1.9, documented", 413, "", "{\"error\":\"Input validation error: `inputs` must have less than 512 tokens. Given: 900\",\"error_type\":\"Validation\"}", "", false, pipeline.Rejected, 0, ""},
		{"empty before 1.6, documented", 413, "", "{\"error\":\"`inputs` cannot be empty\",\"error_type\":\"Validation\"}", "", false, pipeline.Rejected, 0, ""},
		{"too many inputs before 1.9, documented", 413, "", `{"error":"batch size 64 > maximum allowed batch size 32","error_type":"Validation"}`, "", false, pipeline.Oversize, 0, ""},
		{"another schema, documented", 422, "text/plain", "Failed to deserialize the JSON body into the target type: missing field `query`", "", false, pipeline.Misconfigured, 0, "another task"},
		{"the toolkit's failure, source", 400, "", `{"error":"Body needs to provide a inputs key, recieved: b'{}'"}`, "", false, pipeline.Rejected, 0, ""}, //nolint:misspell // the server spells it so
		{"another type, documented", 415, "", "", "", false, pipeline.Fatal, 0, "Content-Type"},
		{"backend, documented", 424, "", `{"error":"inference failed","error_type":"Backend"}`, "Retry-After: 2", false, pipeline.Transient, 2 * time.Second, "fewer texts"},
		{"memory of the backend, documented", 424, "", `{"error":"Backend error: DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")","error_type":"Backend"}`, "", false, pipeline.Oversize, 0, ""},
		{"another kind of model, documented", 424, "", `{"error":"Backend error: Model is not an embedding model","error_type":"Backend"}`, "", false, pipeline.Misconfigured, 0, "embedding model"},
		{"overloaded, documented", 429, "", `{"error":"Model is overloaded","error_type":"Overloaded"}`, "", false, pipeline.Throttled, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failure := stubserver.Failure{Status: test.status, Body: test.body, Header: map[string]string{}}
			if test.media != "" {
				failure.Header["Content-Type"] = test.media
			}
			if name, value, ok := strings.Cut(test.header, ": "); ok {
				failure.Header[name] = value
			}
			schedule := stubserver.AfterFirst(failure)
			if test.first {
				schedule = func(stubserver.Request) *stubserver.Failure { return &failure }
			}
			endpoint := newEndpoint(t, stubserver.New(stubserver.Options{Fail: schedule}), "/embed", huggingface.EndpointOptions{})
			if !test.first {
				if _, err := endpoint.Embed(t.Context(), []string{"first"}); err != nil {
					t.Fatal(err)
				}
			}
			_, err := endpoint.Embed(t.Context(), []string{"second"})
			if err == nil || pipeline.Classify(err) != test.class || pipeline.After(err) != test.after {
				t.Fatalf("err = %v (%s, after %s), want %s after %s", err, pipeline.Classify(err), pipeline.After(err), test.class, test.after)
			}
			if !strings.Contains(pipeline.Hint(err), test.hint) {
				t.Errorf("hint = %q, want %q in it", pipeline.Hint(err), test.hint)
			}
		})
	}
}

func TestARequestMayBeHeldWhileTheEndpointStarts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ timeout, scaleUp, want time.Duration }{
		{time.Minute, 0, time.Minute},
		{time.Minute, 10 * time.Minute, 10*time.Minute + 30*time.Second},
		{0, time.Second, 2 * time.Minute},
	} {
		if got := huggingface.ScaleUpTimeout(test.timeout, test.scaleUp); got != test.want {
			t.Errorf("ScaleUpTimeout(%s, %s) = %s, want %s", test.timeout, test.scaleUp, got, test.want)
		}
	}
}
