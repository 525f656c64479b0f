package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// httpClient returns a client that never follows a redirect: the body and the
// credential are for the host that was configured.
//
// With here, what is sent stays on this machine whatever its name resolves to.
func httpClient(given *http.Client, inFlight int, here bool) *http.Client {
	client := &http.Client{}
	if given != nil {
		*client = *given
	}
	if client.Transport == nil {
		client.Transport = transport(inFlight, here)
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Jar = nil
	return client
}

func transport(inFlight int, here bool) *http.Transport {
	if inFlight == 0 {
		inFlight = 8
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	through := http.ProxyFromEnvironment
	if here {
		dialer.ControlContext, through = onlyHere, nil
	}
	return &http.Transport{
		Proxy:                  through,
		OnProxyConnectResponse: proxyAnswered,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConns:           inFlight,
		MaxIdleConnsPerHost:    inFlight,
		IdleConnTimeout:        90 * time.Second,
		ExpectContinueTimeout:  time.Second,
		// A request mostly goes out in one piece.
		WriteBufferSize: 64 << 10,
		// Of an answer; the longest that are known have some kilobytes.
		MaxResponseHeaderBytes: 1 << 20,
		// No limit on the wait for headers: an embedding server sends them
		// with the vectors, and the timeout of the exchange covers it.
	}
}

// errNotHere is the cause of the error for a name that was taken for this
// machine's, and is not.
var errNotHere = errors.New("the host is not this machine, and the token would be sent in clear text")

// onlyHere refuses to connect to another machine. The address is looked at
// that is dialled: a resolver may give any for a name that says localhost.
func onlyHere(_ context.Context, _, address string, _ syscall.RawConn) error {
	if to, err := netip.ParseAddrPort(address); err != nil || !to.Addr().Unmap().IsLoopback() {
		return errNotHere
	}
	return nil
}

// proxyAnswered tells what a proxy answers in words of our own: its own may
// hold what it was sent.
func proxyAnswered(_ context.Context, through *url.URL, _ *http.Request, response *http.Response) error {
	if response.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{host: through.Host, status: response.StatusCode}
}

// proxyError is the refusal of a proxy to connect.
type proxyError struct {
	host   string
	status int
}

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy %s answers %d %s", e.host, e.status, http.StatusText(e.status))
}

// headers returns what is sent with every request.
func headers(o Options, base *url.URL) (http.Header, error) {
	header := o.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("User-Agent", "vecload")
	if o.Token.IsZero() {
		return header, nil
	}
	secret := o.Token.Reveal()
	if strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, misconfigured(base, "check for a line break or a space inside it", "the token holds a character that no token has")
	}
	if base.Scheme == "http" && !o.AllowClearText && !loopback(base.Hostname()) {
		return nil, misconfigured(base,
			"use https, leave the token out, or allow clear text if the network between is trusted",
			"the token would be sent in clear text")
	}
	header.Set("Authorization", "Bearer "+secret)
	return header, nil
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
