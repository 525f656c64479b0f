package huggingface

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
	"github.com/vecload/vecload/pipeline/embedders/internal/verdict"
)

// EndpointOptions say where a dedicated Inference Endpoint is.
type EndpointOptions struct {
	// URL is the address of the endpoint, with the path of its engine if that
	// has one: it is posted to as it is given.
	URL string
	// Token is sent to the host of URL only. An endpoint may belong to
	// anybody, so there is no token that fits by itself.
	Token credential.Token
	// Pooling makes one vector of token vectors, as in [Options].
	Pooling string
	// ScaleUp is how long the gateway holds a request while an endpoint that
	// was scaled to zero is started; 0 lets it answer 503 at once.
	ScaleUp time.Duration
	// Timeout bounds one request; 0 is two minutes. It is at least as long as
	// ScaleUp and a little longer.
	Timeout time.Duration
	// InFlight is how many connections are kept open; 0 keeps 8.
	InFlight int
	// AllowClearText lets the token be sent over http off this machine.
	AllowClearText bool
	// HTTP makes the connections; nil is a client of its own.
	HTTP *http.Client
}

// Endpoint embeds texts with a dedicated Inference Endpoint: its engine is
// text-embeddings-inference, or Hugging Face's inference toolkit with a task
// that embeds. It may be used by several goroutines at once.
type Endpoint struct {
	rest    *rest.Client
	pooling vectors.Pooling
	size    rest.Size
}

var _ pipeline.Embedder = (*Endpoint)(nil)

// NewEndpoint returns a client, or an error of class Misconfigured.
func NewEndpoint(o EndpointOptions) (*Endpoint, error) {
	pooling := vectors.Pooling(o.Pooling)
	if !pooling.Valid() {
		return nil, misconfigured(o.URL, "pooling is neither mean nor cls", "")
	}
	client, err := rest.New(rest.Options{
		URL: o.URL, Token: o.Token, AllowClearText: o.AllowClearText, Header: ScaleUpHeader(o.ScaleUp),
		Timeout: ScaleUpTimeout(o.Timeout, o.ScaleUp), InFlight: o.InFlight, HTTP: o.HTTP,
	})
	if err != nil {
		return nil, err
	}
	return &Endpoint{rest: client, pooling: pooling}, nil
}

// ScaleUpHeader asks the gateway of dedicated endpoints to hold a request for
// so long while a replica is started, in whole seconds; it is empty for 0.
func ScaleUpHeader(d time.Duration) http.Header {
	header := http.Header{}
	if d > 0 {
		header.Set("X-Scale-Up-Timeout", strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10))
	}
	return header
}

// ScaleUpTimeout is the time-out of a request that may be held for so long.
func ScaleUpTimeout(timeout, scaleUp time.Duration) time.Duration {
	if scaleUp <= 0 {
		return timeout
	}
	if timeout == 0 {
		timeout = rest.DefaultTimeout
	}
	return max(timeout, scaleUp+30*time.Second)
}

// Embed implements [pipeline.Embedder] with one request.
func (e *Endpoint) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	limit := e.size.Limit(len(texts))
	if e.pooling != vectors.NoPooling {
		limit = rest.MaxAnswer
	}
	answer, err := e.rest.Post(ctx, "", body(e.rest, texts), limit)
	if err != nil {
		return pipeline.Vectors{}, err
	}
	defer answer.Release()
	if e := e.rest.Unusable(answer, texts); e != nil {
		return pipeline.Vectors{}, e
	}
	if answer.Status != http.StatusOK {
		return pipeline.Vectors{}, classifyEndpoint(answer, e.rest.Proven(), texts)
	}
	embedders.Received(ctx)
	v, err := vectors.Nested(numbers(answer.Body), len(texts), e.pooling)
	if errors.Is(err, vectors.ErrNoData) {
		return pipeline.Vectors{}, verdict.OfNoVectors(answer, nil, e.rest.Proven(), texts)
	}
	if v.Dim > 0 {
		e.size.Learn(v.Dim)
		e.rest.Succeeded()
	}
	return v, vectors.At(answer.Op, err)
}

// numbers returns the lists of an answer: the toolkit puts those of its task
// sentence-embeddings into {"embeddings": …}.
func numbers(body []byte) []byte {
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return body
	}
	var answer struct {
		Embeddings json.RawMessage `json:"embeddings"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Embeddings == nil {
		return body
	}
	return answer.Embeddings
}
