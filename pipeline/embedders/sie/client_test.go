package sie_test

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
	"github.com/vecload/vecload/pipeline/embedders/sie"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

func newClient(t *testing.T, handler http.Handler, o sie.Options) *sie.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o.URL = server.URL
	if o.Model == "" {
		o.Model = "org/m"
	}
	client, err := sie.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		t.Helper()
		return newClient(t, stubserver.New(stubserver.Options{Token: "key", Model: "org/m"}), sie.Options{Token: credential.New("key")})
	})
}

func TestClientOfImagesKeepsTheContract(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		t.Helper()
		return embeddertest.Pictures(newClient(t, stubserver.New(stubserver.Options{}), sie.Options{Images: true}), 64)
	})
}

func TestInputsReachTheServerUnchanged(t *testing.T) {
	t.Parallel()
	embeddertest.Unchanged(t, newClient(t, stubserver.New(stubserver.Options{}), sie.Options{Query: true}), stubserver.Hash(8))
	images := newClient(t, stubserver.New(stubserver.Options{}), sie.Options{Images: true})
	embeddertest.Unchanged(t, embeddertest.Pictures(images, 64), func(text string) []float32 {
		return stubserver.Hash(8)(embeddertest.Picture(text))
	})
}

// The bytes are those that Python's msgpack 1.2.4 makes of the same request
// with use_bin_type.
func TestTheRequest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		options sie.Options
		inputs  []string
		want    string
	}{
		{
			sie.Options{},
			[]string{"a"},
			"\x82\xa5items\x91\x81\xa4text\xa1a\xa6params\x81\xacoutput_types\x91\xa5dense",
		},
		{
			sie.Options{Query: true},
			[]string{strings.Repeat("a", 300)},
			"\x82\xa5items\x91\x81\xa4text\xda\x01\x2c" + strings.Repeat("a", 300) + "\xa6params\x82\xacoutput_types\x91\xa5dense\xa7options\x81\xa8is_query\xc3",
		},
		{
			sie.Options{Images: true},
			[]string{"\xff\xd8\xff"},
			"\x82\xa5items\x91\x81\xa6images\x91\x82\xa4data\xc4\x03\xff\xd8\xff\xa6format\xa4jpeg\xa6params\x81\xacoutput_types\x91\xa5dense",
		},
	}
	for _, test := range tests {
		var got, line string
		client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got, line = string(body), r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Content-Type")+" "+r.Header.Get("Accept")
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"model":"m","items":[{"dense":{"dims":2,"dtype":"float32","values":[1,2]}}]}`)
		}), test.options)
		if _, err := client.Embed(t.Context(), test.inputs); err != nil {
			t.Fatal(err)
		}
		if want := "POST /v1/encode/org/m application/msgpack application/json"; line != want || got != test.want {
			t.Errorf("request %s %q, want %s %q", line, got, want, test.want)
		}
	}
}

func TestLargeRequestsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	inputs := make([]string, 0, 70_000)
	for range cap(inputs) - 1 {
		inputs = append(inputs, "x")
	}
	inputs = append(inputs, strings.Repeat("y", 70_000))
	client := newClient(t, stubserver.New(stubserver.Options{}), sie.Options{})
	if v, err := client.Embed(t.Context(), inputs); err != nil || v.Len() != len(inputs) {
		t.Errorf("%d vectors, %v, want %d", v.Len(), err, len(inputs))
	}
	images := newClient(t, stubserver.New(stubserver.Options{}), sie.Options{Images: true})
	for _, size := range []int{200, 300, 70_000} {
		if v, err := images.Embed(t.Context(), []string{embeddertest.Picture(strings.Repeat("z", size))}); err != nil || v.Len() != 1 {
			t.Errorf("an image of %d bytes: %d vectors, %v", size, v.Len(), err)
		}
	}
}

func TestWhatIsNoImageIsNotSent(t *testing.T) {
	t.Parallel()
	stub := stubserver.New(stubserver.Options{})
	_, err := newClient(t, stub, sie.Options{Images: true}).Embed(t.Context(), []string{"a text"})
	if pipeline.Classify(err) != pipeline.Rejected || stub.Requests() != 0 {
		t.Errorf("%v after %d requests, want it rejected and not sent", err, stub.Requests())
	}
}

// The status table of SIE: the codes are those of the server's source
// (packages/sie_server/src/sie_server/api), version 0.3; bodies with a message
// are recorded from version 0.10.1.
func TestStatusTableOfSIE(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		class  pipeline.Class
		hint   string
	}{
		{"loading", 503, `{"detail":{"code":"MODEL_LOADING","message":"x"}}`, pipeline.Warming, ""},
		{"memory", 503, `{"detail":{"code":"RESOURCE_EXHAUSTED","message":"x"}}`, pipeline.Throttled, ""},
		{"queue", 503, `{"detail":{"code":"MODEL_NOT_LOADED","message":"x"}}`, pipeline.Throttled, ""},
		{"broken model", 502, `{"detail":{"code":"MODEL_LOAD_FAILED","message":"x"}}`, pipeline.NotServed, "log"},
		{"queue, 0.10", 503, `{"detail":{"code":"QUEUE_FULL","message":"Queue full: 436 items pending, cannot add 250 more (limit: 512)"}}`, pipeline.Throttled, ""},
		{"many texts, 0.10", 400, `{"detail":{"code":"INVALID_INPUT","message":"Request has 600 items but the queue accepts at most 512 items per request for model 'org/m'; split the request into batches of 512 or fewer"}}`, pipeline.Oversize, ""},
		{"loading, 0.10", 503, `{"detail":{"code":"MODEL_LOADING","message":"Model 'org/m' is loading, please retry"}}`, pipeline.Warming, ""},
		{"broken model, 0.10", 502, `{"detail":{"code":"MODEL_LOAD_FAILED","message":"Model 'org/m' failed to load (CONFIG, attempts=1): OfflineModeIsEnabled: Cannot reach https://huggingface.co/org/m: offline mode is enabled.","error_class":"CONFIG","attempts":1,"permanent":true}}`, pipeline.NotServed, "log"},
		{"images to a model of texts, 0.10", 400, `{"detail":{"code":"INVALID_INPUT","message":"SentenceTransformer adapters requires text input"}}`, pipeline.Rejected, ""},
		{"model, 0.10", 404, `{"detail":{"code":"MODEL_NOT_FOUND","message":"Model 'org/other' not found"}}`, pipeline.NotServed, "org/m"},
		{"model", 404, `{"detail":{"code":"MODEL_NOT_FOUND","message":"x"}}`, pipeline.NotServed, "org/m"},
		{"route", 404, `{"detail":"Not Found"}`, pipeline.NotServed, "/v1/encode"},
		{"input", 400, `{"detail":{"code":"INVALID_INPUT","message":"x"}}`, pipeline.Rejected, ""},
		{"provisioning", 202, `{"status":"provisioning"}`, pipeline.Warming, ""},
		{"bytes", 413, ``, pipeline.Oversize, ""},
		{"key", 401, `{"detail":"Unauthorized"}`, pipeline.Denied, "token"},
		{"nothing under 200", 200, `{"model":"m"}`, pipeline.Misconfigured, "url"},
		{"other vectors", 200, `{"model":"m","items":[{"multivector":{"values":[[1]]}}]}`, pipeline.Rejected, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failure := stubserver.Failure{Status: test.status, Body: test.body, Header: map[string]string{"Retry-After": "5"}}
			client := newClient(t, stubserver.New(stubserver.Options{Fail: func(stubserver.Request) *stubserver.Failure { return &failure }}), sie.Options{})
			_, err := client.Embed(t.Context(), []string{"text"})
			if err == nil || pipeline.Classify(err) != test.class || !strings.Contains(pipeline.Hint(err), test.hint) {
				t.Fatalf("err = %v (%s, hint %q), want %s with %q", err, pipeline.Classify(err), pipeline.Hint(err), test.class, test.hint)
			}
			waits := test.class == pipeline.Throttled || test.class == pipeline.Warming
			if want := 5 * time.Second; waits && pipeline.After(err) != want || !waits && pipeline.After(err) != 0 {
				t.Errorf("after = %s", pipeline.After(err))
			}
		})
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		options sie.Options
		want    string
	}{
		{sie.Options{URL: "http://localhost"}, "model is missing"},
		{sie.Options{Model: "m"}, "url of the server is missing"},
		{sie.Options{Model: "../m", URL: "http://localhost"}, "stand in an address"},
		{sie.Options{Model: "m?x", URL: "http://localhost"}, "stand in an address"},
		{sie.Options{Model: "m", URL: "http://localhost/v1"}, "ends in a route"},
		{sie.Options{Model: "m", URL: "http://example.com", Token: credential.New("k")}, "clear text"},
	}
	for _, test := range tests {
		_, err := sie.New(test.options)
		if err == nil || pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(err.Error(), test.want) {
			t.Errorf("New(%+v) = %v, want it misconfigured: %s", test.options, err, test.want)
		}
	}
}
