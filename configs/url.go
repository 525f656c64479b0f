package configs

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// URL is the address of a server: http or https, a host, perhaps a port and
// a path. It never holds a name, a password, a query or a fragment, so that
// it can be shown.
type URL string

// UnmarshalText reads an address. Its errors do not repeat the text, which
// may hold a password.
func (u *URL) UnmarshalText(text []byte) error {
	parsed, err := url.Parse(string(text))
	if err != nil {
		return errors.New("is not an address; write it as https://host:port/path")
	}
	switch {
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return errors.New("must begin with http:// or https://")
	case parsed.User != nil:
		return errors.New("must not hold a name or password; give the secret as token or api_key")
	case parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "":
		return errors.New("must end before ? and #")
	case parsed.Hostname() == "":
		return errors.New("has no host; write it as https://host:port/path")
	}
	if port := parsed.Port(); port != "" || strings.HasSuffix(parsed.Host, ":") {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return errors.New("has a port that is not within 1 to 65535")
		}
	}
	*u = URL(text)
	return nil
}

// host returns the host in lower case without port, "" when u is no address.
func (u URL) host() string {
	parsed, err := url.Parse(string(u))
	if err != nil {
		return ""
	}
	return strings.ToLower(parsed.Hostname())
}

// exposes reports whether what is sent to u can be read on the way: http to
// another machine.
func (u URL) exposes() bool {
	if !strings.HasPrefix(strings.ToLower(string(u)), "http://") {
		return false
	}
	host := u.host()
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return err != nil || !addr.Unmap().IsLoopback()
}
