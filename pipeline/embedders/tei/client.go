// Package tei speaks to Hugging Face's text-embeddings-inference by its own
// route,
//
//	POST {url}/embed
//	{"inputs":["…","…"],"normalize":false}
//
// in its versions 1.0 to 1.9. Its oddities: what is not valid has the status
// 413 before version 1.9 and 422 since; the limit on concurrent requests counts
// texts, not requests; failures of the framework are plain text, all others
// JSON; and one empty text fails a whole batch.
package tei

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
	"github.com/vecload/vecload/pipeline/embedders/internal/verdict"
)

// Options say where the server is and how it shall embed.
type Options struct {
	// URL is the server's address, without /embed.
	URL string
	// Model is the one that the server has to serve, by its name on the Hub;
	// "" takes whatever it serves. Only Describe looks at it.
	Model string
	// Token is the server's API key, or a Hugging Face token for a dedicated
	// endpoint; it is sent to the host of URL only.
	Token credential.Token
	// Truncate says what happens with texts that are longer than the model
	// takes: true cuts them, false rejects them, nil is as the server was
	// started.
	Truncate *bool
	// Timeout bounds one request; 0 is two minutes.
	Timeout time.Duration
	// InFlight is how many connections are kept open; 0 keeps 8.
	InFlight int
	// AllowClearText lets the token be sent over http off this machine.
	AllowClearText bool
	// HTTP makes the connections; nil is a client of its own.
	HTTP *http.Client
}

// Client embeds texts with the model of one server. It may be used by several
// goroutines at once.
type Client struct {
	rest    *rest.Client
	model   string
	options []byte // what follows the inputs in a request
	size    rest.Size
}

var (
	_ pipeline.Embedder   = (*Client)(nil)
	_ embedders.Describer = (*Client)(nil)
)

// New returns a client, or an error of class Misconfigured.
func New(o Options) (*Client, error) {
	if strings.HasSuffix(strings.TrimRight(o.URL, "/"), "/embed") {
		return nil, &pipeline.Error{
			Op: o.URL, Class: pipeline.Misconfigured,
			Err: errors.New("the url ends in /embed"), Hint: "leave it out; it is put behind the address",
		}
	}
	client, err := rest.New(rest.Options{
		URL: o.URL, Token: o.Token, AllowClearText: o.AllowClearText,
		Timeout: o.Timeout, InFlight: o.InFlight, HTTP: o.HTTP,
	})
	if err != nil {
		return nil, err
	}
	// Vectors are wanted as the model makes them: length is made 1 on this
	// side, after the cut, for every protocol alike.
	options := `,"normalize":false`
	if o.Truncate != nil {
		options += `,"truncate":` + strconv.FormatBool(*o.Truncate)
	}
	return &Client{rest: client, model: o.Model, options: []byte(options + "}")}, nil
}

// Embed implements [pipeline.Embedder] with one request.
func (c *Client) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	answer, err := c.rest.Post(ctx, "embed", c.body(texts), c.size.Limit(len(texts)))
	if err != nil {
		return pipeline.Vectors{}, err
	}
	defer answer.Release()
	if e := c.rest.Unusable(answer, texts); e != nil {
		return pipeline.Vectors{}, e
	}
	if answer.Status != http.StatusOK {
		return pipeline.Vectors{}, classify(answer, c.rest.Proven(), texts)
	}
	embedders.Received(ctx)
	v, err := vectors.Nested(answer.Body, len(texts), vectors.NoPooling)
	if errors.Is(err, vectors.ErrNoData) {
		return pipeline.Vectors{}, verdict.OfNoVectors(answer, nil, c.rest.Proven(), texts)
	}
	if v.Dim > 0 {
		c.size.Learn(v.Dim)
		c.rest.Succeeded()
	}
	return v, vectors.At(answer.Op, err)
}

func (c *Client) body(texts []string) []byte {
	const begin = `{"inputs":`
	b := append(c.rest.Body(len(begin)+rest.SizeOf(texts)+len(c.options)), begin...)
	return append(rest.AppendTexts(b, texts), c.options...)
}
