package huggingface

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// maxEstimate bounds the wait for a model that is loading: the estimate is a
// guess, and twice the time that a model took in the one recorded case.
const maxEstimate = 30 * time.Second

// dropped is what a refusal of the type of requests means, which is always the
// same.
const dropped = "a proxy on the way may drop the header Content-Type"

// classify says what an answer other than a success means. proven tells that
// the model has answered before: until then a gateway's 502 or 504 comes from
// a model that is being loaded.
func classify(a *rest.Answer, model string, proven bool, sent []string) *pipeline.Error {
	d := a.Detail()
	class, hint := classOf(a.Status, d, a.Media(), HFInference, model, proven)
	e := a.Error(class, hint, d, sent)
	switch class { //nolint:exhaustive // The others are not tried again.
	case pipeline.Throttled, pipeline.Transient:
		e.After = a.After()
	case pipeline.Warming:
		if e.After = a.After(); e.After == 0 {
			e.After = estimate(a.Body)
		}
	}
	return e
}

func classOf(status int, d rest.Detail, media, provider, model string, proven bool) (pipeline.Class, string) {
	switch status {
	case http.StatusBadRequest:
		return badRequest(d, provider, model)
	case http.StatusUnauthorized:
		return pipeline.Denied, "the Hugging Face token is missing or not valid; make one at https://huggingface.co/settings/tokens"
	case http.StatusPaymentRequired:
		return pipeline.Denied, "the credit for Inference Providers is used up; see https://huggingface.co/settings/billing, or use an endpoint of your own"
	case http.StatusForbidden:
		if d.Matches("requested provider") && d.Matches("not available") {
			return pipeline.NotServed, "the provider is switched off for this account or organisation; see https://huggingface.co/settings/inference-providers"
		}
		return pipeline.Denied, `the token needs the permission "Make calls to Inference Providers", also on behalf of the organisation that pays`
	case http.StatusNotFound:
		return pipeline.NotServed, notFound(media, model)
	case http.StatusMethodNotAllowed:
		return pipeline.Misconfigured, "check the url: something else than the router answers there"
	case http.StatusUnsupportedMediaType:
		return pipeline.Fatal, dropped
	case http.StatusGone:
		if d.Matches("api-inference.huggingface.co") {
			return pipeline.Misconfigured, "this host was retired; use " + Router
		}
		return pipeline.NotServed, notServed(provider, model)
	case http.StatusRequestEntityTooLarge:
		return pipeline.Oversize, ""
	case http.StatusUnprocessableEntity:
		return unprocessable(d)
	case http.StatusTooManyRequests:
		return pipeline.Throttled, ""
	case http.StatusServiceUnavailable:
		return pipeline.Warming, ""
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return gateway(status, proven)
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly:
		return pipeline.Transient, ""
	}
	if status >= 500 {
		return pipeline.Transient, ""
	}
	return pipeline.Fatal, ""
}

// badRequest tells apart what the server answers with 400: almost everything.
func badRequest(d rest.Detail, provider, model string) (pipeline.Class, string) {
	switch {
	case d.Matches("not supported by provider", "not supported by any provider"):
		return pipeline.NotServed, notServed(provider, model)
	case d.Matches("__call__() missing"):
		return pipeline.Misconfigured, "the server took the request for another task; give only the router's address as url, without a route"
	case d.Matches("invalid state"):
		return pipeline.NotServed, paused
	case d.Matches("out of memory", "can't allocate memory", "not enough memory"):
		return pipeline.Oversize, ""
	case d.Matches("content type"):
		return pipeline.Fatal, dropped
	}
	return pipeline.Rejected, ""
}

func unprocessable(d rest.Detail) (pipeline.Class, string) {
	switch {
	case d.Matches("batch size"):
		return pipeline.Oversize, ""
	case d.Matches("failed to deserialize", "missing field", "template"):
		return pipeline.Misconfigured, "the model is served for another task than feature extraction; choose a model that embeds texts"
	}
	return pipeline.Rejected, ""
}

// gateway classifies 502 and 504. A batch that takes too long also ends in
// 504, but so does the load of a model inside the request, and halves of it
// would not load it faster: it is tried again as it is, and the hint says what
// helps otherwise.
func gateway(status int, proven bool) (pipeline.Class, string) {
	class := pipeline.Transient
	if !proven {
		class = pipeline.Warming
	}
	if status == http.StatusGatewayTimeout {
		return class, "if it goes on, send fewer texts in a request: the gateway gives up before the server is done"
	}
	return class, ""
}

func notServed(provider, model string) string {
	return provider + " does not serve " + model + "; its page https://huggingface.co/" + model +
		" lists the providers that do, if any; else choose another model, or host it yourself and name that as an endpoint"
}

// notFound has more causes than one, which the answer does not tell apart.
func notFound(media, model string) string {
	if media == "text/plain" {
		return "hf-inference does not serve " + model + " on this route, or the url is wrong; see \"Inference Providers\" on https://huggingface.co/" +
			model + ": without hf-inference there, choose another model or host it yourself, and with it, check the url"
	}
	return "check the name of the model; " + notServed(HFInference, model)
}

// estimate reads {"estimated_time": seconds}.
func estimate(body []byte) time.Duration {
	var fields struct {
		Seconds float64 `json:"estimated_time"` //nolint:tagliatelle // as the server names it
	}
	if json.Unmarshal(body, &fields) != nil {
		return 0
	}
	return min(rest.Seconds(fields.Seconds), maxEstimate)
}
