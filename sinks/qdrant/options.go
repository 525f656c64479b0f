package qdrant

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/vecload/vecload/pipeline"
)

const (
	// ReservedField is the payload field that holds what vecload keeps of a
	// point. A document must not have a field of this name, nor of one that
	// begins with it.
	ReservedField = "_vecload"

	defaultPort = 6334

	// defaultMaxBytes is what Qdrant's documentation advises for bulk uploads,
	// a few MB. It advises 64 to 256 points, too. A run gathers 256, and what
	// is left of the batch that reaches them: twice as many, so that this needs
	// no request of its own, which costs as much as 50 points.
	defaultMaxPoints = 512
	defaultMaxBytes  = 4 << 20

	// defaultCallTimeout is the server's own limit for one operation.
	defaultCallTimeout = 60 * time.Second
	defaultBudget      = 5 * time.Minute
)

// Options say where a collection is and how it is written.
type Options struct {
	// URL is http://host:port or https://host:port; the port is that of
	// gRPC, 6334 when it is missing.
	URL string
	// APIKey returns the key; nil means none. It is a function, so that no
	// printed Options can show the key.
	APIKey func() string
	// AllowClearText permits the key to be sent over http to a host that is
	// not this machine.
	AllowClearText bool
	// TLS is used for https; nil trusts the system's roots from TLS 1.2 on.
	TLS *tls.Config
	// Collection is the name of a collection or of an alias.
	Collection string
	// Exact makes searches compare every point instead of asking the
	// server's graph.
	Exact bool
	// Tuning says how the collection is kept.
	Tuning Tuning
	// Rescore says whether searches in quantized vectors compare the best
	// again by the original ones; nil leaves it to the server.
	Rescore *bool
	// CreatedBy is noted in the metadata of a new collection.
	CreatedBy string

	// MaxPoints and MaxBytes bound one request; 0 means 512 points and 4
	// MiB. A point that is larger than MaxBytes goes alone.
	MaxPoints int
	MaxBytes  int
	// CallTimeout bounds one call; 0 means a minute.
	CallTimeout time.Duration
	// RetryBudget bounds how long one call is repeated that fails for a reason
	// which may pass, waits included, and how long a server may ask to wait
	// while no call succeeds; 0 means 5 minutes. A server that has not answered
	// yet is tried for 5 seconds at most.
	RetryBudget time.Duration
	// RetryAttempts bounds how often a call may fail; 0 leaves it to the budget.
	RetryAttempts int
	// Contact is shared by those who speak to the same server, so that one that
	// another has reached is waited for; nil: nobody else does.
	Contact *Contact
	// PollEvery is the time between two looks at the optimizer; 0 means a
	// second.
	PollEvery time.Duration
	// OnNotice is told what a user should know of the collection and nothing
	// fails for, one sentence each. It may be nil.
	OnNotice func(text string)
	// LeaseTerm is after how long without a renewal the lease of a run is
	// dead; 0 means 30 seconds.
	LeaseTerm time.Duration
	// OnRetry is told why a call is repeated, and after which wait. It may
	// be nil and is called from several goroutines at once.
	OnRetry func(err error, wait time.Duration)
	// OnAnswer is told, once a server answers again, for how long it did not. It
	// may be nil and is called as OnRetry is.
	OnAnswer func(outage time.Duration)
}

// address is a checked URL.
type address struct {
	host string
	port int
	tls  bool
}

func (a address) String() string {
	scheme := "http"
	if a.tls {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(a.host, strconv.Itoa(a.port))
}

// dialHost is the host as go-client wants it, which joins host and port
// without brackets.
func (a address) dialHost() string {
	if strings.Contains(a.host, ":") {
		return "[" + a.host + "]"
	}
	return a.host
}

func (a address) loopback() bool {
	ip := net.ParseIP(a.host)
	return a.host == "localhost" || ip != nil && ip.IsLoopback()
}

// parseAddress reads a URL. Its errors do not repeat it, since it may hold a
// password.
func parseAddress(text string) (address, error) {
	const shape = "write it as http://host:6334 or https://host:6334"
	u, err := url.Parse(text)
	if err != nil {
		return address{}, misconfigured("the URL of Qdrant cannot be read", shape)
	}
	a := address{host: u.Hostname(), port: defaultPort, tls: u.Scheme == "https"}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return address{}, misconfigured("the URL of Qdrant begins with neither http:// nor https://", shape)
	case u.User != nil:
		return address{}, misconfigured("the URL of Qdrant holds a user or a password", "use an API key")
	case a.host == "":
		return address{}, misconfigured("the URL of Qdrant has no host", shape)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return address{}, misconfigured("the URL of Qdrant has more than host and port", "gRPC has no paths; "+shape)
	}
	if p := u.Port(); p != "" {
		a.port, err = strconv.Atoi(p)
		if err != nil || a.port < 1 || a.port > 65535 {
			return address{}, misconfigured("the URL of Qdrant has no valid port", shape)
		}
	}
	return a, nil
}

// withDefaults fills what is zero.
func (o Options) withDefaults() Options {
	if o.MaxPoints <= 0 {
		o.MaxPoints = defaultMaxPoints
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.CallTimeout <= 0 {
		o.CallTimeout = defaultCallTimeout
	}
	if o.RetryBudget <= 0 {
		o.RetryBudget = defaultBudget
	}
	if o.Contact == nil {
		o.Contact = NewContact()
	}
	if o.OnAnswer == nil {
		o.OnAnswer = func(time.Duration) {}
	}
	if o.PollEvery <= 0 {
		o.PollEvery = defaultPollEvery
	}
	if o.OnNotice == nil {
		o.OnNotice = func(string) {}
	}
	if o.OnRetry == nil {
		o.OnRetry = func(error, time.Duration) {}
	}
	return o
}

// refused are the characters that Qdrant takes in the name of no collection
// and of no vector.
const refused = "<>:\"/\\|?*\x00\x1f"

// checkCollection applies the rules of Qdrant's validation of new names
// (lib/common/common/src/validation.rs).
func checkCollection(name string) error {
	const hint = "choose a name of letters, digits, - and _"
	switch {
	case name == "":
		return misconfigured("the index has no collection name", hint)
	case len(name) > 255:
		return misconfigured("the collection's name is longer than 255 bytes", hint)
	case strings.ContainsAny(name, refused):
		return misconfigured(fmt.Sprintf("the collection's name %q has a character that Qdrant refuses", name), hint)
	}
	return nil
}

func misconfigured(what, hint string) error {
	return &pipeline.Error{Op: "qdrant", Class: pipeline.Misconfigured, Hint: hint, Err: errors.New(what)}
}
