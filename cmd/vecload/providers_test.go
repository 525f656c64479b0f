package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
)

// answers is an embedder that fails with its errors, one a call, and then
// embeds.
type answers struct {
	errs  []error
	calls int
}

func (a *answers) Embed(_ context.Context, texts []string) (pipeline.Vectors, error) {
	a.calls++
	if len(a.errs) >= a.calls {
		return pipeline.Vectors{}, a.errs[a.calls-1]
	}
	return pipeline.Vectors{Dim: 1, Data: make([]float32, len(texts))}, nil
}

func TestProviderThatDoesNotServeIsPassedOver(t *testing.T) {
	t.Parallel()
	no := &pipeline.Error{Class: pipeline.NotServed, Err: errors.New("not here")}
	warming := &pipeline.Error{Class: pipeline.Warming, Err: errors.New("soon")}
	first, second, third := &answers{errs: []error{no, no}}, &answers{errs: []error{warming}}, &answers{}
	lists, chosen := 0, []string{}
	p := newProviders(func(context.Context) ([]provider, error) {
		lists++
		return []provider{{first, "first"}, {second, "second"}, {third, "third"}}, nil
	}, func(name string) { chosen = append(chosen, name) })
	if _, err := p.Embed(t.Context(), []string{"x"}); pipeline.Classify(err) != pipeline.Warming {
		t.Errorf("while the second warms up: %v", err)
	}
	for range 2 {
		if v, err := p.Embed(t.Context(), []string{"x"}); err != nil || v.Len() != 1 {
			t.Errorf("Embed = %v, %v", v, err)
		}
	}
	if lists != 1 || first.calls != 2 || second.calls != 3 || third.calls != 0 || !slices.Equal(chosen, []string{"second"}) {
		t.Errorf("%d lists, %d, %d and %d calls, chosen %v", lists, first.calls, second.calls, third.calls, chosen)
	}
}

func TestWhenNoProviderServesTheLastAnswerIsTold(t *testing.T) {
	t.Parallel()
	no := &pipeline.Error{Class: pipeline.NotServed, Err: errors.New("not here")}
	lists := 0
	p := newProviders(func(context.Context) ([]provider, error) {
		lists++
		return []provider{{&answers{errs: []error{no}}, "only"}}, nil
	}, func(string) { t.Error("one was chosen") })
	for range 2 {
		if _, err := p.Embed(t.Context(), []string{"x"}); !errors.Is(err, no) {
			t.Errorf("err = %v", err)
		}
	}
	if lists != 2 {
		t.Errorf("they were listed %d times, want anew for each call", lists)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	taken := newProviders(nil, nil)
	<-taken.state
	if _, err := taken.Embed(ctx, []string{"x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that waits for another: %v", err)
	}
}

func TestTokenAndBillGoWhereTheyAreMeantFor(t *testing.T) {
	t.Parallel()
	seen := make(chan http.Header, 8)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Clone()
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"id":"a/b","data":[{"index":0,"embedding":[1,2]}]}`))
	}))
	t.Cleanup(server.Close)
	a := assembly{
		process: process{lookupEnv: func(name string) (string, bool) {
			value := map[string]string{"HF_TOKEN": "hf_login", "HF_ENDPOINT": server.URL}[name]
			return value, value != ""
		}},
		config: configs.Default(),
		meters: newMeters(),
	}
	a.config.Embed.Timeout = time.Minute
	h := &configs.HuggingFace{
		URL: configs.URL(server.URL), Provider: "scaleway", ProviderID: "own", Token: configs.NewSecret("hf_mine"), BillTo: "org",
	}
	l := a.lanes()[0]
	client, err := l.routed(h, "a/b", new(usage))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Embed(t.Context(), []string{"x"}); err != nil {
		t.Fatal(err)
	}
	if got := <-seen; got.Get("X-Hf-Bill-To") != "org" || got.Get("Authorization") != "Bearer hf_mine" {
		t.Errorf("to the provider: %v", got)
	}
	hub, err := a.hub(h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Model(t.Context(), "a/b"); err != nil {
		t.Fatal(err)
	}
	if got := <-seen; got.Get("Authorization") != "" {
		t.Error("a Hub that is not huggingface.co was told a token")
	}
	dedicated, err := l.dedicated(&configs.InferenceEndpoint{URL: configs.URL(server.URL + "/v1"), Protocol: configs.ProtocolOpenAI, ScaleUp: time.Minute}, "a/b")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dedicated.Embed(t.Context(), []string{"x"}); err != nil {
		t.Fatal(err)
	}
	if got := <-seen; got.Get("Authorization") != "" || got.Get("X-Scale-Up-Timeout") != "60" {
		t.Errorf("to a dedicated endpoint without a token of its own: %v", got)
	}
}
