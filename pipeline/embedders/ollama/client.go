// Package ollama speaks to Ollama by its own route,
//
//	POST {url}/api/embed
//	{"model":"…","input":["…","…"],"keep_alive":"30m"}
//
// The first request loads the model, which takes seconds to minutes and is
// held until it is done. The model stays loaded while requests come, since
// every request has the same options: others would load it anew. Ollama embeds
// the texts of a request one after the other, so large batches save nothing
// but requests.
package ollama

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
)

// Options say which model is asked for, and where.
type Options struct {
	// URL is the server's address, such as http://localhost:11434, without
	// /api and /v1.
	URL string
	// Model is the name by which the server knows it, such as
	// nomic-embed-text.
	Model string
	// Token is for a proxy before the server, which asks for none itself; it
	// is sent to the host of URL only.
	Token credential.Token
	// Context is how many tokens of a text the model reads, at most what it
	// was trained for; 0 is as the server was set up, often 2048 or 4096.
	// What lies beyond is cut off without a word.
	Context int
	// Timeout bounds one request; 0 is two minutes.
	Timeout time.Duration
	// InFlight is how many connections are kept open; 0 keeps 8.
	InFlight int
	// AllowClearText lets the token be sent over http off this machine.
	AllowClearText bool
	// HTTP makes the connections; nil is a client of its own.
	HTTP *http.Client
}

// Client embeds texts with one model of a server. It may be used by several
// goroutines at once.
type Client struct {
	rest  *rest.Client
	model string
	tail  []byte // what follows the texts in a request, always the same
	size  rest.Size
}

var (
	_ pipeline.Embedder   = (*Client)(nil)
	_ embedders.Describer = (*Client)(nil)
)

// New returns a client, or an error of class Misconfigured.
func New(o Options) (*Client, error) {
	base := strings.TrimRight(o.URL, "/")
	for _, route := range []string{"/v1", "/api", "/api/embed", "/api/embeddings"} {
		if strings.HasSuffix(base, route) {
			return nil, misconfigured(o.URL, "the url ends in "+route, "leave it out; Ollama's own route is put behind the address")
		}
	}
	switch {
	case o.Model == "":
		return nil, misconfigured(o.URL, "the model is missing", "name it as `ollama list` does")
	case o.Context < 0:
		return nil, misconfigured(o.URL, "context is negative", "")
	}
	client, err := rest.New(rest.Options{
		URL: o.URL, Token: o.Token, AllowClearText: o.AllowClearText,
		Timeout: o.Timeout, InFlight: o.InFlight, HTTP: o.HTTP,
	})
	if err != nil {
		return nil, err
	}
	return &Client{rest: client, model: o.Model, tail: tail(o)}, nil
}

// tail has keep_alive, so that the model stays between the requests of a run,
// and the size of the context. num_batch goes with num_ctx: a text between the
// two crashes the runner (ollama/ollama#16582).
func tail(o Options) []byte {
	b := []byte(`],"keep_alive":"30m"`)
	if o.Context > 0 {
		n := strconv.Itoa(o.Context)
		b = append(b, `,"options":{"num_ctx":`+n+`,"num_batch":`+n+`}`...)
	}
	return append(b, '}')
}

// Embed implements [pipeline.Embedder] with one request.
func (c *Client) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	answer, err := c.rest.Post(ctx, "api/embed", c.body(texts), c.size.Limit(len(texts)))
	if err != nil {
		return pipeline.Vectors{}, err
	}
	defer answer.Release()
	if e := c.rest.Unusable(answer, texts); e != nil {
		return pipeline.Vectors{}, e
	}
	if answer.Status != http.StatusOK {
		return pipeline.Vectors{}, classify(answer, c.model, c.rest.Proven(), texts)
	}
	embedders.Received(ctx)
	v, err := vectors.Under(answer.Body, len(texts), "embeddings")
	if errors.Is(err, vectors.ErrNoData) {
		return pipeline.Vectors{}, classifyNoData(answer, c.model, c.rest.Proven(), texts)
	}
	if v.Dim > 0 {
		c.size.Learn(v.Dim)
		c.rest.Succeeded()
	}
	return v, vectors.At(answer.Op, err)
}

func (c *Client) body(texts []string) []byte {
	size := 32 + len(c.model) + len(c.tail)
	for _, text := range texts {
		size += len(text) + len(text)/16 + 3
	}
	b := append(c.rest.Body(size), `{"model":`...)
	b = pipeline.AppendJSONString(b, c.model)
	b = append(b, `,"input":[`...)
	for i, text := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = pipeline.AppendJSONString(b, text)
	}
	return append(b, c.tail...)
}

func misconfigured(op, text, hint string) error {
	return &pipeline.Error{Op: op, Class: pipeline.Misconfigured, Hint: hint, Err: errors.New(text)}
}
