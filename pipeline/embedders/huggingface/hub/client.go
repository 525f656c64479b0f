// Package hub asks the Hugging Face Hub what it knows about a model: its task,
// its commit, and by which providers it is served,
//
//	GET {base}/api/models/{id}?expand[]=inferenceProviderMapping&…
//	GET {base}/api/models?pipeline_tag={task}&inference_provider={names}&…
//
// as of August 2026 (https://huggingface.co/docs/inference-providers/hub-api).
// Answers are read leniently: fields are absent rather than null, some have
// two types or two shapes, and there will be others. What the Hub says is
// advice: whether a model is served is decided by the endpoint's own answer.
package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// Address is where the Hub is, unless the environment or a configuration
// names a mirror.
const Address = "https://huggingface.co"

// keep is for how long what the Hub said of a model is not asked again.
const keep = 10 * time.Minute

const (
	defaultTimeout = 10 * time.Second // the answer is advice: nobody waits for it long
	maxModel       = 4 << 20          // a full answer has 15 kB
	maxList        = 16 << 20         // 100 models with their mappings have 100 kB
	maxCached      = 1000
	maxRenames     = 5
)

// Options say where the Hub is.
type Options struct {
	// URL is its address; "" is [Address].
	URL string
	// Token is optional: public models are told without. It is sent to the
	// host of URL only.
	Token credential.Token
	// AllowClearText lets the token be sent over http off this machine.
	AllowClearText bool
	// Timeout bounds one request; 0 is ten seconds.
	Timeout time.Duration
	// HTTP makes the connections; nil is a client of its own.
	HTTP *http.Client
}

// Client asks one Hub. It remembers answers for ten minutes and may be used by
// several goroutines at once.
type Client struct {
	rest *rest.Client

	mutex sync.Mutex
	known map[string]entry // by the name that was asked for
}

type entry struct {
	model Model
	err   error
	until time.Time
}

// New returns a client, or an error of class Misconfigured.
func New(o Options) (*Client, error) {
	if o.URL == "" {
		o.URL = Address
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	client, err := rest.New(rest.Options{
		URL: o.URL, Token: o.Token, AllowClearText: o.AllowClearText, Timeout: o.Timeout, InFlight: 1, HTTP: o.HTTP,
	})
	if err != nil {
		return nil, err
	}
	return &Client{rest: client, known: map[string]entry{}}, nil
}

// Address returns where the client asks.
func (c *Client) Address() string { return c.rest.URL("").String() }

// Model tells what the Hub knows about the model of this name. Its ID is the
// name that the Hub uses, which is another one for a model that was renamed.
// Errors are a [*pipeline.Error] around an [*Error].
func (c *Client) Model(ctx context.Context, id string) (Model, error) {
	if !isName(id) {
		return Model{}, &pipeline.Error{
			Class: pipeline.Misconfigured,
			Hint:  "names have the form owner/name, without address or task",
			Err:   &Error{Reason: NoName, text: fmt.Sprintf("%q is no name of a model on the Hub", id)},
		}
	}
	if e, ok := c.remembered(id); ok {
		return e.model, e.err
	}
	m, err := c.ask(ctx, id)
	if ReasonOf(err) != Unavailable && ctx.Err() == nil {
		c.remember(id, entry{model: m, err: err, until: time.Now().Add(keep)})
	}
	return m, err
}

// isName reports whether a text may be owner/repository.
func isName(id string) bool {
	owner, repository, both := strings.Cut(id, "/")
	return isPart(owner) && (!both || isPart(repository)) && !strings.Contains(id, "..")
}

func isPart(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case i > 0 && (c == '.' || c == '_' || c == '-'):
		default:
			return false
		}
	}
	return s != ""
}

func (c *Client) remembered(id string) (entry, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	e, ok := c.known[id]
	return e, ok && time.Now().Before(e.until)
}

func (c *Client) remember(id string, e entry) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.known) >= maxCached {
		clear(c.known)
	}
	c.known[id] = e
}

func (c *Client) ask(ctx context.Context, id string) (Model, error) {
	target := c.rest.URL("api/models/" + id)
	target.RawQuery = url.Values{"expand[]": {
		"inferenceProviderMapping", "inference", "pipeline_tag", "library_name", "tags", "gated", "private", "disabled", "sha",
	}}.Encode()
	a, err := c.get(ctx, target, maxModel)
	if err != nil {
		return Model{}, err
	}
	var m Model
	if json.Unmarshal(a.Body, &m) != nil || m.ID == "" {
		return Model{}, unreadable(a)
	}
	return m, nil
}

// get asks for an address and follows the renaming of models (307), which
// stays on the host.
func (c *Client) get(ctx context.Context, target *url.URL, limit int64) (*rest.Answer, error) {
	for range maxRenames {
		a, err := c.rest.GetURL(ctx, target, limit)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, unreachable(err)
		case a.Status == http.StatusOK && a.JSON():
			return a, nil
		case a.Status == http.StatusOK:
			return nil, unreadable(a)
		}
		next, err := target.Parse(a.Header.Get("Location"))
		if a.Status != http.StatusTemporaryRedirect && a.Status != http.StatusPermanentRedirect || err != nil || next.Host != target.Host || next.Scheme != target.Scheme {
			if e := c.rest.Unusable(a, nil); e != nil {
				return nil, unreachable(e) // it leads to another host, where the token is not for
			}
			return nil, classify(a)
		}
		target = next
	}
	return nil, unreachable(&pipeline.Error{Op: "GET " + c.Address(), Class: pipeline.Transient, Err: errors.New("the Hub redirects in a circle")})
}
