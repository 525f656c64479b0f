package cohere_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/cohere"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

func newClient(t *testing.T, handler http.Handler, o cohere.Options) *cohere.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o.URL = server.URL
	if o.Model == "" {
		o.Model = "m"
	}
	client, err := cohere.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		t.Helper()
		return newClient(t, stubserver.New(stubserver.Options{Token: "key"}), cohere.Options{Token: credential.New("key")})
	})
}

func TestClientOfImagesKeepsTheContract(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		t.Helper()
		return embeddertest.Pictures(newClient(t, stubserver.New(stubserver.Options{}), cohere.Options{Purpose: cohere.Image}), 64)
	})
}

func TestInputsReachTheServerUnchanged(t *testing.T) {
	t.Parallel()
	embeddertest.Unchanged(t, newClient(t, stubserver.New(stubserver.Options{}), cohere.Options{}), stubserver.Hash(8))
	images := newClient(t, stubserver.New(stubserver.Options{}), cohere.Options{Purpose: cohere.Image})
	embeddertest.Unchanged(t, embeddertest.Pictures(images, 64), func(text string) []float32 {
		return stubserver.Hash(8)(embeddertest.Picture(text))
	})
}

func TestTheRequest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		options cohere.Options
		inputs  []string
		want    string
	}{
		{cohere.Options{}, []string{"a", "b"}, `POST /v2/embed {"model":"m","input_type":"search_document","texts":["a","b"],"embedding_types":["float"]}`},
		{
			cohere.Options{Model: `x"y`, Purpose: cohere.Query, Dimensions: 256, Truncate: cohere.TruncateNone},
			[]string{"a", "b"},
			`POST /v2/embed {"model":"x\"y","input_type":"search_query","texts":["a","b"],"embedding_types":["float"],"output_dimension":256,"truncate":"NONE"}`,
		},
		{
			cohere.Options{Purpose: cohere.Image},
			[]string{"\xff\xd8\xff", "\x89PNG\r\n\x1a\n"},
			`POST /v2/embed {"model":"m","input_type":"image","images":["data:image/jpeg;base64,/9j/","data:image/png;base64,iVBORw0KGgo="],"embedding_types":["float"]}`,
		},
	}
	for _, test := range tests {
		var got string
		client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = r.Method + " " + r.URL.RequestURI() + " " + string(body)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"id":"x","embeddings":{"float":[[1,2],[3,4]]},"texts":["a","b"]}`)
		}), test.options)
		if _, err := client.Embed(t.Context(), test.inputs); err != nil {
			t.Fatal(err)
		}
		if got != test.want {
			t.Errorf("request %s, want %s", got, test.want)
		}
	}
}

func TestACallForAQueryIsOne(t *testing.T) {
	t.Parallel()
	var got string
	client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"x","embeddings":{"float":[[1,2]]}}`)
	}), cohere.Options{})
	query := embedders.ForQuery(t.Context())
	for ctx, want := range map[context.Context]string{
		t.Context(): "search_document", query: "search_query", embedders.ForDocuments(query): "search_document",
	} {
		if _, err := client.Embed(ctx, []string{"a"}); err != nil || !strings.Contains(got, `"input_type":"`+want+`"`) {
			t.Errorf("request %s, %v, want %s", got, err, want)
		}
	}
}

func TestWhatIsNoImageIsNotSent(t *testing.T) {
	t.Parallel()
	stub := stubserver.New(stubserver.Options{})
	client := newClient(t, stub, cohere.Options{Purpose: cohere.Image})
	_, err := client.Embed(t.Context(), []string{embeddertest.Picture("x"), "a text"})
	if pipeline.Classify(err) != pipeline.Rejected || stub.Requests() != 0 {
		t.Errorf("%v after %d requests, want it rejected and not sent", err, stub.Requests())
	}
}

func TestLimitsOfCoheresOwnServiceAreKnown(t *testing.T) {
	t.Parallel()
	tests := []struct {
		options cohere.Options
		want    embedders.Known
	}{
		{cohere.Options{URL: "https://api.cohere.com"}, embedders.Known{Texts: 96}},
		{cohere.Options{URL: "https://api.cohere.com", Purpose: cohere.Image}, embedders.Known{Texts: 1, Bytes: 5 << 20}},
		{cohere.Options{URL: "http://localhost:8000"}, embedders.Known{}},
		{cohere.Options{URL: "https://notcohere.com"}, embedders.Known{}},
	}
	for _, test := range tests {
		test.options.Model = "m"
		client, err := cohere.New(test.options)
		if err != nil {
			t.Fatal(err)
		}
		if known, err := client.Describe(t.Context()); err != nil || known != test.want {
			t.Errorf("%s: %+v, %v, want %+v", test.options.URL, known, err, test.want)
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		options cohere.Options
		want    string
	}{
		{cohere.Options{URL: "http://localhost"}, "model is missing"},
		{cohere.Options{Model: "m"}, "url of the server is missing"},
		{cohere.Options{Model: "m", URL: "http://localhost/v2/"}, "ends in /v2"},
		{cohere.Options{Model: "m", URL: "http://localhost/v2/embed"}, "ends in /embed"},
		{cohere.Options{Model: "m", URL: "http://localhost/v1"}, "ends in /v1"},
		{cohere.Options{Model: "m", URL: "http://localhost", Dimensions: -1}, "negative"},
		{cohere.Options{Model: "m", URL: "http://localhost", Purpose: "clustering"}, "purpose"},
		{cohere.Options{Model: "m", URL: "http://localhost", Truncate: "end"}, "truncate"},
		{cohere.Options{Model: "m", URL: "http://example.com", Token: credential.New("k")}, "clear text"},
	}
	for _, test := range tests {
		_, err := cohere.New(test.options)
		if err == nil || pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(err.Error(), test.want) {
			t.Errorf("New(%+v) = %v, want it misconfigured: %s", test.options, err, test.want)
		}
	}
}
