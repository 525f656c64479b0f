package rest

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// Answer is what a server answered.
type Answer struct {
	Op     string // method and URL, without query
	Status int
	Header http.Header
	Body   []byte // of a failure at most 64 KiB

	unsaid unsaid // of the token that was sent; some servers repeat it

	memory []byte   // that the body lies in
	owner  *buffers // of that memory; nil when nobody waits for it
}

// Release gives the memory of the body back, which the bodies of later answers
// are read into: nobody may look at this one any more. Who does not call it
// leaves the body to the collector.
func (a *Answer) Release() {
	if a.owner != nil {
		a.owner.put(a.memory)
	}
	a.Body, a.memory, a.owner = nil, nil, nil
}

// Media returns the type of the body without its parameters, in lower case;
// "" when the server names none.
func (a *Answer) Media() string {
	if declared := a.Header.Get("Content-Type"); declared == "application/json" {
		return declared // as nearly all do
	}
	media, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil {
		media, _, _ = strings.Cut(a.Header.Get("Content-Type"), ";")
		return strings.ToLower(strings.TrimSpace(media))
	}
	return media
}

// JSON reports whether the body is declared to be JSON, or nothing better is
// declared.
func (a *Answer) JSON() bool {
	media := a.Media()
	return media == "" || media == "application/json" || media == "application/octet-stream" ||
		strings.HasSuffix(media, "+json") || media == "text/json"
}

// Error returns the failure that an answer is, in the words of its detail. No
// part of the texts that were sent is in it. A refusal that names a limit has
// an [*embedders.LimitError] as its cause.
func (a *Answer) Error(class pipeline.Class, hint string, detail Detail, sent []string) *pipeline.Error {
	text := fmt.Sprintf("%d %s", a.Status, statusText(a.Status))
	if message := detail.Quote(sent); message != "" {
		text += ": " + message
	}
	if id := a.requestID(); id != "" {
		text += " (request " + id + ")"
	}
	return &pipeline.Error{Op: a.Op, Class: class, Hint: hint, Err: detail.withLimit(class, &statusError{status: a.Status, text: text})}
}

// requestID returns the name that the server's operators know the request by.
func (a *Answer) requestID() string {
	for _, name := range []string{"X-Request-Id", "X-Amzn-Trace-Id", "X-Amz-Cf-Id"} {
		if id := a.Header.Get(name); id != "" {
			return clean(a.unsaid.in(id), 100)
		}
	}
	return ""
}

// Unusable returns the failure that concerns any protocol alike: a redirect,
// or a success whose body is no JSON. It returns nil for all other answers.
func (c *Client) Unusable(a *Answer, sent []string) *pipeline.Error {
	switch {
	case a.Status >= 300 && a.Status < 400:
		e := a.Error(pipeline.Misconfigured, "", Detail{}, nil)
		if target := a.location(); target != "" {
			e.Err = fmt.Errorf("%w: the server redirects to %s", e.Err, target)
			e.Hint = "redirects are not followed, for the texts and the token are meant for the host that was configured; if you trust the other address, configure it"
		}
		return c.inTheMiddle(e)
	case a.Status == http.StatusOK && !a.JSON():
		detail := a.Detail()
		detail.Text = "the answer is " + clean(a.unsaid.in(a.Media()), 60) + ", not JSON"
		return c.inTheMiddle(a.Error(pipeline.Misconfigured, "check the url: what answers there is a web page or another service", detail, sent))
	case a.Status > 200 && a.Status < 300 && a.Status != http.StatusAccepted:
		return c.inTheMiddle(a.Error(pipeline.Misconfigured, "check the url: what answers there is no embeddings route", a.Detail(), sent))
	}
	return nil
}

// inTheMiddle says of what a wrong address would answer that it may pass, once
// the address has proven right: it is the page of a proxy then.
func (c *Client) inTheMiddle(e *pipeline.Error) *pipeline.Error {
	if c.Proven() {
		e.Class = pipeline.Transient
	}
	return e
}

// location returns where a redirect leads, without query.
func (a *Answer) location() string {
	u, err := url.Parse(a.Header.Get("Location"))
	if err != nil || u.Host == "" && u.Path == "" {
		return ""
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment = nil, "", false, ""
	return clean(a.unsaid.in(u.String()), 200)
}

func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return text
	}
	if status == 529 {
		return "Overloaded"
	}
	return "unknown status"
}
