// Package verdict turns the failure of an embedding server into an error that
// says what it means for a run. Each protocol has a list of rules for what
// means something else in it than elsewhere; the status decides the rest.
package verdict

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// statusOverloaded is what some providers send for too many requests, and
// statusCancelled what is written where the client went away first.
const (
	statusOverloaded = 529
	statusCancelled  = 499
)

// unknown is the hint for a status that means nothing to embedding servers.
const unknown = "vecload does not know this answer; look at the server's log, and at what stands between it and vecload"

const noCredit = "the account has no credit left"

var errNoVectors = errors.New("the answer holds neither vectors nor an error")

// Rule says what a failure is. The first rule of a list that matches holds.
type Rule struct {
	// Status has the statuses that the rule is for; none is any.
	Status []int
	// Phrases are looked for in message, type and code, in lower case; one
	// has to be there, and with none the status is enough.
	Phrases []string
	Class   pipeline.Class
	Hint    string
}

func (r Rule) matches(status int, d rest.Detail) bool {
	return (len(r.Status) == 0 || slices.Contains(r.Status, status)) &&
		(len(r.Phrases) == 0 || d.Matches(r.Phrases...))
}

// Of judges an answer other than a success. proven tells that the server has
// given a good answer before: until then the failure of a gateway comes from a
// model that is being loaded. No part of sent is in the error.
func Of(a *rest.Answer, rules []Rule, proven bool, sent []string) *pipeline.Error {
	return judge(a, a.Status, rules, proven, sent)
}

// OfNoVectors judges a success that holds no vectors: some servers and
// gateways send an error so. Its code is then the status. What nobody knows may
// pass where the server is proven, and stops the run before.
func OfNoVectors(a *rest.Answer, rules []Rule, proven bool, sent []string) *pipeline.Error {
	status, err := strconv.Atoi(a.Detail().Code)
	if err != nil || status < 400 || status > 599 {
		status = 0
	}
	e := judge(a, status, rules, proven, sent)
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

func judge(a *rest.Answer, status int, rules []Rule, proven bool, sent []string) *pipeline.Error {
	d := a.Detail()
	after := a.After()
	class, hint := byStatus(status, after > 0, proven)
	if status == http.StatusTooManyRequests && d.Matches("insufficient_quota") { // OpenAI's word, which gateways use too
		class, hint = pipeline.Denied, noCredit
	}
	for _, rule := range rules {
		if rule.matches(status, d) {
			class, hint = rule.Class, rule.Hint
			break
		}
	}
	e := a.Error(class, hint, d, sent)
	switch class { //nolint:exhaustive // The others are not tried again.
	case pipeline.Throttled, pipeline.Transient, pipeline.Warming:
		e.After = after
	}
	return e
}

func byStatus(status int, asksToWait, proven bool) (pipeline.Class, string) {
	switch status {
	case http.StatusAccepted: // a replica is being started
		return pipeline.Warming, ""
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return pipeline.Rejected, ""
	case http.StatusUnauthorized, http.StatusForbidden:
		return pipeline.Denied, "the server wants an API key that it knows, as token"
	case http.StatusPaymentRequired:
		return pipeline.Denied, noCredit
	case http.StatusNotFound, http.StatusGone:
		return pipeline.NotServed, "check the url and the name of the model: the server does not serve it there, or no longer"
	case http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		return pipeline.Misconfigured, "check the url: what answers there is no embeddings route"
	case http.StatusRequestEntityTooLarge:
		return pipeline.Oversize, ""
	case http.StatusTooManyRequests, statusOverloaded:
		return pipeline.Throttled, ""
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return unavailable(status, asksToWait, proven), ""
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, statusCancelled:
		return pipeline.Transient, ""
	}
	if status >= 500 {
		return pipeline.Transient, ""
	}
	return pipeline.Fatal, unknown
}

// unavailable tells a model that is being loaded from a server in trouble.
func unavailable(status int, asksToWait, proven bool) pipeline.Class {
	switch {
	case !proven:
		return pipeline.Warming
	case status == http.StatusServiceUnavailable && asksToWait:
		return pipeline.Throttled
	}
	return pipeline.Transient
}
