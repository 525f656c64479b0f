package retry_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/openai"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
	"github.com/vecload/vecload/pipeline/retry"
)

func TestEmbedderKeepsTheContractOverAnUnsteadyServer(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		server := httptest.NewServer(stubserver.New(stubserver.Options{
			Fail: func(r stubserver.Request) *stubserver.Failure {
				if r.Number%2 == 0 {
					return nil
				}
				return &stubserver.Failure{Status: http.StatusBadGateway}
			},
		}))
		t.Cleanup(server.Close)
		client, err := openai.New(openai.Options{URL: server.URL + "/v1", Model: "m"})
		if err != nil {
			t.Fatal(err)
		}
		p := retry.Default()
		p.Attempts, p.Base = 0, 1
		return retry.NewEmbedder(client, p, nil)
	})
}

// embedder is a function that is an embedder.
type embedder func(texts []string) (pipeline.Vectors, error)

func (e embedder) Embed(_ context.Context, texts []string) (pipeline.Vectors, error) { return e(texts) }

func TestVectorsComeWithAPartialError(t *testing.T) {
	t.Parallel()
	e := retry.NewEmbedder(embedder(func([]string) (pipeline.Vectors, error) {
		return pipeline.Vectors{Dim: 1, Data: []float32{1}},
			&pipeline.PartialError{Failed: map[int]error{1: failure(pipeline.Rejected, 0)}}
	}), policy(0), nil)
	v, err := e.Embed(t.Context(), []string{"a", "b"})
	if _, ok := errors.AsType[*pipeline.PartialError](err); !ok || v.Len() != 1 {
		t.Errorf("%d vectors, %v", v.Len(), err)
	}
}

func TestNoVectorsComeWithAnotherError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		e := retry.NewEmbedder(embedder(func([]string) (pipeline.Vectors, error) {
			calls++
			return pipeline.Vectors{Dim: 1, Data: []float32{1}}, failure(pipeline.Transient, 0)
		}), policy(0), nil)
		v, err := e.Embed(t.Context(), []string{"a"})
		if v.Len() != 0 || calls != 5 || pipeline.Classify(err) != pipeline.Transient {
			t.Errorf("%d vectors after %d calls, %v", v.Len(), calls, err)
		}
	})
}
