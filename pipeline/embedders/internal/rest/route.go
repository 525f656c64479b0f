package rest

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/vecload/vecload/pipeline"
)

// route is what all requests for one path have in common, made once.
type route struct {
	op      string
	request *http.Request // without a body; nobody writes to it or to its header
}

type routeKey struct{ method, path, media string }

// route returns the one for a path below the client's URL.
func (c *Client) route(method, path, media string) (*route, error) {
	key := routeKey{method, path, media}
	if known, ok := c.routes.Load(key); ok {
		return known.(*route), nil //nolint:forcetypeassert // Nothing else is stored.
	}
	made, err := c.newRoute(method, c.Op(method, path), c.target(path), media)
	if err == nil {
		c.routes.Store(key, made)
	}
	return made, err
}

func (c *Client) newRoute(method, op, target, media string) (*route, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, &pipeline.Error{Op: op, Class: pipeline.Misconfigured, Err: errors.New("the address is not valid")}
	}
	header := c.header.Clone()
	if media != "" {
		header.Set("Content-Type", media)
	}
	// Embedding twice does no harm: the transport may send again what was
	// lost with a connection that the server had closed. An empty value is
	// not sent.
	header["X-Idempotency-Key"] = nil
	return &route{op: op, request: &http.Request{Method: method, URL: u, Host: u.Host, Header: header}}, nil
}
