package rest

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// httpClient returns a client that never follows a redirect: the body and the
// credential are for the host that was configured.
func httpClient(given *http.Client, inFlight int) *http.Client {
	client := &http.Client{}
	if given != nil {
		*client = *given
	}
	if client.Transport == nil {
		client.Transport = transport(inFlight)
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Jar = nil
	return client
}

func transport(inFlight int) *http.Transport {
	if inFlight == 0 {
		inFlight = 8
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   10 * time.Second,
		MaxIdleConns:          inFlight,
		MaxIdleConnsPerHost:   inFlight,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
		// Of an answer; the longest that are known have some kilobytes.
		MaxResponseHeaderBytes: 1 << 20,
		// No limit on the wait for headers: an embedding server sends them
		// with the vectors, and the timeout of the exchange covers it.
	}
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
