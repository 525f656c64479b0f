// Package cohere speaks to servers with the embed route of Cohere's second
// API,
//
//	POST {url}/v2/embed
//	{"model":"…","input_type":"search_document","texts":["…","…"],"embedding_types":["float"]}
//
// which are Cohere's own and vLLM. Vectors come in the order of what was sent.
// What a text is embedded for is part of a request: Cohere's models, and the
// prompts of a model that vLLM serves, make other vectors of a query than of a
// document.
package cohere

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/internal/picture"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
)

// Purpose says what inputs are embedded for, in the words of input_type.
type Purpose string

// The purposes. The zero Purpose is Document.
const (
	Document Purpose = "search_document"
	Query    Purpose = "search_query"
	// Image is for inputs that are images: strings that hold the bytes of a
	// JPEG or PNG file.
	Image Purpose = "image"
)

// Truncation says what the server does with a text that is too long.
type Truncation string

// The truncations. The zero Truncation is as the server has it, which at
// Cohere is TruncateEnd.
const (
	TruncateNone  Truncation = "NONE" // the text is refused
	TruncateStart Truncation = "START"
	TruncateEnd   Truncation = "END"
)

// maxTexts is what Cohere takes in one request
// (https://docs.cohere.com/reference/embed).
const maxTexts = 96

// Options say which model is asked for, where, and what for.
type Options struct {
	// URL is what stands before /v2/embed, such as https://api.cohere.com.
	URL string
	// Model is the name by which the server knows it.
	Model string
	// Token is the API key; it is sent to the host of URL only.
	Token credential.Token
	// Purpose is Document unless it is given, and Query in calls whose context
	// is of [embedders.ForQuery]. With Image the inputs of Embed are images.
	Purpose Purpose
	// Truncate is as the server has it unless it is given.
	Truncate Truncation
	// Dimensions asks the server to cut vectors to so many components; 0
	// leaves them as they are.
	Dimensions int
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
	rest   *rest.Client
	model  string
	images bool
	head   []byte // what comes before the inputs in a request
	query  []byte // the same for queries
	tail   []byte // what follows the inputs
	known  embedders.Known
	size   rest.Size
}

var (
	_ pipeline.Embedder   = (*Client)(nil)
	_ embedders.Describer = (*Client)(nil)
)

// New returns a client, or an error of class Misconfigured.
func New(o Options) (*Client, error) {
	if o.Purpose == "" {
		o.Purpose = Document
	}
	base := strings.TrimRight(o.URL, "/")
	switch {
	case o.Model == "":
		return nil, misconfigured(o.URL, "the model is missing", "name it as the server does, such as embed-v4.0")
	case o.Dimensions < 0:
		return nil, misconfigured(o.URL, "dimensions is negative", "")
	case o.Purpose != Document && o.Purpose != Query && o.Purpose != Image:
		return nil, misconfigured(o.URL, "the purpose is none of search_document, search_query and image", "")
	case o.Truncate != "" && o.Truncate != TruncateNone && o.Truncate != TruncateStart && o.Truncate != TruncateEnd:
		return nil, misconfigured(o.URL, "truncate is none of NONE, START and END", "")
	case strings.HasSuffix(base, "/v2"), strings.HasSuffix(base, "/v2/embed"), strings.HasSuffix(base, "/v1"):
		return nil, misconfigured(o.URL, "the url ends in "+base[strings.LastIndex(base, "/"):], "leave it out; /v2/embed is put behind the address")
	}
	client, err := rest.New(rest.Options{
		URL: o.URL, Token: o.Token, AllowClearText: o.AllowClearText,
		Timeout: o.Timeout, InFlight: o.InFlight, HTTP: o.HTTP,
	})
	if err != nil {
		return nil, err
	}
	c := &Client{rest: client, model: o.Model, images: o.Purpose == Image, known: known(o)}
	c.head, c.tail = frame(o)
	c.query = c.head
	if o.Purpose == Document {
		o.Purpose = Query
		c.query, _ = frame(o)
	}
	return c, nil
}

// known has the limits of Cohere's own service. Another server tells by
// refusals.
func known(o Options) embedders.Known {
	u, err := url.Parse(o.URL)
	if err != nil || !strings.HasSuffix(u.Hostname(), ".cohere.com") && !strings.HasSuffix(u.Hostname(), ".cohere.ai") {
		return embedders.Known{}
	}
	if o.Purpose == Image {
		return embedders.Known{Texts: 1, Bytes: 5 << 20}
	}
	return embedders.Known{Texts: maxTexts}
}

// frame returns what is around the inputs of every request.
func frame(o Options) (head, tail []byte) {
	head = append(pipeline.AppendJSONString([]byte(`{"model":`), o.Model), `,"input_type":"`+string(o.Purpose)+`",`...)
	if o.Purpose == Image {
		head = append(head, `"images":[`...)
	} else {
		head = append(head, `"texts":[`...)
	}
	tail = []byte(`],"embedding_types":["float"]`)
	if o.Dimensions > 0 {
		tail = strconv.AppendInt(append(tail, `,"output_dimension":`...), int64(o.Dimensions), 10)
	}
	if o.Truncate != "" {
		tail = append(tail, `,"truncate":"`+string(o.Truncate)+`"`...)
	}
	return head, append(tail, '}')
}

// Describe implements [embedders.Describer] without a request: the limits of
// Cohere's own service are known, those of others are not told.
func (c *Client) Describe(context.Context) (embedders.Known, error) { return c.known, nil }

// Embed implements [pipeline.Embedder] with one request.
func (c *Client) Embed(ctx context.Context, inputs []string) (pipeline.Vectors, error) {
	if c.images {
		uris, err := picture.URIs(inputs)
		if err != nil {
			return pipeline.Vectors{}, err
		}
		inputs = uris
	}
	body := c.body(embedders.IsQuery(ctx), inputs)
	// Cohere sends the texts back, escaped or not.
	limit := c.size.Limit(len(inputs)) + 6*int64(len(body))
	answer, err := c.rest.Post(ctx, "v2/embed", body, limit)
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
	v, err := vectors.Under(answer.Body, len(inputs), "embeddings", "float")
	if errors.Is(err, vectors.ErrNoData) {
		return pipeline.Vectors{}, classifyNoData(answer, c.model, c.rest.Proven(), inputs)
	}
	if v.Dim > 0 {
		c.size.Learn(v.Dim)
		c.rest.Succeeded()
	}
	return v, vectors.At(answer.Op, err)
}

func (c *Client) body(query bool, inputs []string) []byte {
	head := c.head
	if query {
		head = c.query
	}
	size := len(head) + len(c.tail)
	for _, input := range inputs {
		size += len(input) + len(input)/16 + 3
	}
	b := append(c.rest.Body(size), head...)
	for i, input := range inputs {
		if i > 0 {
			b = append(b, ',')
		}
		b = pipeline.AppendJSONString(b, input)
	}
	return append(b, c.tail...)
}

func misconfigured(op, text, hint string) error {
	return &pipeline.Error{Op: op, Class: pipeline.Misconfigured, Hint: hint, Err: errors.New(text)}
}
