package cohere

import (
	"net/http"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/internal/verdict"
)

// statusInvalidToken is one of Cohere's own
// (https://docs.cohere.com/reference/errors).
const statusInvalidToken = 498

func classify(a *rest.Answer, model string, proven bool, sent []string) *pipeline.Error {
	return verdict.Of(a, rules(model), proven, sent)
}

func classifyNoData(a *rest.Answer, model string, proven bool, sent []string) *pipeline.Error {
	return verdict.OfNoVectors(a, rules(model), proven, sent)
}

// rules has the messages of Cohere, which were not compared with its reference,
// and of vLLM's source.
func rules(model string) []verdict.Rule {
	bad := []int{http.StatusBadRequest, http.StatusUnprocessableEntity}
	return []verdict.Rule{
		{
			Status: []int{http.StatusTooManyRequests}, Phrases: []string{"/ month", "per month", "monthly"},
			Class: pipeline.Denied, Hint: "the calls of a trial key are used up for this month; use a production key",
		},
		{Phrases: []string{"not json compliant"}, Class: pipeline.Rejected}, // vLLM: NaN, 500
		{Status: bad, Phrases: []string{"number of texts", "number of images", "number of inputs", "batch size", "list should have at most", "too many tokens in"}, Class: pipeline.Oversize},
		{
			Status: bad, Phrases: []string{"maximum context length", "context length", "too many tokens", "too long"},
			Class: pipeline.Rejected, Hint: "the text is longer than the model takes; cut texts by chunking, or let the server truncate",
		},
		{Status: bad, Phrases: []string{"matryoshka", "dimension"}, Class: pipeline.Misconfigured, Hint: "leave dimensions out, and cut vectors on this side"},
		{
			Status: bad, Phrases: []string{"input_type", "embedding_types", "input type"},
			Class: pipeline.Misconfigured, Hint: "the model does not take inputs of this kind; choose another model or another kind of endpoint",
		},
		{Status: bad, Phrases: []string{"field required"}, Class: pipeline.Misconfigured, Hint: "the server wants requests of another form; check the kind of the endpoint"},
		{
			Phrases: []string{"model not found", "model_not_found", "does not exist", "' not found"},
			Class:   pipeline.NotServed, Hint: "the server does not serve " + model + " by this name",
		},
		{Status: []int{http.StatusNotFound}, Class: pipeline.NotServed, Hint: "nothing serves /v2/embed at this address: the url is what stands before it, such as https://api.cohere.com"},
		{Status: []int{statusInvalidToken}, Class: pipeline.Denied, Hint: "the server wants an API key that it knows, as token"},
	}
}
