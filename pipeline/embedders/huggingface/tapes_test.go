package huggingface_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest/tapes"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
)

// replay returns a client that talks to the recording.
func replay(t *testing.T, exchanges []tapes.Exchange, pooling string) *huggingface.Client {
	t.Helper()
	path := exchanges[0].Path(t)
	name := strings.TrimSuffix(strings.TrimPrefix(path, "/hf-inference/models/"), "/pipeline/feature-extraction")
	server := tapes.Serve(t, path, exchanges)
	client, err := huggingface.New(huggingface.Options{URL: server.URL, Model: name, Pooling: pooling})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestRecordedPooledAnswer(t *testing.T) {
	t.Parallel()
	exchanges := tapes.Load(t, "js-fe-distilbert-nli-single-768.json")
	v, err := replay(t, exchanges, "").Embed(t.Context(), exchanges[0].Texts(t))
	if err != nil || v.Dim != 768 || v.Len() != 1 || v.At(0)[0] != -0.14440986514091492 {
		t.Errorf("got %d × %d, %v", v.Len(), v.Dim, err)
	}
}

func TestRecordedTokenAnswer(t *testing.T) {
	t.Parallel()
	exchanges := tapes.Load(t, "js-fe-bartbase-list-2x1xTx768.json")
	texts := exchanges[0].Texts(t)
	_, err := replay(t, exchanges, "").Embed(t.Context(), texts)
	if pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(err.Error(), "shape [2][1][3][768]") {
		t.Errorf("without pooling: %v", err)
	}
	v, err := replay(t, exchanges, "cls").Embed(t.Context(), texts)
	if err != nil || v.Dim != 768 || v.Len() != 2 || v.At(0)[0] != 2.6723241805030823 {
		t.Errorf("cls: %d × %d, %v", v.Len(), v.Dim, err)
	}
	v, err = replay(t, exchanges, "mean").Embed(t.Context(), texts)
	if err != nil || v.Dim != 768 || v.Len() != 2 {
		t.Errorf("mean: %d × %d, %v", v.Len(), v.Dim, err)
	}
}

func TestRecordedWarming(t *testing.T) {
	t.Parallel()
	exchanges := tapes.Load(t, "py-fe-router-503-then-200.json")
	client := replay(t, exchanges, "mean")
	texts := exchanges[0].Texts(t)
	_, err := client.Embed(t.Context(), texts)
	if pipeline.Classify(err) != pipeline.Warming || pipeline.After(err).Round(time.Second) != 22*time.Second {
		t.Fatalf("first: %v (%s, after %s)", err, pipeline.Classify(err), pipeline.After(err))
	}
	v, err := client.Embed(t.Context(), texts)
	if err != nil || v.Dim != 768 || v.Len() != 1 {
		t.Errorf("second: %d × %d, %v", v.Len(), v.Dim, err)
	}
}

func TestRecordedChunkedAnswer(t *testing.T) {
	t.Parallel()
	exchanges := tapes.Load(t, "py-fe-router-200-compute-cpu.json")
	v, err := replay(t, exchanges, "mean").Embed(t.Context(), exchanges[0].Texts(t))
	if err != nil || v.Dim != 768 || v.Len() != 1 {
		t.Errorf("got %d × %d, %v", v.Len(), v.Dim, err)
	}
}

// The recorded failures belong to other tasks; their statuses and bodies are
// those of the router.
func TestRecordedFailures(t *testing.T) {
	t.Parallel()
	want := map[int]pipeline.Class{
		400: pipeline.Rejected,
		401: pipeline.Denied,
		404: pipeline.NotServed,
		422: pipeline.Misconfigured,
		429: pipeline.Throttled,
		500: pipeline.Transient,
		503: pipeline.Warming,
	}
	seen := map[int]bool{}
	for _, name := range []string{"js-errors.json", "py-errors-400-401-422-429-500-503.json"} {
		for _, exchange := range tapes.Load(t, name) {
			class, ok := want[exchange.Response.Status]
			if !ok || !strings.Contains(exchange.Request.URL, "huggingface.co") {
				continue
			}
			seen[exchange.Response.Status] = true
			client, err := huggingface.New(huggingface.Options{
				URL:   tapes.Serve(t, "/hf-inference/models/a/b/pipeline/feature-extraction", []tapes.Exchange{exchange}).URL,
				Model: "a/b",
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Embed(t.Context(), []string{"x"}); pipeline.Classify(err) != class {
				t.Errorf("%s: %v (%s), want %s", name, err, pipeline.Classify(err), class)
			}
		}
	}
	for status := range want {
		if !seen[status] {
			t.Errorf("no recording of %d was replayed", status)
		}
	}
}
