package images

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/vecload/vecload/pipeline"
)

const (
	// maxRedirects is how many redirects are followed for one image.
	maxRedirects = 3
	// maxWait bounds the wait between two tries.
	maxWait = 20 * time.Second
)

// newClient returns a client that connects to allowed addresses only. The
// check is made on the address that is dialled, after the name was resolved
// and for each redirect anew, so that no name can change in between. No proxy
// is used, since behind one nobody knows what is dialled. Nothing is kept of
// one request for the next: no cookie, no credential, no referrer.
func newClient(o Options) *http.Client {
	dialer := &net.Dialer{
		Timeout: 10 * time.Second,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !o.Allow(to.Addr()) {
				return refused("the host is not of the public internet")
			}
			return nil
		},
	}
	return &http.Client{
		Timeout:       o.Timeout,
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    10 * time.Second,
			MaxIdleConns:           32,
			MaxIdleConnsPerHost:    8,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true, // images are compressed, and bombs are not taken
		},
	}
}

func checkRedirect(next *http.Request, via []*http.Request) error {
	switch before := via[len(via)-1].URL; {
	case len(via) > maxRedirects:
		return refused(fmt.Sprintf("is behind more than %d redirects", maxRedirects))
	case before.Scheme == "https" && next.URL.Scheme != "https":
		return refused("is redirected from https to clear text")
	}
	next.Header.Del("Referer") // it may hold a signature
	return checkURL(next.URL)
}

func checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return refused("is no http or https address")
	case u.User != nil:
		return refused("holds a user name or a password, which are not sent")
	}
	return nil
}

// address fetches an image. Beside its bytes it returns what a message may
// show of the address.
func (l *Loader) address(ctx context.Context, ref string) (shown, data string, err error) {
	u, err := url.Parse(ref)
	if err != nil {
		return "", "", refused("is at no valid address")
	}
	shown = shownAddress(u)
	if !l.options.URLs {
		return shown, "", refusal{why: "addresses are not fetched", hint: "allow it with --image-urls, or source.image_urls, if the corpus is trusted to name addresses"}
	}
	if err := checkURL(u); err != nil {
		return shown, "", err
	}
	u.Fragment = ""
	for try := 1; ; try++ {
		data, err = l.fetch(ctx, u)
		if pipeline.Classify(err) != pipeline.Transient || err == nil || try >= l.options.Tries {
			return shown, data, err
		}
		wait := time.Duration(rand.Int64N(int64(time.Second)<<min(try, 4))) + pipeline.After(err)
		if err := sleep(ctx, min(wait, maxWait)); err != nil {
			return shown, "", err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// fetch asks once. Its error is a refusal, or one that may pass.
func (l *Loader) fetch(ctx context.Context, u *url.URL) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return "", refused("is at no valid address")
	}
	request.Header.Set("User-Agent", "vecload")
	request.Header.Set("Accept", "image/jpeg, image/png, image/webp, image/gif, image/*;q=0.5")
	response, err := l.client.Do(request)
	if err != nil {
		return "", l.failed(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", statusError(response)
	}
	if kind := response.Header.Get("Content-Type"); !mayBeImage(kind) {
		return "", refused(fmt.Sprintf("the answer is %s, no image", clip(kind)))
	}
	if response.ContentLength > l.options.MaxBytes {
		return "", l.tooLarge(response.ContentLength)
	}
	data, err := l.read(response.Body, response.ContentLength)
	if err != nil {
		return "", l.failed(err)
	}
	return data, nil
}

// mayBeImage reports whether bytes of a media type may be an image. Stores of
// objects call all that they keep a stream of octets.
func mayBeImage(contentType string) bool {
	if contentType == "" {
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (strings.HasPrefix(kind, "image/") || kind == "application/octet-stream" || kind == "binary/octet-stream")
}

// statusError tells an answer that will not change from one that may.
func statusError(response *http.Response) error {
	status := response.StatusCode
	err := fmt.Errorf("the server answers %d %s", status, http.StatusText(status))
	if status != http.StatusTooManyRequests && status != http.StatusRequestTimeout && status < http.StatusInternalServerError {
		return refused(err.Error())
	}
	seconds, convErr := strconv.Atoi(response.Header.Get("Retry-After"))
	if convErr != nil || seconds < 0 {
		seconds = 0
	}
	return transient(err, time.Duration(min(seconds, int(maxWait/time.Second)))*time.Second)
}

func transient(err error, after time.Duration) error {
	return &pipeline.Error{Class: pipeline.Transient, Err: err, After: after}
}

// failed says in own words why there is no answer: those of the client hold
// the whole address, and may hold what the server sent.
func (l *Loader) failed(err error) error {
	if final, ok := errors.AsType[refusal](err); ok {
		return final
	}
	var timeout interface{ Timeout() bool }
	var unknown *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unknown) && unknown.IsNotFound:
		return refused("the host does not exist")
	case errors.As(err, &certificate):
		return refused("the certificate of the host is not valid")
	case errors.As(err, &timeout) && timeout.Timeout():
		return transient(fmt.Errorf("the host did not send it within %s", l.options.Timeout), 0)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return transient(errors.New("the answer broke off"), 0)
	case errors.Is(err, syscall.ECONNREFUSED):
		return transient(errors.New("the host refuses connections"), 0)
	}
	return transient(errors.New("the connection failed"), 0)
}

// shownAddress is an address as messages show it: without user and query,
// which may be secrets.
func shownAddress(u *url.URL) string {
	return clip((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
}
