// Package openai speaks to any server with OpenAI's embeddings route,
//
//	POST {url}/embeddings
//	{"model":"…","input":["…","…"],"encoding_format":"base64"}
//
// such as OpenAI, vLLM, Infinity, llama.cpp's server, Ollama, LM Studio,
// text-embeddings-inference and the providers behind Hugging Face's router.
// Vectors are asked for in base64, which takes less than half the bytes and a
// fifth of the time of decimal numbers; a server that answers with numbers, or
// refuses base64, is understood too. Vectors are placed by their index.
package openai

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
)

// Options say which model is asked for, and where.
type Options struct {
	// URL is what stands before /embeddings, such as http://localhost:8000/v1.
	URL string
	// Model is the name by which the server knows it.
	Model string
	// Token is the API key; it is sent to the host of URL only.
	Token credential.Token
	// Modality says what the inputs of Embed are; "" is texts.
	Modality Modality
	// Dimensions asks the server to cut vectors to so many components; 0
	// leaves them as they are. Few servers know it, and not all of them
	// normalise what they cut.
	Dimensions int
	// Timeout bounds one request; 0 is two minutes.
	Timeout time.Duration
	// InFlight is how many connections are kept open; 0 keeps 8.
	InFlight int
	// AllowClearText lets the token be sent over http off this machine.
	AllowClearText bool
	// HTTP makes the connections; nil is a client of its own.
	HTTP *http.Client
	// Header is sent with every request.
	Header http.Header
	// Answers says what failures mean that come from somebody in between, such
	// as a router; ok is false for those that the server itself may have sent.
	// It may be nil.
	Answers func(a *rest.Answer, proven bool) (class pipeline.Class, hint string, ok bool)
}

// Client embeds texts with one model of a server. It may be used by several
// goroutines at once.
type Client struct {
	rest       *rest.Client
	model      string
	modality   Modality
	dimensions int
	size       rest.Size
	plain      atomic.Bool // the server refuses base64
	answers    func(*rest.Answer, bool) (pipeline.Class, string, bool)
}

var (
	_ pipeline.Embedder   = (*Client)(nil)
	_ embedders.Describer = (*Client)(nil)
)

// New returns a client, or an error of class Misconfigured.
func New(o Options) (*Client, error) {
	switch {
	case o.Model == "":
		return nil, misconfigured(o.URL, "the model is missing", "name it as the server does; a server with one model often takes any name")
	case o.Dimensions < 0:
		return nil, misconfigured(o.URL, "dimensions is negative", "leave it out, or give the number of components to keep")
	case !o.Modality.valid():
		return nil, misconfigured(o.URL, "the modality is neither image nor message", "leave it out for texts")
	case strings.HasSuffix(strings.TrimRight(o.URL, "/"), "/embeddings"):
		return nil, misconfigured(o.URL, "the url ends in /embeddings", "leave it out; it is put behind the address")
	case strings.HasSuffix(strings.TrimRight(o.URL, "/"), "router.huggingface.co/v1"):
		return nil, misconfigured(o.URL, "this route of Hugging Face's router serves chat only",
			"embeddings of hf-inference are a huggingface endpoint; those of other providers have addresses of their own")
	}
	client, err := rest.New(rest.Options{
		URL: o.URL, Token: o.Token, AllowClearText: o.AllowClearText,
		Timeout: o.Timeout, InFlight: o.InFlight, HTTP: o.HTTP, Header: o.Header,
	})
	if err != nil {
		return nil, err
	}
	return &Client{rest: client, model: o.Model, modality: o.Modality, dimensions: o.Dimensions, answers: o.Answers}, nil
}

// Embed implements [pipeline.Embedder] with one request, or two when the
// server turns out to refuse base64. More images than the server takes are an
// error of class Oversize, and nothing is sent.
func (c *Client) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	texts, err := c.inputs(texts)
	if err != nil {
		return pipeline.Vectors{}, err
	}
	plain := c.plain.Load()
	answer, err := c.post(ctx, texts, plain)
	if err == nil && !plain && refusesBase64(answer) {
		answer, err = c.post(ctx, texts, true)
		if err == nil && answer.Status == http.StatusOK {
			c.plain.Store(true)
		}
	}
	if err != nil {
		return pipeline.Vectors{}, err
	}
	defer answer.Release()
	if e := c.rest.Unusable(answer, texts); e != nil {
		return pipeline.Vectors{}, e
	}
	if answer.Status != http.StatusOK {
		return pipeline.Vectors{}, c.refusal(answer, texts)
	}
	if e := otherRoute(answer); e != nil && !c.rest.Proven() {
		return pipeline.Vectors{}, e
	}
	embedders.Received(ctx)
	v, err := vectors.Items(answer.Body, len(texts))
	if errors.Is(err, vectors.ErrNoData) {
		return pipeline.Vectors{}, classifyNoData(answer, c.model, c.rest.Proven(), texts)
	}
	if v.Dim > 0 {
		if e := c.uncut(answer, v.Dim); e != nil {
			return pipeline.Vectors{}, e
		}
		c.size.Learn(v.Dim)
		c.rest.Succeeded()
	}
	return v, vectors.At(answer.Op, err)
}

// refusal asks who stands in between before the table of the servers.
func (c *Client) refusal(a *rest.Answer, texts []string) *pipeline.Error {
	if c.answers != nil {
		if class, hint, ok := c.answers(a, c.rest.Proven()); ok {
			e := a.Error(class, hint, a.Detail(), texts)
			switch class { //nolint:exhaustive // The others are not tried again.
			case pipeline.Throttled, pipeline.Transient, pipeline.Warming:
				e.After = a.After()
			}
			return e
		}
	}
	return classify(a, c.model, c.rest.Proven(), texts)
}

func (c *Client) post(ctx context.Context, texts []string, plain bool) (*rest.Answer, error) {
	return c.rest.Post(ctx, "embeddings", c.body(texts, plain), c.size.Limit(len(texts)))
}

func misconfigured(op, text, hint string) error {
	return &pipeline.Error{Op: op, Class: pipeline.Misconfigured, Hint: hint, Err: errors.New(text)}
}
