package verdict_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// The tests of this file are one table, row by row: which signal of any server
// means that a call is repeated, made smaller, or ends the run. Its sources are
// openai-python (_base_client.py), and the sources of
// text-embeddings-inference, vLLM, Infinity, SIE, llama.cpp and Ollama with the
// reports of their users. What only one server says has its row in the status
// table of its protocol, too.

// again reports whether a class means that the same call may succeed later.
func again(class pipeline.Class) bool {
	return class == pipeline.Throttled || class == pipeline.Transient || class == pipeline.Warming
}

// smaller reports whether a class means that a smaller call may succeed.
func smaller(class pipeline.Class) bool {
	return class == pipeline.Oversize || class == pipeline.Rejected
}

// What is repeated is what the official client of OpenAI repeats, with the
// waits that it reads (openai-python, _base_client.py: retry-after-ms before
// retry-after, in seconds or as a date), and 529.
func TestRetryTableWhatPasses(t *testing.T) {
	t.Parallel()
	waits := []struct {
		header []string
		after  time.Duration
	}{
		{nil, 0},
		{[]string{"Retry-After", "7"}, 7 * time.Second},
		{[]string{"Retry-After", "0.5"}, 500 * time.Millisecond},
		{[]string{"Retry-After", "7", "Retry-After-Ms", "1500"}, 1500 * time.Millisecond},
		{[]string{"Retry-After", "Wed, 21 Oct 2015 07:28:30 GMT", "Date", "Wed, 21 Oct 2015 07:28:00 GMT"}, 30 * time.Second},
	}
	for _, k := range kinds() {
		for _, status := range []int{429, 503, 502, 504, 408, 409, 425, 529} {
			t.Run(k.name+" "+strconv.Itoa(status), func(t *testing.T) {
				t.Parallel()
				for _, wait := range waits {
					err := k.answered(t, answering(status, "", wait.header...))
					class := pipeline.Classify(err)
					if !again(class) || pipeline.After(err) != wait.after {
						t.Errorf("%v: %v (%s, after %s), want to try again after %s", wait.header, err, class, pipeline.After(err), wait.after)
					}
					if status == 429 && class != pipeline.Throttled {
						t.Errorf("%v (%s), want fewer requests", err, class)
					}
				}
			})
		}
	}
}

func TestRetryTableConnectionsThatBreak(t *testing.T) {
	t.Parallel()
	end := func(reset bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			if tcp, ok := conn.(interface{ SetLinger(int) error }); ok && reset {
				_ = tcp.SetLinger(0)
			}
			_ = conn.Close()
		}
	}
	signals := map[string]http.HandlerFunc{
		"EOF":   end(false),
		"reset": end(true),
	}
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			for name, signal := range signals {
				if err := k.answered(t, signal); pipeline.Classify(err) != pipeline.Transient || pipeline.After(err) != 0 {
					t.Errorf("%s: %v (%s), want it transient", name, err, pipeline.Classify(err))
				}
			}
			silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			}))
			t.Cleanup(silent.Close)
			client, err := k.open(silent.URL, 50*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Embed(t.Context(), []string{"x"}); !again(pipeline.Classify(err)) || pipeline.After(err) != 0 || !strings.Contains(err.Error(), "no answer within") {
				t.Errorf("timeout: %v (%s), want to try again", err, pipeline.Classify(err))
			}
			gone := httptest.NewServer(nil)
			gone.Close()
			if client, err = k.open(gone.URL, time.Minute); err != nil {
				t.Fatal(err)
			}
			if _, err := client.Embed(t.Context(), []string{"x"}); pipeline.Classify(err) != pipeline.Transient || !strings.Contains(pipeline.Hint(err), "server runs") {
				t.Errorf("refused: %v (%s, %q), want it transient", err, pipeline.Classify(err), pipeline.Hint(err))
			}
		})
	}
}

// The words are those of the servers' sources and of their users' reports;
// they mean the same whoever passes them on.
func TestRetryTableWhatASmallerCallMends(t *testing.T) {
	t.Parallel()
	of := func(names ...string) func(string) bool {
		return func(name string) bool { return slices.Contains(names, name) }
	}
	all := func(string) bool { return true }
	const plain = "text/plain; charset=utf-8"
	tests := []struct {
		name   string
		status int
		body   string
		header []string
		speaks func(string) bool
	}{
		{"llama.cpp: physical batch", 500, `{"error":{"code":500,"message":"input (900 tokens) is too large to process. increase the physical batch size (current batch size: 512)","type":"server_error"}}`, nil, of("openai")},
		{"context length, 400", 400, `{"error":{"message":"This model's maximum context length is 8192 tokens, however you requested 9000 tokens","code":null}}`, nil, all},
		{"context length, 422", 422, `{"message":"maximum context length is 512 tokens"}`, nil, all},
		{"must have less than, 413", 413, "{\"error\":\"`inputs` must have less than 512 tokens. Given: 900\",\"error_type\":\"Validation\"}", nil, all},
		{"must have less than, 422", 422, "{\"error\":\"`inputs` must have less than 512 tokens. Given: 900\",\"error_type\":\"Validation\"}", nil, all},
		{"context size", 400, `{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`, nil, of("openai", "tei", "huggingface", "inference_endpoint", "cohere", "sie", "ollama")},
		{"tokens in a request", 400, `{"error":{"message":"Requested 453357 tokens, max 300000 tokens per request","type":"max_tokens_per_request","code":"max_tokens_per_request"}}`, nil, of("openai", "cohere", "sie", "tei", "huggingface", "inference_endpoint", "raw")},
		{"batch size", 422, `{"error":"batch size 64 > maximum allowed batch size 32","error_type":"Validation"}`, nil, all},
		{"bytes", 413, "Failed to buffer the request body: length limit exceeded", []string{"Content-Type", plain}, all},
		{"memory of the backend", 424, `{"error":"Backend error: CUDA_ERROR_OUT_OF_MEMORY","error_type":"Backend"}`, nil, of("tei", "inference_endpoint", "openai")},
	}
	for _, k := range kinds() {
		for _, test := range tests {
			if !test.speaks(k.name) {
				continue
			}
			t.Run(k.name+", "+test.name, func(t *testing.T) {
				t.Parallel()
				err := k.answered(t, answering(test.status, test.body, append([]string{"Retry-After", "7"}, test.header...)...))
				if !smaller(pipeline.Classify(err)) || pipeline.After(err) != 0 {
					t.Errorf("%v (%s, after %s), want a smaller call at once", err, pipeline.Classify(err), pipeline.After(err))
				}
			})
		}
	}
}

