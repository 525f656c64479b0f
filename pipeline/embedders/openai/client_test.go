package openai_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest/tapes"
	"github.com/vecload/vecload/pipeline/embedders/openai"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

func newClient(t *testing.T, handler http.Handler, o openai.Options) *openai.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o.URL = server.URL + "/v1"
	if o.Model == "" {
		o.Model = "m"
	}
	client, err := openai.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		t.Helper()
		return newClient(t, stubserver.New(stubserver.Options{Token: "key"}), openai.Options{Token: credential.New("key")})
	})
}

func TestClientKeepsTheContractWithoutBase64(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		t.Helper()
		return newClient(t, withoutBase64(stubserver.New(stubserver.Options{})), openai.Options{})
	})
}

func TestTextsReachTheServerUnchanged(t *testing.T) {
	t.Parallel()
	embeddertest.Unchanged(t, newClient(t, stubserver.New(stubserver.Options{}), openai.Options{}), stubserver.Hash(8))
}

// withoutBase64 refuses requests that ask for an encoding.
func withoutBase64(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "encoding_format") {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(w, `{"detail":[{"type":"extra_forbidden","loc":["body","encoding_format"],"msg":"Extra inputs are not permitted","input":"base64"}]}`)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		next.ServeHTTP(w, r)
	})
}

func TestARefusalOfBase64IsRemembered(t *testing.T) {
	t.Parallel()
	requests := 0
	handler := withoutBase64(stubserver.New(stubserver.Options{}))
	client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		handler.ServeHTTP(w, r)
	}), openai.Options{})
	for range 3 {
		if _, err := client.Embed(t.Context(), []string{"a"}); err != nil {
			t.Fatal(err)
		}
	}
	if requests != 4 {
		t.Errorf("%d requests for 3 calls, want 4", requests)
	}
}

func TestTheRequest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		options openai.Options
		want    string
	}{
		{openai.Options{}, `POST /v1/embeddings {"model":"m","input":["a","b"],"encoding_format":"base64"}`},
		{openai.Options{Model: `x"y`, Dimensions: 2}, `POST /v1/embeddings {"model":"x\"y","input":["a","b"],"encoding_format":"base64","dimensions":2}`},
	}
	for _, test := range tests {
		var got string
		client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = r.Method + " " + r.URL.RequestURI() + " " + string(body)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"data":[{"embedding":[1,2]},{"embedding":[3,4]}]}`)
		}), test.options)
		if _, err := client.Embed(t.Context(), []string{"a", "b"}); err != nil {
			t.Fatal(err)
		}
		if got != test.want {
			t.Errorf("request %s, want %s", got, test.want)
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		options openai.Options
		want    string
	}{
		{openai.Options{URL: "http://localhost/v1"}, "model is missing"},
		{openai.Options{Model: "m"}, "url of the server is missing"},
		{openai.Options{Model: "m", URL: "http://localhost/v1/embeddings"}, "ends in /embeddings"},
		{openai.Options{Model: "m", URL: "https://router.huggingface.co/v1/"}, "chat only"},
		{openai.Options{Model: "m", URL: "http://localhost/v1", Dimensions: -1}, "negative"},
		{openai.Options{Model: "m", URL: "http://example.com/v1", Token: credential.New("k")}, "clear text"},
	}
	for _, test := range tests {
		_, err := openai.New(test.options)
		if err == nil || pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(err.Error(), test.want) {
			t.Errorf("New(%+v) = %v, want it misconfigured: %s", test.options, err, test.want)
		}
	}
}

func TestRecordedAnswer(t *testing.T) {
	t.Parallel()
	exchanges := tapes.Load(t, "js-embeddings-sambanova-openai-style.json")
	server := tapes.Serve(t, "/v1/embeddings", exchanges)
	client, err := openai.New(openai.Options{URL: server.URL + "/v1", Model: "E5-Mistral-7B-Instruct"})
	if err != nil {
		t.Fatal(err)
	}
	v, err := client.Embed(t.Context(), exchanges[0].Texts(t))
	if err != nil || v.Dim != 4096 || v.Len() != 1 || v.At(0)[0] != 0.002607916481792927 {
		t.Errorf("got %d × %d, %v", v.Len(), v.Dim, err)
	}
}
