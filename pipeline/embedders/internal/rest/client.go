// Package rest makes one HTTP exchange with an embedding server: JSON out, an
// answer of bounded size in. It knows statuses, headers and bodies, and no
// protocol: what an answer means is decided by the package of its protocol.
package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/credential"
)

// Options describe a server.
type Options struct {
	// URL is the address that the paths of requests are put behind.
	URL string
	// Token is sent as "Authorization: Bearer" to the host of URL only.
	Token credential.Token
	// AllowClearText lets a token be sent over http to other hosts than this
	// machine.
	AllowClearText bool
	// Header is sent with every request.
	Header http.Header
	// Timeout bounds one exchange; 0 is DefaultTimeout.
	Timeout time.Duration
	// InFlight is how many connections are kept open between requests; 0
	// keeps 8.
	InFlight int
	// HTTP makes the connections; nil is a client of its own. Redirects are
	// not followed with either.
	HTTP *http.Client
}

// DefaultTimeout is long enough for a server that loads its model while the
// first request waits, which takes Hugging Face's CPU instances up to a minute.
const DefaultTimeout = 2 * time.Minute

// MaxAnswer bounds the answers whose size cannot be foretold, such as vectors
// of tokens.
const MaxAnswer = 256 << 20

// maxError is how much of the body of a failure is read: enough for any
// message, while some servers send the whole request back.
const maxError = 64 << 10

// Client talks to one server. It may be used by several goroutines at once.
type Client struct {
	base     *url.URL
	header   http.Header
	timeout  time.Duration
	http     *http.Client
	unsaid   unsaid
	answered atomic.Bool
	routes   sync.Map // *route by routeKey: a few

	requests, answers buffers
}

// New returns a client, or an error of class Misconfigured that says what is
// wrong with the options.
func New(o Options) (*Client, error) {
	base, err := parseBase(o.URL)
	if err != nil {
		return nil, err
	}
	header, err := headers(o, base)
	if err != nil {
		return nil, err
	}
	timeout := o.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	if timeout < 0 || o.InFlight < 0 {
		return nil, misconfigured(base, "leave them out for the defaults", "timeout or in_flight is negative")
	}
	here := header.Get("Authorization") != "" && base.Scheme == "http" && !o.AllowClearText
	return &Client{
		base: base, header: header, timeout: timeout, http: httpClient(o.HTTP, o.InFlight, here), unsaid: newUnsaid(o.Token.Reveal()),
	}, nil
}

// Op returns what an error about the path names: method and URL, without
// query.
func (c *Client) Op(method, path string) string { return method + " " + c.target(path) }

func (c *Client) target(path string) string {
	if path == "" {
		return c.base.String()
	}
	return c.base.JoinPath(path).String()
}

// Succeeded notes that an answer of the server was good. From then on
// [Client.Proven] is true.
func (c *Client) Succeeded() { c.answered.Store(true) }

// Proven reports whether the server has ever given a good answer. What fails
// before may be a wrong address or a model that is being loaded; what fails
// afterwards is neither.
func (c *Client) Proven() bool { return c.answered.Load() }

// Body returns an empty slice with room for size bytes, to build the body of a
// request in.
func (c *Client) Body(size int) []byte { return c.requests.get(size) }

// Post sends a JSON body to a path below the client's URL and returns the
// answer, whatever its status. The body belongs to the client from then on,
// which builds later ones in its memory. limit bounds the body of a success. One that is
// longer than MaxAnswer is an error of class Oversize: fewer texts make it
// shorter. A smaller limit is one that no vectors of these texts come near:
// what is longer is no answer to them, and an error of class Transient from a
// server that is proven, and Misconfigured before. A call that is cut short by
// ctx returns the context's error; one that never reached the server, or whose
// answer broke off, returns a [*pipeline.Error].
func (c *Client) Post(ctx context.Context, path string, body []byte, limit int64) (*Answer, error) {
	return c.exchange(ctx, http.MethodPost, path, "application/json", body, limit)
}

