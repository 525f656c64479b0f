package huggingface

import (
	"net/http"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// paused is what to do about an endpoint that somebody stopped.
const paused = "the endpoint is paused or has failed, and does not wake by itself; resume the endpoint at https://endpoints.huggingface.co"

// classifyEndpoint says what an answer of a dedicated endpoint other than a
// success means, be it of its gateway or of its engine. proven tells that it
// has answered before.
func classifyEndpoint(a *rest.Answer, proven bool, sent []string) *pipeline.Error {
	d := a.Detail()
	class, hint, ok := AnswersOfEndpoint(a, proven)
	if !ok {
		class, hint = engine(a.Status, d)
	}
	e := a.Error(class, hint, d, sent)
	switch class { //nolint:exhaustive // The others are not tried again.
	case pipeline.Throttled, pipeline.Transient, pipeline.Warming:
		e.After = a.After()
	}
	return e
}

// AnswersOfEndpoint knows the answers of the gateway that stands before a
// dedicated endpoint, for a client of the engine's protocol. ok is false for
// those that the engine itself may have sent.
func AnswersOfEndpoint(a *rest.Answer, proven bool) (class pipeline.Class, hint string, ok bool) {
	switch a.Status {
	case http.StatusBadRequest:
		if a.Detail().Matches("invalid state") {
			return pipeline.NotServed, paused, true
		}
	case http.StatusUnauthorized, http.StatusForbidden:
		return pipeline.Denied, "the endpoint wants a token of its owner or organisation; name it as token, the one of the login is never sent there", true
	case http.StatusNotFound:
		return pipeline.NotServed, "there is no endpoint at this address, or its engine has another path; the url is posted to as it is given", true
	case http.StatusBadGateway:
		// While an endpoint starts its gateway says 503, and 502 now and then;
		// of a paused one it said 502 in 2023.
		if !proven {
			return pipeline.Warming, "if it does not start within warm_up, " + paused, true
		}
		return pipeline.Transient, "", true
	case http.StatusServiceUnavailable:
		return pipeline.Warming, "an endpoint that was scaled to zero takes minutes to start; allow more warm_up if it does not suffice", true
	case http.StatusInternalServerError, http.StatusGatewayTimeout:
		// Without a health route, an engine is asked before it is ready.
		if !proven {
			return pipeline.Warming, "", true
		}
	}
	return 0, "", false
}

// engine classifies what text-embeddings-inference and the inference toolkit
// answer.
func engine(status int, d rest.Detail) (pipeline.Class, string) {
	switch status {
	case http.StatusBadRequest:
		if d.Matches("out of memory", "can't allocate memory", "not enough memory") {
			return pipeline.Oversize, ""
		}
		return pipeline.Rejected, ""
	case http.StatusPaymentRequired:
		return pipeline.Denied, "the account has no credit left; see https://huggingface.co/settings/billing"
	case http.StatusMethodNotAllowed:
		return pipeline.Misconfigured, "check the url: the engine has another path; it is posted to as it is given"
	case http.StatusUnsupportedMediaType:
		return pipeline.Fatal, dropped
	case http.StatusRequestEntityTooLarge:
		// Before its version 1.9, text-embeddings-inference said so of one text
		// that is too long or empty, too; more texts beside it do no harm.
		if d.Matches("must have less than", "cannot be empty") {
			return pipeline.Rejected, ""
		}
		return pipeline.Oversize, ""
	case http.StatusUnprocessableEntity:
		return unprocessable(d)
	case http.StatusFailedDependency:
		return backend(d)
	case http.StatusTooManyRequests:
		return pipeline.Throttled, ""
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly:
		return pipeline.Transient, ""
	case http.StatusGatewayTimeout:
		return gateway(status, true)
	}
	if status >= http.StatusInternalServerError {
		return pipeline.Transient, ""
	}
	return pipeline.Fatal, ""
}

// backend classifies the 424 of text-embeddings-inference: a model of another
// kind, or a batch that failed.
func backend(d rest.Detail) (pipeline.Class, string) {
	switch {
	case d.Matches("not an embedding model", "splade", "not available"):
		return pipeline.Misconfigured, "the endpoint runs a model of another kind; deploy an embedding model"
	case d.Matches("out of memory", "out_of_memory", "alloc"):
		return pipeline.Oversize, ""
	}
	return pipeline.Transient, "if it goes on, send fewer texts in a request"
}
