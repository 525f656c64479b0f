package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
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
		text := strings.TrimPrefix(c.unsaid.in(err.Error()), "net/http: HTTP/1.x transport connection broken: ")
		e.Err = &lostError{errors.New("what answers does not speak HTTP: " + clean(text, maxQuote))}
		e.Hint = "check host and port in the url"
		if !c.Proven() {
			e.Class = pipeline.Misconfigured // nothing that warms up speaks so
		}
	case errors.Is(err, errNotHere):
		e.Class = pipeline.Misconfigured
		e.Hint = "use https, leave the token out, or allow clear text if the network between is trusted"
	case certificate(err):
		e.Class = pipeline.Misconfigured
		e.Hint = certificateHint(err)
	case failedAt(err, "remote error"): // an alert of TLS
		if !c.Proven() {
			e.Class = pipeline.Misconfigured // nothing that warms up speaks so
		}
		e.Hint = "the server refuses the TLS of this program, which speaks 1.2 and 1.3: it may be too old, or want a certificate of the client"
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
	case failedAt(err, "proxyconnect"), refusedByProxy(err):
		e.Class = pipeline.Transient
		if refused, ok := errors.AsType[*proxyError](err); ok && refused.status < http.StatusInternalServerError {
			e.Class = pipeline.Misconfigured
		}
		e.Hint = "check the proxy that the environment names (HTTPS_PROXY, HTTP_PROXY), or list the host in NO_PROXY"
	case failedAt(err, "dial"):
		e.Class = pipeline.Transient
		e.Hint = "check that the server runs and that host and port in the url are right"
	default:
		// What net/http says of a header that it cannot read quotes it.
		if text := c.unsaid.in(err.Error()); text != err.Error() {
			e.Err = &lostError{errors.New(clean(text, maxQuote))}
		}
	}
	return e
}

// certificateHint says what to do about a certificate that is not accepted.
// There is no way to accept it all the same.
func certificateHint(err error) string {
	if _, other := errors.AsType[x509.HostnameError](err); other {
		return "the certificate is that of another host; write the name in the url that the certificate has"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "have the certificate of the server renewed, and check the clock of this machine"
	}
	return "the certificate of the server is not trusted here; install the authority that signed it, or name its file in SSL_CERT_FILE"
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

func refusedByProxy(err error) bool {
	_, ok := errors.AsType[*proxyError](err)
	return ok
}

// failedAt reports whether a connection failed at a step.
func failedAt(err error, op string) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == op
}
