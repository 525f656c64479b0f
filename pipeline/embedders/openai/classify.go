package openai

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// statusOverloaded is what some providers send for too many requests.
const statusOverloaded = 529

var errNoVectors = errors.New("the answer holds neither vectors nor an error")

// classify says what an answer other than a success means, for all servers
// that share the route. proven tells that the model has answered before: until
// then a gateway's failure comes from a model that is being loaded.
func classify(a *rest.Answer, model string, proven bool, sent []string) *pipeline.Error {
	return classifyAs(a, a.Status, model, proven, sent)
}

// classifyNoData reads a success that holds no vectors: some gateways send
// the error of a server so. Its code is then the status.
func classifyNoData(a *rest.Answer, model string, proven bool, sent []string) *pipeline.Error {
	status, err := strconv.Atoi(a.Detail().Code)
	if err != nil || status < 400 || status > 599 {
		status = 0
	}
	e := classifyAs(a, status, model, proven, sent)
	if status == 0 && proven && e.Class == pipeline.Fatal {
		// The server knows how to answer, and nobody knows what this is.
		e.Class, e.After = pipeline.Transient, a.After()
	}
	if a.Detail() == (rest.Detail{}) {
		e.Err = errNoVectors
		e.Hint = "check the url: what answers there is no embeddings route"
		if !proven {
			e.Class = pipeline.Misconfigured
		}
	}
	return e
}

func classifyAs(a *rest.Answer, status int, model string, proven bool, sent []string) *pipeline.Error {
	d := a.Detail()
	after := a.After()
	class, hint, ok := byMessage(status, d)
	if !ok {
		class, hint = byStatus(status, after > 0, proven, model)
	}
	e := a.Error(class, hint, d, sent)
	switch class { //nolint:exhaustive // The others are not tried again.
	case pipeline.Throttled, pipeline.Transient, pipeline.Warming:
		e.After = after
	}
	return e
}

// byMessage knows the messages that mean something else than their status.
// The server is named where only one has the message.
func byMessage(status int, d rest.Detail) (class pipeline.Class, hint string, ok bool) {
	switch {
	case d.Matches("insufficient_quota"): // OpenAI, 429
		return pipeline.Denied, "the account has no credit left", true
	case d.Matches("nan or inf", "unsupported value: nan", "not json compliant"): // Ollama; vLLM, 500
		return pipeline.Rejected, "", true
	case d.Matches("too large to process", "physical batch size"): // llama.cpp, 500
		return pipeline.Oversize, "start the server with -b and -ub as large as the model's context, or cut texts by chunking", true
	case d.Matches("pooling type 'none'"): // llama.cpp, 400
		return pipeline.Misconfigured, "start the server with --pooling mean, cls or last", true
	case d.Matches("matryoshka"): // vLLM, 400
		return pipeline.Misconfigured, "the server does not cut vectors of this model to that size; leave dimensions out, and cut them on this side", true
	case status == http.StatusFailedDependency && d.Matches("not an embedding model", "splade", "not available"): // TEI
		return pipeline.Misconfigured, "the server runs a model of another kind; start it with an embedding model", true
	case status == http.StatusFailedDependency && d.Matches("out of memory", "out_of_memory", "alloc"): // TEI
		return pipeline.Oversize, "", true
	case d.Matches("model_load_failed", "invalid file magic", "exceeds file size"): // SIE, 502; Ollama, 500
		return pipeline.NotServed, "the server could not load the model; its log says why", true
	case status == http.StatusServiceUnavailable && d.Matches("loading"): // llama.cpp; SIE
		return pipeline.Warming, "", true
	case beyondQueue(d): // SIE, 503
		return pipeline.Oversize, "", true
	case d.Matches("server busy", "maximum pending requests", "resource_exhausted", "server_overloaded"): // Ollama, 503; SIE, 503
		return pipeline.Throttled, "", true
	case status == http.StatusInternalServerError || status == http.StatusUnauthorized || status == http.StatusForbidden:
		return 0, "", false
	case d.Matches("max_tokens_per_request", "tokens per request", "batch size", "list should have at most", // OpenAI; TEI, Voyage; FastAPI
		"per submitted batch", "too many inputs", "tokens in batch", "in one batch"): // Voyage; Azure; Mistral; Gemini
		return pipeline.Oversize, "", true
	case d.Matches("cannot be empty"): // TEI, 400, and 413 before 1.9; llama.cpp, 400
		return pipeline.Rejected, "", true
	case d.Matches("maximum context length", "context length", "context size", "exceed_context_size", "must have less than"):
		return pipeline.Rejected, "the text is longer than the model takes; cut texts by chunking", true
	case status == http.StatusBadRequest && d.Matches("failed to parse the request body"): // TEI
		return pipeline.Fatal, "a proxy on the way may change the request", true
	case status == http.StatusBadRequest && d.Matches("eof", "connection refused", "unexpected server status", "llama runner"): // Ollama
		return pipeline.Transient, "", true
	case d.Matches("model_not_found", "invalid model", "modelnotdeployed", "try pulling it first"), // OpenAI; Infinity; Ollama
		status == http.StatusNotFound && d.Matches("does not exist"): // vLLM
		return pipeline.NotServed, "the server does not serve the model by this name; GET {url}/models lists the names it knows", true
	case status == http.StatusUnprocessableEntity && d.Matches("field required", "failed to deserialize"): // FastAPI, TEI: a body of another form
		return pipeline.Misconfigured, "the server wants requests of another form; check the kind of the endpoint", true
	case d.Matches("dimension") && (status == http.StatusBadRequest || status == http.StatusUnprocessableEntity):
		return pipeline.Misconfigured, "leave dimensions out, and cut vectors on this side", true
	}
	return 0, "", false
}

