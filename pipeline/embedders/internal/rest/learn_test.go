package rest_test

import (
	"errors"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// The messages of SIE are recorded, as are some of vLLM and llama.cpp; those of
// TEI, FastAPI and OpenAI are those of the servers' sources or of users' reports. Those of Cohere, Azure, Voyage,
// DashScope, Gemini and Mistral were written from memory and not compared.
func TestRefusalsTeachTheirLimit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		message string
		want    embedders.Known
	}{
		{"batch size 64 > maximum allowed batch size 32", embedders.Known{Texts: 32}},
		{"body.input: List should have at most 2048 items after validation, not 3000", embedders.Known{Texts: 2048}},
		{"invalid request: total number of texts must be at most 96 - received 97", embedders.Known{Texts: 96}},
		{"Too many inputs. The max number of inputs is 16.", embedders.Known{Texts: 16}},
		{"The batch size limit is 1000. Your batch size is 1001.", embedders.Known{Texts: 1000}},
		{"<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should not be larger than 10.", embedders.Known{Texts: 10}},
		{"at most 100 requests can be in one batch", embedders.Known{Texts: 100}},
		{"Requested 453357 tokens, max 300000 tokens per request", embedders.Known{Tokens: 300000}},
		{"Request to model 'voyage-3' failed. The max allowed tokens per submitted batch is 120000. Your batch has 152000 tokens after truncation.", embedders.Known{Tokens: 120000}},
		{"Too many tokens in batch. Max is 16384 got 20000.", embedders.Known{Tokens: 16384}},
		{"input (900 tokens) is too large to process. increase the physical batch size (current batch size: 512)", embedders.Known{TextTokens: 512}},
		{"request (900 tokens) exceeds the available context size (512 tokens), try increasing it", embedders.Known{TextTokens: 512}},
		{"input (902 tokens) is larger than the max context size (512 tokens). skipping", embedders.Known{TextTokens: 512}},
		{"Queue full: 0 items pending, cannot add 3000 more (limit: 512)", embedders.Known{Texts: 512}},
		{"Request has 600 items but the queue accepts at most 512 items per request for model 'org/m'; split the request into batches of 512 or fewer", embedders.Known{Texts: 512}},
		{"Input validation error: `inputs` must have less than 512 tokens. Given: 900", embedders.Known{TextTokens: 512}},
		{"This model's maximum context length is 256 tokens. However, your prompt contains 5840 characters (more than 4608 characters, which is the upper bound for 256 input tokens).", embedders.Known{TextTokens: 256}},
		{"This model's maximum context length is 8192 tokens, however you requested 9000 tokens", embedders.Known{TextTokens: 8192}},
		{"body.input.0: String should have at most 122880 characters", embedders.Known{}},
		{"batch size 64 > maximum allowed batch size 99999999999999999999999", embedders.Known{}},
		{"boom", embedders.Known{}},
	}
	for _, test := range tests {
		d := rest.Detail{Text: test.message}
		if got := d.Limit(); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.message, got, test.want)
		}
		for _, class := range []pipeline.Class{pipeline.Oversize, pipeline.Rejected, pipeline.Transient} {
			e := answer(400, "application/json", "{}").Error(class, "", d, nil)
			limit, ok := errors.AsType[*embedders.LimitError](e)
			want := test.want != (embedders.Known{}) && class != pipeline.Transient
			if ok != want || ok && limit.Limit != test.want {
				t.Errorf("%s, %s: %v with %+v", test.message, class, e, limit)
			}
			if got := e.Error(); got != "POST http://host/x: 400 Bad Request: "+test.message {
				t.Errorf("the message became %q", got)
			}
		}
	}
}
