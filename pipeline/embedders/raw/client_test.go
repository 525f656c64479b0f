package raw_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/raw"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

func newClient(t *testing.T, handler http.Handler, o raw.Options) *raw.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o.URL = server.URL + "/raw"
	client, err := raw.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		t.Helper()
		return embeddertest.Pictures(newClient(t, stubserver.New(stubserver.Options{Token: "key"}), raw.Options{Token: credential.New("key")}), 1)
	})
}

func TestImagesReachTheServerUnchanged(t *testing.T) {
	t.Parallel()
	client := newClient(t, stubserver.New(stubserver.Options{}), raw.Options{})
	embeddertest.Unchanged(t, embeddertest.Pictures(client, 1), func(text string) []float32 {
		return stubserver.Hash(8)(embeddertest.Picture(text))
	})
}

func TestOneImageIsTheBodyOfARequest(t *testing.T) {
	t.Parallel()
	stub := stubserver.New(stubserver.Options{})
	client := newClient(t, stub, raw.Options{})
	_, err := client.Embed(t.Context(), []string{"\xff\xd8\xff", "\xff\xd8\xff"})
	limit, ok := errors.AsType[*embedders.LimitError](err)
	if !ok || limit.Limit.Texts != 1 || pipeline.Classify(err) != pipeline.Oversize || stub.Requests() != 0 {
		t.Errorf("two images: %v after %d requests", err, stub.Requests())
	}
	if known, err := client.Describe(t.Context()); err != nil || known.Texts != 1 {
		t.Errorf("known %+v, %v", known, err)
	}
	if _, err := client.Embed(t.Context(), []string{"a text"}); pipeline.Classify(err) != pipeline.Rejected || stub.Requests() != 0 {
		t.Errorf("a text: %v after %d requests", err, stub.Requests())
	}
}

func TestAnswersOfSeveralDepths(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pooling, body string
		want          []float32
		class         pipeline.Class
	}{
		{"", "[1,2]", []float32{1, 2}, 0},
		{"", "[[1,2]]", []float32{1, 2}, 0},
		{"mean", "[[[1,2],[3,4]]]", []float32{2, 3}, 0},
		{"cls", "[[[1,2],[3,4]]]", []float32{1, 2}, 0},
		{"", "[[[1,2],[3,4]]]", nil, pipeline.Misconfigured},
	}
	for _, test := range tests {
		var got string
		client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type") + " " + string(body)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, test.body)
		}), raw.Options{Pooling: test.pooling})
		v, err := client.Embed(t.Context(), []string{"\xff\xd8\xff"})
		if !slices.Equal(v.Data, test.want) || test.want == nil && pipeline.Classify(err) != test.class || test.want != nil && err != nil {
			t.Errorf("%s %s: %v, %v", test.pooling, test.body, v, err)
		}
		if want := "POST /raw image/jpeg \xff\xd8\xff"; got != want {
			t.Errorf("request %q, want %q", got, want)
		}
	}
}

// The status table of the inference toolkit for images
// (webservice_starlette.py), behind the gateway of dedicated endpoints.
func TestStatusTableOfTheToolkit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		class  pipeline.Class
		hint   string
	}{
		{"toolkit: no image wanted", 400, `{"error":"Content type \"image/png\" not supported. Supported content types are: application/json"}`, pipeline.Misconfigured, "kind"},
		{"toolkit: bad image", 400, `{"error":"cannot identify image file"}`, pipeline.Rejected, ""},
		{"toolkit: memory", 400, `{"error":"CUDA out of memory"}`, pipeline.Transient, ""},
		{"paused", 400, `Bad Request: Invalid state`, pipeline.NotServed, "paused"},
		{"scaled to zero", 503, `{"error":"503 Service Unavailable"}`, pipeline.Warming, ""},
		{"key", 401, ``, pipeline.Denied, "token"},
		{"bytes", 413, ``, pipeline.Oversize, ""},
		{"none", 404, ``, pipeline.NotServed, ""},
		{"failure", 500, ``, pipeline.Transient, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failure := stubserver.Failure{Status: test.status, Body: test.body}
			if !strings.HasPrefix(test.body, "{") {
				failure.Header = map[string]string{"Content-Type": "text/plain"}
			}
			client := newClient(t, stubserver.New(stubserver.Options{Fail: func(stubserver.Request) *stubserver.Failure { return &failure }}), raw.Options{})
			_, err := client.Embed(t.Context(), []string{embeddertest.Picture("x")})
			if err == nil || pipeline.Classify(err) != test.class || !strings.Contains(pipeline.Hint(err), test.hint) {
				t.Errorf("err = %v (%s, hint %q), want %s with %q", err, pipeline.Classify(err), pipeline.Hint(err), test.class, test.hint)
			}
		})
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, options := range []raw.Options{{}, {URL: "http://localhost", Pooling: "max"}, {URL: "http://example.com", Token: credential.New("k")}} {
		if _, err := raw.New(options); pipeline.Classify(err) != pipeline.Misconfigured || err == nil {
			t.Errorf("New(%+v) = %v, want it misconfigured", options, err)
		}
	}
}
