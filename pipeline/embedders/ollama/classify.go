package ollama

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

// rules has the messages of Ollama (server/routes.go and llm/llama_server.go, to
// version 0.33); those on memory were not compared with the source. The status
// says little: a runner that crashed is 400 in newer versions and 500 in older
// ones, as is a text that is too long.
func rules(model string) []verdict.Rule {
	const crashed = "the model's runner crashed, which a text longer than its batch can do: set context, which sets num_ctx and num_batch alike, or cut texts by chunking"
	bad := []int{http.StatusBadRequest, http.StatusInternalServerError}
	return []verdict.Rule{
		{Phrases: []string{"nan or inf", "unsupported value: nan", "unsupported value: +inf"}, Class: pipeline.Rejected},
		{
			Phrases: []string{"context length", "context size"},
			Class:   pipeline.Rejected, Hint: "the text is longer than the model takes; cut texts by chunking, or set context",
		},
		{
			Phrases: []string{"does not support embed"},
			Class:   pipeline.Misconfigured, Hint: "choose an embedding model, such as nomic-embed-text",
		},
		{
			Status: []int{http.StatusNotFound}, Phrases: []string{"try pulling it", "not found, ", `model "`, "model '"},
			Class: pipeline.NotServed, Hint: "ollama pull " + model + ", or give the name that `ollama list` shows as model of the endpoint",
		},
		{
			Status: []int{http.StatusNotFound, http.StatusMethodNotAllowed},
			Class:  pipeline.NotServed, Hint: "nothing serves /api/embed at this address: the url is that of the server itself, without /api and /v1, and Ollama has the route since 0.3; another server is an openai endpoint",
		},
		{Phrases: []string{"invalid model name"}, Class: pipeline.NotServed, Hint: "name the model as `ollama list` does"},
		{
			Phrases: []string{"requires more system memory", "out of memory"},
			Class:   pipeline.NotServed, Hint: "the model does not fit into the memory of the server's machine; choose a smaller one, or unload others",
		},
		{Phrases: []string{"timed out waiting for"}, Class: pipeline.Warming},
		{
			Phrases: []string{"unable to load model", "failed to load model", "error loading model", "invalid file magic", "exceeds file size"},
			Class:   pipeline.NotServed, Hint: "the server could not load the model; its log says why",
		},
		{Phrases: []string{"server busy", "maximum pending requests"}, Class: pipeline.Throttled},
		{
			Status: bad, Phrases: []string{"eof", "connection refused", "connection reset", "unexpected server status", "llama runner", "forcibly closed"},
			Class: pipeline.Transient, Hint: crashed,
		},
		{Status: bad, Phrases: []string{"invalid input type", "missing request body", "invalid character", "cannot unmarshal"}, Class: pipeline.Fatal},
		// Whatever else fails within the runner is 400 too.
		{Status: []int{http.StatusBadRequest}, Class: pipeline.Transient},
	}
}
