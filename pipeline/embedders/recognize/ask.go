// Package recognize finds out which protocol a server speaks, by asking it
// with GETs that cost nothing:
//
//	GET /info          text-embeddings-inference, by max_client_batch_size
//	GET /v1/models     OpenAI's like, SIE and Cohere, by the form of the list
//	GET /models        the same, for servers without /v1
//	GET /api/version   Ollama
//	GET /health        servers that say how they are and list no models
//
// All questions go to the host that was given, and no redirect is followed.
package recognize

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/internal/verdict"
)

// Kind is a protocol.
type Kind string

// The protocols that can be recognised.
const (
	TEI    Kind = "tei"
	OpenAI Kind = "openai"
	Ollama Kind = "ollama"
	Cohere Kind = "cohere"
)

// Server is what was recognised.
type Server struct {
	Kind Kind
	// URL is the address for a client of this kind.
	URL string
	// Name is what the server calls itself, such as "Ollama 0.33.0".
	Name string
}

// Options say whom to ask.
type Options struct {
	// URL is the address of the server, with or without /v1.
	URL string
	// Token is sent to the host of URL only.
	Token credential.Token
	// Timeout bounds one question; 0 is ten seconds.
	Timeout time.Duration
	// AllowClearText lets the token be sent over http off this machine.
	AllowClearText bool
	// HTTP makes the connections; nil is a client of its own.
	HTTP *http.Client
}

// maxAnswer bounds a list of models.
const maxAnswer = 16 << 20

// asker asks one server, and remembers what it answered.
type asker struct {
	rest  *rest.Client
	url   string // without /v1
	tried []string
	// The first answer of each kind that explains why nothing was recognised.
	denied, busy *rest.Answer
}

func newAsker(o Options) (*asker, error) {
	timeout := o.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	base := strings.TrimSuffix(strings.TrimRight(strings.TrimSpace(o.URL), "/"), "/v1")
	client, err := rest.New(rest.Options{
		URL: base, Token: o.Token, AllowClearText: o.AllowClearText, Timeout: timeout, HTTP: o.HTTP,
	})
	if err != nil {
		return nil, err
	}
	return &asker{rest: client, url: base}, nil
}

// Ask recognises the server. A server that cannot be reached, or that is being
// started, is an error of class Transient or Warming; one that wants a token
// is Denied; one that speaks no protocol of vecload's is NotServed, and the
// error lists what was asked and what came back.
func Ask(ctx context.Context, o Options) (Server, error) {
	a, err := newAsker(o)
	if err != nil {
		return Server{}, err
	}
	return a.recognize(ctx)
}

func (a *asker) recognize(ctx context.Context) (Server, error) {
	for _, question := range []struct {
		path string
		read func(url string, body []byte) (Server, bool)
	}{
		{"info", fromInfo},
		{"v1/models", fromModels},
		{"models", fromModels},
		{"api/version", fromVersion},
		{"health", fromHealth},
	} {
		answer, err := a.get(ctx, question.path)
		if err != nil {
			return Server{}, err
		}
		if answer == nil {
			continue
		}
		// A list of models is told by the address that it was found at.
		at := a.url
		if prefix, ok := strings.CutSuffix(question.path, "/models"); ok {
			at += "/" + prefix
		}
		server, ok := question.read(at, answer.Body)
		if ok && server.Name == ollamaName {
			server = a.ollama(ctx, server)
		}
		if ok {
			return server, nil
		}
		a.tried[len(a.tried)-1] += " with an answer of no known form"
	}
	return Server{}, a.unknown()
}

// ollama prefers Ollama's own route to the OpenAI-style one beside it.
func (a *asker) ollama(ctx context.Context, likely Server) Server {
	answer, err := a.get(ctx, "api/version")
	if err != nil || answer == nil {
		return likely
	}
	if server, ok := fromVersion(a.url, answer.Body); ok {
		return server
	}
	return likely
}

// get returns a good answer, nil for any other, and an error where no further
// question is worth while.
func (a *asker) get(ctx context.Context, path string) (*rest.Answer, error) {
	answer, err := a.rest.Get(ctx, path, maxAnswer)
	if errors.Is(err, rest.ErrTooLong) {
		a.tried = append(a.tried, fmt.Sprintf("GET /%s: an answer without an end", path))
		return nil, nil //nolint:nilnil // Nothing is recognised by it; the next question may tell.
	}
	if err != nil {
		return nil, err
	}
	a.tried = append(a.tried, fmt.Sprintf("GET /%s: %d", path, answer.Status))
	switch {
	case answer.Status >= 300 && answer.Status < 400:
		return nil, a.rest.Unusable(answer, nil)
	case answer.Status == http.StatusOK && answer.JSON():
		return answer, nil
	case answer.Status == http.StatusOK:
		a.tried[len(a.tried)-1] += " with an answer that is not JSON"
	case answer.Status == http.StatusUnauthorized, answer.Status == http.StatusForbidden:
		a.denied = first(a.denied, answer)
	case answer.Status == http.StatusTooManyRequests, answer.Status >= 500:
		a.busy = first(a.busy, answer)
	}
	return nil, nil //nolint:nilnil // Nothing is recognised by it, and nothing is wrong.
}

func first(old, answer *rest.Answer) *rest.Answer {
	if old != nil {
		return old
	}
	return answer
}

// unknown is the failure after all questions.
func (a *asker) unknown() error {
	switch {
	case a.denied != nil:
		return verdict.Of(a.denied, nil, false, nil)
	case a.busy != nil:
		e := verdict.Of(a.busy, nil, false, nil)
		if e.Class == pipeline.Transient {
			e.Class = pipeline.Warming // a gateway whose server is being started
		}
		return e
	}
	return &pipeline.Error{
		Op: a.rest.Op(http.MethodGet, ""), Class: pipeline.NotServed,
		Err:  errors.New("no server that vecload knows answers there: " + strings.Join(a.tried, ", ")),
		Hint: "check the url, or name the kind of the server: one of tei, openai, ollama, cohere, huggingface instead of server",
	}
}