// PostAs sends a body of another type than JSON, as Post does.
func (c *Client) PostAs(ctx context.Context, path, media string, body []byte, limit int64) (*Answer, error) {
	return c.exchange(ctx, http.MethodPost, path, media, body, limit)
}

// Get asks for a path below the client's URL, as Post does. An answer that is
// longer than limit is of class Misconfigured here: it is no matter of what was
// sent, and no server that vecload knows tells so much about itself.
func (c *Client) Get(ctx context.Context, path string, limit int64) (*Answer, error) {
	return c.exchange(ctx, http.MethodGet, path, "", nil, limit)
}

// GetURL asks for a whole address, as Get does, since a page of a list or the
// new name of something is told as one. An address of another host, or of
// another scheme, is an error of class Misconfigured, and nothing is sent.
func (c *Client) GetURL(ctx context.Context, target *url.URL, limit int64) (*Answer, error) {
	shown := (&url.URL{Scheme: target.Scheme, Host: target.Host, Path: target.Path}).String()
	if target.Scheme != c.base.Scheme || target.Host != c.base.Host {
		return nil, &pipeline.Error{
			Op: http.MethodGet + " " + shown, Class: pipeline.Misconfigured, Err: errors.New("the address is one of another host than " + c.base.Host),
		}
	}
	r, err := c.newRoute(http.MethodGet, http.MethodGet+" "+shown, target.String(), "")
	if err != nil {
		return nil, err
	}
	return c.send(ctx, r, nil, limit)
}

// URL returns the address of a path below the client's URL.
func (c *Client) URL(path string) *url.URL { return c.base.JoinPath(path) }

func (c *Client) exchange(ctx context.Context, method, path, media string, body []byte, limit int64) (*Answer, error) {
	r, err := c.route(method, path, media)
	if err != nil {
		return nil, err
	}
	return c.send(ctx, r, body, limit)
}

func (c *Client) send(ctx context.Context, r *route, body []byte, limit int64) (*Answer, error) {
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	out := outgoing{bytes: body}
	if len(body) > 0 {
		bounded = out.watched(bounded)
		defer func() {
			if out.written() {
				c.requests.put(body)
			}
		}()
	}
	request := r.request.WithContext(bounded)
	if len(body) > 0 {
		out.of(request)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.failure(ctx, r.op, err)
	}
	defer response.Body.Close()
	answer, err := c.read(r.op, response, limit)
	if err != nil {
		return nil, c.failure(ctx, r.op, err)
	}
	answer.unsaid = c.unsaid
	return answer, nil
}

// ErrTooLong is the cause of the error for an answer that is longer than the
// caller takes.
var ErrTooLong = errors.New("the answer is longer")

func (c *Client) tooLong(op, method string, limit int64) error {
	e := &pipeline.Error{
		Op: op, Class: pipeline.Misconfigured, Err: fmt.Errorf("%w than %d bytes", ErrTooLong, limit),
		Hint: "check the url: what answers there is something else than is expected",
	}
	switch {
	case method == http.MethodGet:
	case limit >= MaxAnswer:
		e.Class, e.Hint = pipeline.Oversize, "check the url if this is the answer to a single text"
	case c.Proven():
		e.Class, e.Hint = pipeline.Transient, "no vectors of these texts are that long; look at the server's log, and at what stands between it and vecload"
	}
	return e
}

// parseBase checks the address of a server.
func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case text == "":
		return nil, misconfigured(nil, "write it as https://host:port/path", "the url of the server is missing")
	case err != nil: // its text may hold a password
		return nil, misconfigured(nil, "write it as https://host:port/path", "the url of the server cannot be read")
	case u.User != nil:
		return nil, misconfigured(u, "give the credential as a token", "the url holds a user name or password")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, misconfigured(u, "write it as https://host:port/path", "the url is not an http or https address")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, misconfigured(u, "end it before ? and #", "the url has a query or a fragment")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// misconfigured names the address without what may be secret in it.
func misconfigured(u *url.URL, hint, text string) error {
	e := &pipeline.Error{Class: pipeline.Misconfigured, Hint: hint, Err: errors.New(text)}
	if u != nil {
		e.Op = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	}
	return e
}
