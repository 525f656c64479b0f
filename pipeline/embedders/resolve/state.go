package resolve

import (
	"errors"
	"net"
	"net/http"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// find gives an endpoint its state.
func find(e Endpoint, h Hub) Finding {
	f := Finding{Endpoint: e}
	if e.Wrong != nil {
		f.State, f.Detail = WrongAddress, "the url "+e.Wrong.What
		f.Hint = "the right address is " + e.Wrong.Right + ": " + e.Wrong.Do
		return f
	}
	if e.Err == nil {
		f.State = Served
		return f
	}
	f.State, f.Detail, f.Hint = stateOf(e.Err), e.Err.Error(), pipeline.Hint(e.Err)
	entry, listed := h.Model.Provider(e.Provider)
	if e.Provider == "" || !h.Known() {
		return f
	}
	switch {
	case f.State == NotServed && listed && entry.Status == hub.Staging:
		f.State, f.Hint = Staging, "the provider serves the model to its own staff only, until it goes live"
	case (f.State == Warming || f.State == Failed || f.State == NotServed) && listed && entry.Status == hub.Failing:
		f.State, f.Hint = Failing, "the Hub's last check of this provider failed too; try again later, or use another endpoint"
	case f.State == Warming && !listed:
		f.Hint = "the Hub does not list this provider for the model, so that it may never warm up"
	case f.State == NotServed && listed && entry.Status == hub.Live && hub.Embeds(entry.Task):
		f.Hint = "the Hub says that the provider serves the model: the route may have changed, or the listing is late"
	}
	return f
}

// stateOf says what the error of a probe tells about an endpoint.
func stateOf(err error) State {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return Unreachable
	}
	status := rest.Status(err)
	switch pipeline.Classify(err) {
	case pipeline.Warming:
		return Warming
	case pipeline.Throttled:
		return Throttled
	case pipeline.NotServed:
		return NotServed
	case pipeline.Denied:
		if status == http.StatusPaymentRequired || status == http.StatusTooManyRequests { // OpenAI's insufficient_quota is a 429
			return NoCredit
		}
		return NoRight
	case pipeline.Misconfigured:
		return Misconfigured
	case pipeline.Transient:
		if rest.Lost(err) {
			return Unreachable
		}
		return Failed
	case pipeline.Fatal, pipeline.Oversize, pipeline.Rejected:
	}
	return Failed
}