// queueFull is how SIE refuses a request that its queue has no room for.
var queueFull = regexp.MustCompile(`cannot add (\d+) more \(limit: (\d+)\)`)

// beyondQueue reports whether a request would be refused by an empty queue as
// well, so that waiting is of no use.
func beyondQueue(d rest.Detail) bool {
	found := queueFull.FindStringSubmatch(d.Text)
	if found == nil {
		return false
	}
	texts, err := strconv.Atoi(found[1])
	most, err2 := strconv.Atoi(found[2])
	return err == nil && err2 == nil && texts > most
}

func byStatus(status int, asksToWait, proven bool, model string) (pipeline.Class, string) {
	switch status {
	case http.StatusAccepted: // SIE: a replica is being started
		return pipeline.Warming, ""
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return pipeline.Rejected, ""
	case http.StatusUnauthorized, http.StatusForbidden:
		return pipeline.Denied, "give an API key that the server knows, as token"
	case http.StatusPaymentRequired:
		return pipeline.Denied, "the account has no credit left"
	case http.StatusNotFound:
		return pipeline.NotServed, "either the url is wrong (it is what stands before /embeddings, and mostly ends in /v1), or the server does not serve " + model + "; GET {url}/models lists what it serves"
	case http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		return pipeline.Misconfigured, "check the url: what answers there is no embeddings route"
	case http.StatusGone:
		return pipeline.NotServed, "the server does not serve " + model + " any more; GET {url}/models lists what it serves"
	case http.StatusRequestEntityTooLarge:
		return pipeline.Oversize, ""
	case http.StatusFailedDependency: // TEI: the backend failed, out of memory more often than not
		return pipeline.Transient, "if it goes on, send fewer texts in a request"
	case http.StatusTooManyRequests, statusOverloaded:
		return pipeline.Throttled, ""
	case http.StatusNotImplemented: // llama.cpp
		return pipeline.Misconfigured, "the server was started without embeddings; llama.cpp's needs --embeddings"
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return unavailable(status, asksToWait, proven)
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly:
		return pipeline.Transient, ""
	}
	if status >= 500 {
		return pipeline.Transient, ""
	}
	return pipeline.Fatal, "vecload does not know this answer; look at the server's log, and at what stands between it and vecload"
}

// unavailable tells a model that is being loaded from a server in trouble.
func unavailable(status int, asksToWait, proven bool) (pipeline.Class, string) {
	switch {
	case !proven:
		return pipeline.Warming, ""
	case status == http.StatusServiceUnavailable && asksToWait:
		return pipeline.Throttled, ""
	case status == http.StatusGatewayTimeout:
		return pipeline.Transient, "if it goes on, send fewer texts in a request: the gateway gives up before the server is done"
	}
	return pipeline.Transient, ""
}

// refusesBase64 reports whether an answer complains about encoding_format.
func refusesBase64(a *rest.Answer) bool {
	if a.Status != http.StatusBadRequest && a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusInternalServerError {
		return false
	}
	return a.Detail().Matches("encoding_format", "encoding format", "base64")
}
