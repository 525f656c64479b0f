package recognize

import (
	"context"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
)

// Client is an embedder of a server whose protocol is found out by the first
// call. It may be used by several goroutines at once.
type Client struct {
	options Options
	open    func(Server) (pipeline.Embedder, error)
	turn    chan struct{} // holds one, for whoever may look at inner
	inner   pipeline.Embedder
}

var (
	_ pipeline.Embedder   = (*Client)(nil)
	_ embedders.Describer = (*Client)(nil)
)

// New returns a client that asks the server at its first call, and then calls
// client for what was recognised, whose result all calls go to. An answer that
// recognises nothing is forgotten, so that a later call asks again. Options
// that cannot work are an error of class Misconfigured.
func New(o Options, client func(Server) (pipeline.Embedder, error)) (*Client, error) {
	if _, err := newAsker(o); err != nil {
		return nil, err
	}
	return &Client{options: o, open: client, turn: newTurn()}, nil
}

func newTurn() chan struct{} {
	turn := make(chan struct{}, 1)
	turn <- struct{}{}
	return turn
}

// Embed implements [pipeline.Embedder].
func (c *Client) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	inner, err := c.client(ctx)
	if err != nil {
		return pipeline.Vectors{}, err
	}
	return inner.Embed(ctx, texts)
}

// Describe implements [embedders.Describer] with the client that was made. One
// that is no Describer tells nothing.
func (c *Client) Describe(ctx context.Context) (embedders.Known, error) {
	inner, err := c.client(ctx)
	if err != nil {
		return embedders.Known{}, err
	}
	if d, ok := inner.(embedders.Describer); ok {
		return d.Describe(ctx)
	}
	return embedders.Known{}, nil
}

// client returns the client of the server. Calls that come while one asks wait
// for it.
func (c *Client) client(ctx context.Context) (pipeline.Embedder, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-c.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { c.turn <- struct{}{} }()
	if c.inner != nil {
		return c.inner, nil
	}
	server, err := Ask(ctx, c.options)
	if err != nil {
		return nil, err
	}
	inner, err := c.open(server)
	if err != nil {
		return nil, err
	}
	c.inner = inner
	return inner, nil
}