func TestRetryTableWhatStopsARun(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			want := map[int][]pipeline.Class{
				401: {pipeline.Denied},
				403: {pipeline.Denied},
				404: {pipeline.NotServed},
				405: {pipeline.Misconfigured, pipeline.NotServed},
				415: {pipeline.Misconfigured, pipeline.Fatal},
			}
			for status, classes := range want {
				err := k.answered(t, answering(status, "", "Retry-After", "7"))
				class := pipeline.Classify(err)
				if class != classes[0] && class != classes[len(classes)-1] || pipeline.After(err) != 0 || pipeline.Hint(err) == "" {
					t.Errorf("%d: %v (%s, after %s, hint %q), want %v", status, err, class, pipeline.After(err), pipeline.Hint(err), classes)
				}
			}
			switch k.name {
			case "huggingface", "inference_endpoint", "tei":
				return // Hugging Face says 402
			}
			err := k.answered(t, answering(429, `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}`, "Retry-After", "7"))
			if pipeline.Classify(err) != pipeline.Denied || pipeline.After(err) != 0 || !strings.Contains(pipeline.Hint(err), "credit") {
				t.Errorf("quota: %v (%s, after %s, hint %q), want it denied", err, pipeline.Classify(err), pipeline.After(err), pipeline.Hint(err))
			}
		})
	}
}

// A success may hold what no index can take: such a row fails alone, and one
// row too few leaves none that could be told to belong to a text.
func TestRetryTableSuccessesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		tests := []struct {
			name, body string
			class      pipeline.Class
		}{
			{"null", k.vectors("null"), pipeline.Rejected},
			{"null inside", k.vectors("[1,null]"), pipeline.Rejected},
			{"NaN", k.vectors("[1,NaN]"), pipeline.Rejected},
			{"zeros", k.vectors("[0,0]"), pipeline.Rejected},
			{"beyond float32", k.vectors("[1,1e400]"), pipeline.Rejected},
			{"zeros of either sign", k.vectors("[-0,0.0]"), pipeline.Rejected},
			{"too long to compare", k.vectors("[1,-1e20]"), pipeline.Rejected},
			{"subnormal", k.vectors("[1e-40,-1e-41]"), pipeline.Rejected},
			{"long", k.vectors("[1,2]", "[3,4]"), pipeline.Fatal},
		}
		for _, test := range tests {
			t.Run(k.name+", "+test.name, func(t *testing.T) {
				t.Parallel()
				err := k.answered(t, answering(200, test.body))
				if pipeline.Classify(err) != test.class {
					t.Errorf("%s: %v (%s), want %s", test.body, err, pipeline.Classify(err), test.class)
				}
				partial, alone := errors.AsType[*pipeline.PartialError](err)
				// NaN is no JSON, so that the call fails as a whole.
				if alone != (test.class == pipeline.Rejected && test.name != "NaN") || alone && partial.Failed[0] == nil {
					t.Errorf("%s: %v, want the row to fail alone: %v", test.body, err, test.class == pipeline.Rejected)
				}
			})
		}
		if k.name == "raw" {
			continue // it sends one image in a request
		}
		for _, body := range []string{k.vectors(), k.vectors("[1,2]")} {
			if err := k.answered(t, answering(200, body), "one", "two"); pipeline.Classify(err) != pipeline.Fatal {
				t.Errorf("%s, %s for two texts: %v (%s), want it fatal", k.name, body, err, pipeline.Classify(err))
			}
		}
	}
}

// A gateway of SIE answers 202 while a replica is started. Servers behind the
// same protocols may stand behind the same gateway.
func TestRetryTableAcceptedIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		switch k.name {
		case "openai", "cohere", "sie", "ollama", "raw":
			err := k.answered(t, answering(202, `{"status":"provisioning"}`, "Retry-After", "5"))
			if pipeline.Classify(err) != pipeline.Warming || pipeline.After(err) != 5*time.Second {
				t.Errorf("%s: %v (%s, after %s), want it warming", k.name, err, pipeline.Classify(err), pipeline.After(err))
			}
		}
	}
}
