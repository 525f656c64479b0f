package verdict_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/cohere"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/ollama"
	"github.com/vecload/vecload/pipeline/embedders/openai"
	"github.com/vecload/vecload/pipeline/embedders/raw"
	"github.com/vecload/vecload/pipeline/embedders/sie"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
	"github.com/vecload/vecload/pipeline/embedders/tei"
)

// kind is one of the protocols.
type kind struct {
	name string
	open func(url string, timeout time.Duration) (pipeline.Embedder, error)
	// vectors makes an answer of rows, each the JSON of a list of numbers.
	vectors func(rows ...string) string
}

func lists(rows ...string) string { return "[" + strings.Join(rows, ",") + "]" }

func kinds() []kind {
	under := func(before, after string) func(...string) string {
		return func(rows ...string) string { return before + lists(rows...) + after }
	}
	each := func(before, name string) func(...string) string {
		return func(rows ...string) string {
			items := make([]string, len(rows))
			for i, row := range rows {
				items[i] = fmt.Sprintf(name, i, row)
			}
			return before + lists(items...) + "}"
		}
	}
	return []kind{
		{"huggingface", func(url string, d time.Duration) (pipeline.Embedder, error) {
			return huggingface.New(huggingface.Options{URL: url, Model: "a/b", Timeout: d})
		}, lists},
		{"inference_endpoint", func(url string, d time.Duration) (pipeline.Embedder, error) {
			return huggingface.NewEndpoint(huggingface.EndpointOptions{URL: url + "/embed", Timeout: d})
		}, lists},
		{"tei", func(url string, d time.Duration) (pipeline.Embedder, error) {
			return tei.New(tei.Options{URL: url, Timeout: d})
		}, lists},
		{"openai", func(url string, d time.Duration) (pipeline.Embedder, error) {
			return openai.New(openai.Options{URL: url + "/v1", Model: "m", Timeout: d})
		}, each(`{"data":`, `{"index":%d,"embedding":%s}`)},
		{"ollama", func(url string, d time.Duration) (pipeline.Embedder, error) {
			return ollama.New(ollama.Options{URL: url, Model: "m", Timeout: d})
		}, under(`{"embeddings":`, "}")},
		{"cohere", func(url string, d time.Duration) (pipeline.Embedder, error) {
			return cohere.New(cohere.Options{URL: url, Model: "m", Timeout: d})
		}, under(`{"embeddings":{"float":`, "}}")},
		{"sie", func(url string, d time.Duration) (pipeline.Embedder, error) {
			return sie.New(sie.Options{URL: url, Model: "m", Timeout: d})
		}, each(`{"items":`, `{"id":"%d","dense":{"values":%s}}`)},
		{"raw", func(url string, d time.Duration) (pipeline.Embedder, error) {
			client, err := raw.New(raw.Options{URL: url + "/raw", Timeout: d})
			if err != nil {
				return nil, err
			}
			return embeddertest.Pictures(client, 1), nil
		}, lists},
	}
}

// answered returns the error of a call whose answer is made by then, after one
// that was given vectors. The call is of one text unless texts are given.
func (k kind) answered(t *testing.T, then http.HandlerFunc, texts ...string) error {
	t.Helper()
	stub := stubserver.New(stubserver.Options{})
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			stub.ServeHTTP(w, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		then(w, r)
	}))
	t.Cleanup(server.Close)
	client, err := k.open(server.URL, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Embed(t.Context(), []string{"first"}); err != nil {
		t.Fatalf("the first call: %v", err)
	}
	if len(texts) == 0 {
		texts = []string{"second"}
	}
	_, err = client.Embed(t.Context(), texts)
	return err
}

// answering answers with a status, a body and headers, which are name and
// value by turns.
func answering(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}
