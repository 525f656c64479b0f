// Package sie speaks to Superlinked's inference engine by its own route,
//
//	POST {url}/v1/encode/{model}
//	Content-Type: application/msgpack
//	{"items":[{"text":"…"}],"params":{"output_types":["dense"]}}
//
// which, other than its OpenAI-style route, takes images: their bytes are a
// binary value of MessagePack, which is why requests are written in it. The
// answer is asked for in JSON.
package sie

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/internal/picture"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
)

// Options say which model is asked for, and where.
type Options struct {
	// URL is the server's address, such as http://localhost:8080.
	URL string
	// Model is the name by which the server knows it.
	Model string
	// Token is the API key; it is sent to the host of URL only.
	Token credential.Token
	// Images says that the inputs of Embed are images: strings that hold the
	// bytes of a JPEG or PNG file.
	Images bool
	// Query says that texts are queries, for models that embed them in
	// another way than documents.
	Query bool
	// Timeout bounds one request; 0 is two minutes.
	Timeout time.Duration
	// InFlight is how many connections are kept open; 0 keeps 8.
	InFlight int
	// AllowClearText lets the token be sent over http off this machine.
	AllowClearText bool
	// HTTP makes the connections; nil is a client of its own.
	HTTP *http.Client
}

// Client embeds texts or images with one model of a server. It may be used by
// several goroutines at once.
type Client struct {
	rest          *rest.Client
	model         string
	images, query bool
	size          rest.Size
}

var _ pipeline.Embedder = (*Client)(nil)

// New returns a client, or an error of class Misconfigured.
func New(o Options) (*Client, error) {
	base := strings.TrimRight(o.URL, "/")
	switch {
	case o.Model == "":
		return nil, misconfigured(o.URL, "the model is missing", "")
	case strings.Contains(o.Model, ".."), strings.ContainsAny(o.Model, "?#%"):
		return nil, misconfigured(o.URL, "the model is no name that can stand in an address", "")
	case strings.HasSuffix(base, "/v1"), strings.Contains(base, "/v1/encode"):
		return nil, misconfigured(o.URL, "the url ends in a route", "leave it out; /v1/encode and the model are put behind the address")
	}
	client, err := rest.New(rest.Options{
		URL: o.URL, Token: o.Token, AllowClearText: o.AllowClearText, Header: http.Header{"Accept": {"application/json"}},
		Timeout: o.Timeout, InFlight: o.InFlight, HTTP: o.HTTP,
	})
	if err != nil {
		return nil, err
	}
	return &Client{rest: client, model: o.Model, images: o.Images, query: o.Query}, nil
}

// Embed implements [pipeline.Embedder] with one request.
func (c *Client) Embed(ctx context.Context, inputs []string) (pipeline.Vectors, error) {
	body, err := c.body(inputs)
	if err != nil {
		return pipeline.Vectors{}, err
	}
	answer, err := c.rest.PostAs(ctx, "v1/encode/"+c.model, "application/msgpack", body, c.size.Limit(len(inputs)))
	if err != nil {
		return pipeline.Vectors{}, err
	}
	defer answer.Release()
	if e := c.rest.Unusable(answer, inputs); e != nil {
		return pipeline.Vectors{}, e
	}
	if answer.Status != http.StatusOK {
		return pipeline.Vectors{}, classify(answer, c.model, c.rest.Proven(), inputs)
	}
	embedders.Received(ctx)
	v, err := vectors.Each(answer.Body, len(inputs), "items", "dense", "values")
	if errors.Is(err, vectors.ErrNoData) {
		return pipeline.Vectors{}, classifyNoData(answer, c.model, c.rest.Proven(), inputs)
	}
	if v.Dim > 0 {
		c.size.Learn(v.Dim)
		c.rest.Succeeded()
	}
	return v, vectors.At(answer.Op, err)
}

// body writes a request. An item with several images would have their mean, so
// each item has one.
func (c *Client) body(inputs []string) ([]byte, error) {
	size := 64
	for _, input := range inputs {
		size += len(input) + 40
	}
	b := appendMap(c.rest.Body(size), 2)
	b = appendString(b, "items")
	b = appendArray(b, len(inputs))
	for _, input := range inputs {
		b = appendMap(b, 1)
		if !c.images {
			b = appendString(b, "text")
			b = appendString(b, input)
			continue
		}
		media, err := picture.Media(input)
		if err != nil {
			return nil, err
		}
		b = appendString(b, "images")
		b = appendArray(b, 1)
		b = appendMap(b, 2)
		b = appendString(b, "data")
		b = appendBinary(b, input)
		b = appendString(b, "format")
		b = appendString(b, strings.TrimPrefix(media, "image/"))
	}
	b = appendString(b, "params")
	return c.params(b), nil
}

func (c *Client) params(b []byte) []byte {
	fields := 1
	if c.query {
		fields = 2
	}
	b = appendMap(b, fields)
	b = appendString(b, "output_types")
	b = appendArray(b, 1)
	b = appendString(b, "dense")
	if c.query {
		b = appendString(b, "options")
		b = appendMap(b, 1)
		b = appendString(b, "is_query")
		b = append(b, 0xc3) // true
	}
	return b
}

func misconfigured(op, text, hint string) error {
	return &pipeline.Error{Op: op, Class: pipeline.Misconfigured, Hint: hint, Err: errors.New(text)}
}
