package sie

import (
	"net/http"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/internal/verdict"
)

func classify(a *rest.Answer, model string, proven bool, sent []string) *pipeline.Error {
	return verdict.Of(a, rules(model), proven, sent)
}

func classifyNoData(a *rest.Answer, model string, proven bool, sent []string) *pipeline.Error {
	return verdict.OfNoVectors(a, rules(model), proven, sent)
}

// rules has the codes of the server (packages/sie_server/src/sie_server/api,
// versions 0.3 and 0.10) and of the gateway before it.
func rules(model string) []verdict.Rule {
	return []verdict.Rule{
		{Phrases: []string{"model_load_failed"}, Class: pipeline.NotServed, Hint: "the server could not load the model; its log says why"},
		{Phrases: []string{"model_not_found"}, Class: pipeline.NotServed, Hint: "the server does not serve " + model + "; GET {url}/v1/models lists what it serves"},
		{Phrases: []string{"model_loading"}, Class: pipeline.Warming},
		{Phrases: []string{"items per request"}, Class: pipeline.Oversize},                                     // more than the queue takes
		{Phrases: []string{"resource_exhausted", "queue_full", "model_not_loaded"}, Class: pipeline.Throttled}, // out of memory; the queue is full, since 0.10 and before
		{Status: []int{http.StatusNotFound}, Class: pipeline.NotServed, Hint: "nothing serves /v1/encode at this address: the url is that of the server itself"},
	}
}
