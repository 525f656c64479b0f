// Package huggingface speaks to Hugging Face's hf-inference provider by the
// feature-extraction pipeline route,
//
//	POST {base}/hf-inference/models/{model}/pipeline/feature-extraction
//	{"inputs":["…","…"]}
//
// as of August 2026. Its oddities: the suffix is needed even by models whose
// own task is sentence-similarity; normalize, truncate and prompt_name are
// never read by the server, so they are not sent, and prefixes and
// normalisation are the caller's; the depth of the answer depends on the
// library of the model; an idle model is loaded again while the first request
// waits; and nearly every failure has the status 400.
package huggingface

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
	"github.com/vecload/vecload/pipeline/embedders/internal/verdict"
)

// Router is the address of Hugging Face's router.
const Router = "https://router.huggingface.co"

// Options say which model is asked for, and where.
type Options struct {
	// URL is the router's address; "" is [Router].
	URL string
	// Model is its name on the Hub, such as
	// sentence-transformers/all-MiniLM-L6-v2.
	Model string
	// Token is a Hugging Face token with the permission to call Inference
	// Providers. It is sent to the host of URL only.
	Token credential.Token
	// BillTo is the organisation that pays; "" is the owner of the token.
	BillTo string
	// Pooling makes one vector of token vectors: "mean", "cls", or "" for
	// models whose answers are pooled.
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

// Client embeds texts with one model of hf-inference. It may be used by
// several goroutines at once.
type Client struct {
	rest    *rest.Client
	path    string
	model   string
	pooling vectors.Pooling
	size    rest.Size
}

var _ pipeline.Embedder = (*Client)(nil)

// New returns a client, or an error of class Misconfigured.
func New(o Options) (*Client, error) {
	if err := checkModel(o.Model); err != nil {
		return nil, err
	}
	if o.URL == "" {
		o.URL = Router
	}
	if m, wrong := (Address{Kind: KindRouted, URL: o.URL, Model: o.Model}).Mistake(); wrong {
		return nil, misconfigured(o.URL, "the url "+m.What, "the right address is "+m.Right+": "+m.Do)
	}
	pooling := vectors.Pooling(o.Pooling)
	if !pooling.Valid() {
		return nil, misconfigured(o.URL, "pooling is neither mean nor cls", "choose one of them, or leave it out for models that the server pools")
	}
	header := http.Header{}
	if o.BillTo != "" {
		header.Set("X-HF-Bill-To", o.BillTo)
	}
	client, err := rest.New(rest.Options{
		URL: o.URL, Token: o.Token, AllowClearText: o.AllowClearText, Header: header,
		Timeout: o.Timeout, InFlight: o.InFlight, HTTP: o.HTTP,
	})
	if err != nil {
		return nil, err
	}
	return &Client{
		rest:    client,
		path:    "hf-inference/models/" + o.Model + "/pipeline/feature-extraction",
		model:   o.Model,
		pooling: pooling,
	}, nil
}

// Embed implements [pipeline.Embedder] with one request.
func (c *Client) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	limit := c.size.Limit(len(texts))
	if c.pooling != vectors.NoPooling {
		limit = rest.MaxAnswer
	}
	answer, err := c.rest.Post(ctx, c.path, body(c.rest, texts), limit)
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
	v, err := vectors.Nested(answer.Body, len(texts), c.pooling)
	if errors.Is(err, vectors.ErrNoData) {
		return pipeline.Vectors{}, verdict.OfNoVectors(answer, nil, c.rest.Proven(), texts)
	}
	if v.Dim > 0 {
		c.size.Learn(v.Dim)
		c.rest.Succeeded()
	}
	return v, vectors.At(answer.Op, err)
}

// body is always a list, so that the depth of the answer is not ambiguous.
func body(client *rest.Client, texts []string) []byte {
	const begin = `{"inputs":`
	b := append(client.Body(len(begin)+rest.SizeOf(texts)+1), begin...)
	return append(rest.AppendTexts(b, texts), '}')
}

// checkModel keeps names out that would change the path. Names on the Hub are
// an owner and a repository of these characters.
func checkModel(model string) error {
	name := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$`)
	switch {
	case model == "":
		return misconfigured("", "the model is missing", "name it as on the Hub: owner/name")
	case !name.MatchString(model) || strings.Contains(model, ".."):
		return misconfigured("", fmt.Sprintf("the model %.200q is no name of the Hub", model), "names have the form owner/name, without address or task")
	}
	return nil
}

func misconfigured(op, text, hint string) error {
	return &pipeline.Error{Op: op, Class: pipeline.Misconfigured, Hint: hint, Err: errors.New(text)}
}
