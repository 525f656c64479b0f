package verdict_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/cohere"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
	"github.com/vecload/vecload/pipeline/embedders/ollama"
	"github.com/vecload/vecload/pipeline/embedders/openai"
	"github.com/vecload/vecload/pipeline/embedders/raw"
	"github.com/vecload/vecload/pipeline/embedders/recognize"
	"github.com/vecload/vecload/pipeline/embedders/sie"
	"github.com/vecload/vecload/pipeline/embedders/tei"
)

// anyAnswer is a transport that gives one answer to everything.
type anyAnswer struct {
	status int
	header http.Header
	body   []byte
}

func (a anyAnswer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header.Clone(), Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: -1, Request: r,
	}, nil
}

const asked = "http://127.0.0.1:1"

// clients are all that speak to servers of embeddings, by one transport.
func clients(t *testing.T, via *http.Client) []pipeline.Embedder {
	t.Helper()
	made := func(client pipeline.Embedder, err error) pipeline.Embedder {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	cases := []func() (pipeline.Embedder, error){
		func() (pipeline.Embedder, error) {
			return huggingface.New(huggingface.Options{URL: asked, Model: "a/b", HTTP: via})
		},
		func() (pipeline.Embedder, error) {
			return huggingface.New(huggingface.Options{URL: asked, Model: "a/b", Pooling: "mean", HTTP: via})
		},
		func() (pipeline.Embedder, error) {
			return huggingface.NewEndpoint(huggingface.EndpointOptions{URL: asked, Pooling: "cls", HTTP: via})
		},
		func() (pipeline.Embedder, error) { return tei.New(tei.Options{URL: asked, Model: "a/b", HTTP: via}) },
		func() (pipeline.Embedder, error) {
			return openai.New(openai.Options{URL: asked, Model: "m", HTTP: via})
		},
		func() (pipeline.Embedder, error) {
			return ollama.New(ollama.Options{URL: asked, Model: "m", HTTP: via})
		},
		func() (pipeline.Embedder, error) {
			return cohere.New(cohere.Options{URL: asked, Model: "m", HTTP: via})
		},
		func() (pipeline.Embedder, error) { return sie.New(sie.Options{URL: asked, Model: "m", HTTP: via}) },
		func() (pipeline.Embedder, error) {
			return raw.New(raw.Options{URL: asked, Pooling: "mean", HTTP: via})
		},
	}
	all := make([]pipeline.Embedder, len(cases))
	for i, one := range cases {
		all[i] = made(one())
	}
	return all
}

// FuzzAnyAnswer has every client read any answer: it gives one vector for each
// text, of finite numbers, or an error that says what it means for the run.
func FuzzAnyAnswer(f *testing.F) {
	for _, seed := range []struct {
		status         int
		kind, retry, s string
	}{
		{200, "application/json", "", `[[1,2],[3,4]]`},
		{200, "application/json", "", `[[[1,2],[3,4]],[[1,2]]]`},
		{200, "application/json", "", `{"data":[{"index":1,"embedding":[1,2]},{"index":0,"embedding":[3,4]}],"model":"m"}`},
		{200, "application/json", "", `{"data":[{"index":0,"embedding":"AACAPwAAAEA="},{"index":1,"embedding":"AACAPwAAAEA="}]}`},
		{200, "application/json", "", `{"model":"m","embeddings":[[0.5,1e-9],[1,-0.0]]}`},
		{200, "application/json", "", `{"embeddings":{"float":[[1,2],[3,4]]},"meta":{}}`},
		{200, "application/msgpack", "", "\x81\xa5items\x92\x81\xa5dense\x81\xa6values\xc4\x08\x00\x00\x80\x3f\x00\x00\x80\x3f"},
		{200, "application/json", "", `{"error":"model is loading","estimated_time":20.5}`},
		{200, "application/json", "", `[[1,null],[NaN,3]]`},
		{200, "application/json", "", `[[1,2]]`},
		{200, "application/json", "", `[[1,2],[3]]`},
		{200, "application/json", "", `[[1e39,2],[3,4]]`},
		{200, "text/html", "", `<html>`},
		{422, "application/json", "", `{"error":"batch size 64 > maximum allowed batch size 32","error_type":"Validation"}`},
		{429, "application/json", "7", `{"message":"slow down"}`},
		{503, "application/json", "Wed, 21 Oct 2026 07:28:00 GMT", `{"error":"loading","estimated_time":1e300}`},
		{402, "", "-1", ``},
		{200, "application/json", "", `{"model_id":"a/b","max_input_length":-5,"max_client_batch_size":1e30,"model_type":{"embedding":{"pooling":"cls"}}}`},
		{200, "application/json", "", `{"data":[{"id":"m","max_model_len":"x"}],"object":"list","version":"0.1"}`},
		{0, "", "", ""},
		{307, "", "", ""},
	} {
		f.Add(uint16(seed.status), seed.kind, seed.retry, []byte(seed.s))
	}
	texts := []string{embeddertest.Picture("one"), embeddertest.Picture("two")}
	f.Fuzz(func(t *testing.T, status uint16, kind, retry string, body []byte) {
		header := http.Header{"Content-Type": {kind}, "Retry-After": {retry}}
		via := &http.Client{Transport: anyAnswer{200 + int(status)%400, header, body}}
		for i, client := range clients(t, via) {
			for n := 1; n <= len(texts); n++ {
				got, err := client.Embed(t.Context(), texts[:n])
				if err == nil {
					err = wrong(got, n)
					if err != nil {
						t.Fatalf("client %d: %v", i, err)
					}
					continue
				}
				if partial, ok := errors.AsType[*pipeline.PartialError](err); ok {
					if err := wrong(got, n-len(partial.Failed)); err != nil {
						t.Fatalf("client %d: %v", i, err)
					}
				}
				classified(t, err)
			}
			if d, ok := client.(embedders.Describer); ok {
				if _, err := d.Describe(t.Context()); err != nil {
					classified(t, err)
				}
			}
		}
		if _, err := recognize.Ask(t.Context(), recognize.Options{URL: asked, HTTP: via}); err != nil {
			classified(t, err)
		}
		models, err := hub.New(hub.Options{URL: asked, HTTP: via})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := models.Model(t.Context(), "a/b"); err != nil {
			classified(t, err)
		}
		if _, err := models.Served(t.Context(), hub.Query{}); err != nil {
			classified(t, err)
		}
	})
}

// wrong says what n vectors must not be.
func wrong(got pipeline.Vectors, n int) error {
	if n == 0 && len(got.Data) == 0 {
		return nil
	}
	if got.Dim < 1 || got.Len() != n || len(got.Data) != n*got.Dim {
		return errors.New("not one vector for each text")
	}
	for _, x := range got.Data {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return errors.New("a number that is not finite")
		}
	}
	return nil
}

// classified wants an error that has a class, a bounded message and a wait
// that ends.
func classified(t *testing.T, err error) {
	t.Helper()
	if _, ok := errors.AsType[*pipeline.Error](err); !ok {
		if _, ok := errors.AsType[*pipeline.PartialError](err); !ok {
			t.Errorf("an error without a class: %v", err)
		}
	}
	if after := pipeline.After(err); after < 0 || after > 366*24*time.Hour {
		t.Errorf("an error that asks to wait for %s: %v", after, err)
	}
	if len(err.Error()) > 20_000 || strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }) {
		t.Errorf("an error of %d bytes, or with control characters: %.200q", len(err.Error()), err)
	}
}
