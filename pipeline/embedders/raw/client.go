// Package raw speaks to servers that take one image as the body of a request,
//
//	POST {url}
//	Content-Type: image/jpeg
//
// as the containers of Hugging Face's inference toolkit do. The answer is a
// vector, or a list that holds one, or a vector for each patch of the image,
// which is pooled when that is asked for.
package raw

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/internal/picture"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
	"github.com/vecload/vecload/pipeline/embedders/internal/verdict"
)

// Options say where images are sent.
type Options struct {
	// URL is the whole address.
	URL string
	// Token is sent to the host of URL only.
	Token credential.Token
	// Pooling is of answers with a vector for each patch: "mean", "cls", or
	// "", which refuses them.
	Pooling string
	// Timeout bounds one request; 0 is two minutes.
	Timeout time.Duration
	// InFlight is how many connections are kept open; 0 keeps 8.
	InFlight int
	// AllowClearText lets the token be sent over http off this machine.
	AllowClearText bool
	// HTTP makes the connections; nil is a client of its own.
	HTTP *http.Client
}

// Client embeds images with one server. Its inputs are strings that hold the
// bytes of a JPEG or PNG file, one a call. It may be used by several
// goroutines at once.
type Client struct {
	rest    *rest.Client
	pooling vectors.Pooling
	size    rest.Size
}

var (
	_ pipeline.Embedder   = (*Client)(nil)
	_ embedders.Describer = (*Client)(nil)
)

// New returns a client, or an error of class Misconfigured.
func New(o Options) (*Client, error) {
	pooling := vectors.Pooling(o.Pooling)
	if !pooling.Valid() {
		return nil, &pipeline.Error{Op: o.URL, Class: pipeline.Misconfigured, Err: errors.New("pooling is neither mean nor cls")}
	}
	client, err := rest.New(rest.Options{
		URL: o.URL, Token: o.Token, AllowClearText: o.AllowClearText, Header: http.Header{"Accept": {"application/json"}},
		Timeout: o.Timeout, InFlight: o.InFlight, HTTP: o.HTTP,
	})
	if err != nil {
		return nil, err
	}
	return &Client{rest: client, pooling: pooling}, nil
}

// Describe implements [embedders.Describer] without a request: one image in
// each.
func (c *Client) Describe(context.Context) (embedders.Known, error) {
	return embedders.Known{Texts: 1}, nil
}

// Embed implements [pipeline.Embedder] for one image. Several are an error of
// class Oversize, and nothing is sent.
func (c *Client) Embed(ctx context.Context, images []string) (pipeline.Vectors, error) {
	op := c.rest.Op(http.MethodPost, "")
	if len(images) != 1 {
		return pipeline.Vectors{}, &pipeline.Error{Op: op, Class: pipeline.Oversize, Err: &embedders.LimitError{
			Limit: embedders.Known{Texts: 1}, Err: fmt.Errorf("%d images in a request that takes one", len(images)),
		}}
	}
	media, err := picture.Media(images[0])
	if err != nil {
		return pipeline.Vectors{}, vectors.At(op, err)
	}
	limit := c.size.Limit(1)
	if c.pooling != vectors.NoPooling {
		limit = rest.MaxAnswer
	}
	answer, err := c.rest.PostAs(ctx, "", media, append(c.rest.Body(len(images[0])), images[0]...), limit)
	if err != nil {
		return pipeline.Vectors{}, err
	}
	defer answer.Release()
	if e := c.rest.Unusable(answer, images); e != nil {
		return pipeline.Vectors{}, e
	}
	if answer.Status != http.StatusOK {
		return pipeline.Vectors{}, verdict.Of(answer, rules(), c.rest.Proven(), images)
	}
	embedders.Received(ctx)
	v, err := vectors.Nested(answer.Body, 1, c.pooling)
	if errors.Is(err, vectors.ErrNoData) {
		return pipeline.Vectors{}, verdict.OfNoVectors(answer, rules(), c.rest.Proven(), images)
	}
	if v.Dim > 0 {
		c.size.Learn(v.Dim)
		c.rest.Succeeded()
	}
	return v, vectors.At(answer.Op, err)
}

// rules are those of Hugging Face's inference toolkit, where every failure is
// 400, and of the proxy before a dedicated endpoint.
func rules() []verdict.Rule {
	return []verdict.Rule{
		{
			Status: []int{http.StatusBadRequest}, Phrases: []string{"invalid state"},
			Class: pipeline.NotServed, Hint: "the endpoint is paused and does not wake by itself; resume it at https://endpoints.huggingface.co",
		},
		{
			Status: []int{http.StatusBadRequest}, Phrases: []string{"content type", "content-type", "not supported"},
			Class: pipeline.Misconfigured, Hint: "the server does not take an image as the body of a request; choose another kind of endpoint",
		},
		{Phrases: []string{"out of memory"}, Class: pipeline.Transient},
		{Status: []int{http.StatusServiceUnavailable}, Class: pipeline.Warming},
	}
}
