package huggingface_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

const model = "sentence-transformers/all-MiniLM-L6-v2"

func newClient(t *testing.T, handler http.Handler, o huggingface.Options) *huggingface.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o.URL = server.URL
	if o.Model == "" {
		o.Model = model
	}
	client, err := huggingface.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		t.Helper()
		return newClient(t, stubserver.New(stubserver.Options{}), huggingface.Options{})
	})
}

func TestTextsReachTheServerUnchanged(t *testing.T) {
	t.Parallel()
	embeddertest.Unchanged(t, newClient(t, stubserver.New(stubserver.Options{}), huggingface.Options{}), stubserver.Hash(8))
}

func TestTheRequestIsAListOnThePipelineRoute(t *testing.T) {
	t.Parallel()
	var got string
	client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = strings.Join([]string{
			r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), r.Header.Get("Authorization"), r.Header.Get("X-Hf-Bill-To"), string(body),
		}, " ")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "[[1,2]]")
	}), huggingface.Options{Token: credential.New("hf_x"), BillTo: "org"})
	if _, err := client.Embed(t.Context(), []string{`a "text"`}); err != nil {
		t.Fatal(err)
	}
	want := "POST /hf-inference/models/" + model + `/pipeline/feature-extraction application/json Bearer hf_x org {"inputs":["a \"text\""]}`
	if got != want {
		t.Errorf("request\n%s, want\n%s", got, want)
	}
}

func TestTokensArePooledOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"[[[1,2],[3,4]],[[5,6]]]", "[[[[1,2],[3,4]]],[[[5,6]]]]"} {
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, body)
		})
		texts := []string{"a", "b"}
		v, err := newClient(t, handler, huggingface.Options{Pooling: "mean"}).Embed(t.Context(), texts)
		if err != nil || v.Dim != 2 || v.At(0)[0] != 2 || v.At(1)[1] != 6 {
			t.Errorf("mean of %s: %v, %v", body, v, err)
		}
		v, err = newClient(t, handler, huggingface.Options{Pooling: "cls"}).Embed(t.Context(), texts)
		if err != nil || v.At(0)[0] != 1 {
			t.Errorf("cls of %s: %v, %v", body, v, err)
		}
		_, err = newClient(t, handler, huggingface.Options{}).Embed(t.Context(), texts)
		if pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(pipeline.Hint(err), "pooling") {
			t.Errorf("no pooling of %s: %v", body, err)
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		options huggingface.Options
		want    string
	}{
		{huggingface.Options{}, "model is missing"},
		{huggingface.Options{Model: "https://huggingface.co/a/b"}, "no name of the Hub"},
		{huggingface.Options{Model: "a/b/pipeline/feature-extraction"}, "no name of the Hub"},
		{huggingface.Options{Model: "../../etc"}, "no name of the Hub"},
		{huggingface.Options{Model: "a/b?x=1"}, "no name of the Hub"},
		{huggingface.Options{Model: model, Pooling: "max"}, "neither mean nor cls"},
		{huggingface.Options{Model: model, URL: "https://api-inference.huggingface.co"}, "retired"},
		{huggingface.Options{Model: model, URL: "https://router.huggingface.co/hf-inference"}, "bare"},
		{huggingface.Options{Model: model, URL: "https://router.huggingface.co/v1/"}, "chat only"},
		{huggingface.Options{Model: model, URL: "http://example.com", Token: credential.New("x")}, "clear text"},
	}
	for _, test := range tests {
		_, err := huggingface.New(test.options)
		if err == nil || pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(err.Error(), test.want) {
			t.Errorf("New(%+v) = %v, want it misconfigured: %s", test.options, err, test.want)
		}
	}
	if _, err := huggingface.New(huggingface.Options{Model: "gpt2"}); err != nil {
		t.Errorf("a model without owner: %v", err)
	}
}
