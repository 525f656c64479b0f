package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// failure classifies an exchange that gave no answer. ctx is the caller's
// context, without the timeout of the exchange.
func (c *Client) failure(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, ok := errors.AsType[*pipeline.Error](err); ok {
		return err
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // Op names the address already
	}
	e := &pipeline.Error{Op: op, Class: pipeline.Transient, Err: &lostError{err}}
	if !c.Proven() {
		// A server that loads its model, or is being started, is slow or
		// resets connections before it has ever answered.
		e.Class = pipeline.Warming
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		e.Err = &lostError{fmt.Errorf("no answer within %s", c.timeout)}
		e.Hint = "send fewer texts in a request, or allow more time"
	case strings.Contains(err.Error(), "malformed HTTP"), strings.Contains(err.Error(), "malformed MIME header"):
		// net/http quotes what it read, whatever its length.
		text := strings.TrimPrefix(err.Error(), "net/http: HTTP/1.x transport connection broken: ")
		e.Err = &lostError{errors.New("what answers does not speak HTTP: " + clean(text, maxQuote))}
		e.Hint = "check host and port in the url"
		if !c.Proven() {
			e.Class = pipeline.Misconfigured // nothing that warms up speaks so
		}
	case certificate(err):
		e.Class = pipeline.Misconfigured
		e.Hint = "the certificate of the server is not trusted here; install the authority that signed it"
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		e.Class = pipeline.Misconfigured
		e.Hint = "the server speaks http, not https; write http:// in the url"
	case unknownHost(err):
		if !c.Proven() {
			e.Class = pipeline.Misconfigured
		}
		e.Hint = "check the host name in the url"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Err = &lostError{errors.New("the server closed the connection before the answer was whole")}
	case dialing(err):
		e.Class = pipeline.Transient
		e.Hint = "check that the server runs and that host and port in the url are right"
	}
	return e
}

func certificate(err error) bool {
	_, verify := errors.AsType[*tls.CertificateVerificationError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, host := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	return verify || authority || host || invalid
}

func unknownHost(err error) bool {
	e, ok := errors.AsType[*net.DNSError](err)
	return ok && e.IsNotFound
}

func dialing(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "dial"
}
