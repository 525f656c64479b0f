package tei

import (
	"net/http"
	"strings"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// classify says what an answer other than a success means. proven tells that
// the server has embedded before: until then a gateway's 502 or 504 comes from
// a replica that is being started.
func classify(a *rest.Answer, proven bool, sent []string) *pipeline.Error {
	d := a.Detail()
	class, hint := classOf(a.Status, d, proven)
	e := a.Error(class, hint, d, sent)
	switch class { //nolint:exhaustive // The others are not tried again.
	case pipeline.Throttled, pipeline.Transient, pipeline.Warming:
		e.After = a.After()
	}
	return e
}

func classOf(status int, d rest.Detail, proven bool) (pipeline.Class, string) {
	switch status {
	case http.StatusBadRequest:
		return badRequest(d)
	case http.StatusUnauthorized, http.StatusForbidden:
		return pipeline.Denied, "give the server's API key, or a token with access to the endpoint, as token"
	case http.StatusPaymentRequired:
		return pipeline.Denied, "the endpoint asks to be paid; look at the account it belongs to"
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return pipeline.NotServed, "nothing serves /embed at this address; the url is that of the server itself, without /embed and /v1, and a server that only knows /v1/embeddings is an openai endpoint"
	case http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return validation(status, d)
	case http.StatusUnsupportedMediaType:
		return pipeline.Fatal, "a proxy on the way may drop the header Content-Type"
	case http.StatusFailedDependency:
		return backend(d)
	case http.StatusTooManyRequests:
		return pipeline.Throttled, "the server counts texts, not requests: texts in a request × requests in flight has to stay below its max_concurrent_requests"
	case http.StatusServiceUnavailable:
		return pipeline.Warming, ""
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		if !proven {
			return pipeline.Warming, ""
		}
		return pipeline.Transient, ""
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly:
		return pipeline.Transient, ""
	}
	if status >= 500 {
		return pipeline.Transient, ""
	}
	return pipeline.Fatal, ""
}

func badRequest(d rest.Detail) (pipeline.Class, string) {
	switch {
	case d.Matches("failed to parse the request body"):
		return pipeline.Fatal, "a proxy on the way may change the request"
	case d.Matches("invalid state"):
		return pipeline.NotServed, "the endpoint is paused and does not wake by itself; resume it at https://endpoints.huggingface.co"
	}
	return pipeline.Rejected, ""
}

// validation reads what has the status 422 since version 1.9 and 413 before.
func validation(status int, d rest.Detail) (pipeline.Class, string) {
	switch {
	case d.Matches("batch size"):
		return pipeline.Oversize, ""
	case d.Matches("tokens", "characters", "tokenizer", "cannot be empty"):
		// One text is too long, empty, or cannot be read; its halves of the
		// batch tell which.
		return pipeline.Rejected, ""
	case d.Matches("prompt"):
		return pipeline.Misconfigured, "the server was started with a default prompt that its model does not have; start it without"
	case d.Matches("dimension"):
		return pipeline.Misconfigured, "the model has not so many dimensions; look at how the server was started"
	case d.Matches("failed to deserialize"):
		return pipeline.Misconfigured, "the server does not take the request of text-embeddings-inference's /embed; check the kind of the endpoint"
	case status == http.StatusRequestEntityTooLarge && !strings.EqualFold(d.Type, "validation"):
		return pipeline.Oversize, "" // bytes: the framework's own refusal has no type
	}
	return pipeline.Rejected, ""
}

// backend reads 424: a model of the wrong kind, or a failure of this batch.
func backend(d rest.Detail) (pipeline.Class, string) {
	switch {
	case d.Matches("not an embedding model", "splade", "not available"):
		return pipeline.Misconfigured, "the server runs a model of another kind; start it with an embedding model"
	case d.Matches("out of memory", "out_of_memory", "alloc"):
		return pipeline.Oversize, ""
	}
	return pipeline.Transient, "if it goes on, send fewer texts in a request"
}
