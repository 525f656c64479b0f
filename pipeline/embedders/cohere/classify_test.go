package cohere_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/cohere"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// The status table of Cohere's route (https://docs.cohere.com/reference/errors).
// The messages of vLLM are those of its source or of users' reports; statuses
// and messages of Cohere were written from memory of its reference and not
// compared with it; the others are synthetic.
func TestStatusTableOfCohere(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		class  pipeline.Class
		hint   string
	}{
		{"texts", 400, `{"message":"invalid request: total number of texts must be at most 96 - received 97"}`, pipeline.Oversize, ""},
		{"key", 401, `{"message":"invalid api token"}`, pipeline.Denied, "API key"},
		{"billing", 402, `{"message":"Please add or update your payment method at https://dashboard.cohere.com/billing"}`, pipeline.Denied, "credit"},
		{"forbidden", 403, `{"message":"forbidden"}`, pipeline.Denied, ""},
		{"model", 404, `{"message":"model 'm' not found, make sure the correct model ID was used and that you have access to the model."}`, pipeline.NotServed, "m by this name"},
		{"no route", 404, `{"detail":"Not Found"}`, pipeline.NotServed, "/v2/embed"},
		{"input_type", 400, `{"message":"invalid request: valid input_type must be provided with the provided model"}`, pipeline.Misconfigured, "kind"},
		{"text too long", 400, `{"message":"too many tokens: total number of tokens in the prompt cannot exceed 512 - received 900"}`, pipeline.Rejected, "chunking"},
		{"dimension", 400, `{"message":"invalid output dimension 3"}`, pipeline.Misconfigured, "dimensions"},
		{"unprocessable", 422, `{"message":"unprocessable entity"}`, pipeline.Rejected, ""},
		{"rate", 429, `{"message":"You are using a Trial key, which is limited to 40 API calls / minute."}`, pipeline.Throttled, ""},
		{"trial", 429, `{"message":"You are using a Trial key, which is limited to 1000 API calls / month."}`, pipeline.Denied, "trial"},
		{"invalid token", 498, `{"message":"Invalid Token"}`, pipeline.Denied, "API key"},
		{"cancelled", 499, `{"message":"Request Cancelled"}`, pipeline.Transient, ""},
		{"500", 500, `{"message":"internal server error"}`, pipeline.Transient, ""},
		{"501", 501, `{"message":"not implemented"}`, pipeline.Transient, ""},
		{"503", 503, ``, pipeline.Throttled, ""},
		{"504", 504, `{"message":"gateway timeout"}`, pipeline.Transient, ""},
		{"bytes", 413, ``, pipeline.Oversize, ""},
		{"vLLM: another form", 422, `{"detail":[{"type":"missing","loc":["body","texts"],"msg":"Field required"}]}`, pipeline.Misconfigured, "kind"},
		{"vLLM: length", 400, `{"error":{"message":"This model's maximum context length is 512 tokens. However, you requested 900 tokens","type":"BadRequestError","param":null,"code":400}}`, pipeline.Rejected, "chunking"},
		{"vLLM: model", 404, `{"error":{"message":"The model 'm' does not exist.","type":"NotFoundError","param":"model","code":404}}`, pipeline.NotServed, "by this name"},
		{"vLLM: NaN", 500, `{"error":{"message":"Out of range float values are not JSON compliant: nan","type":"InternalServerError","param":null,"code":500}}`, pipeline.Rejected, ""},
		{"vLLM: dimensions", 400, `{"error":{"message":"Model \"m\" does not support matryoshka representation","type":"BadRequestError","param":null,"code":400}}`, pipeline.Misconfigured, "dimensions"},
		{"an error under 200", 200, `{"error":{"message":"Rate limit","code":429}}`, pipeline.Throttled, ""},
		{"nothing under 200", 200, `{"id":"x"}`, pipeline.Transient, "url"},
		{"another type of vectors", 200, `{"id":"x","embeddings":{"int8":[[1,2]]}}`, pipeline.Transient, "url"},
		{"410", 410, ``, pipeline.NotServed, "no longer"},
		{"418", 418, ``, pipeline.Fatal, "does not know this answer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failure := stubserver.Failure{Status: test.status, Body: test.body, Header: map[string]string{"Retry-After": "9"}}
			client := newClient(t, stubserver.New(stubserver.Options{Fail: func(r stubserver.Request) *stubserver.Failure {
				if r.Number == 1 {
					return nil
				}
				return &failure
			}}), cohere.Options{})
			if _, err := client.Embed(t.Context(), []string{"first"}); err != nil {
				t.Fatal(err)
			}
			_, err := client.Embed(t.Context(), []string{"second"})
			if err == nil || pipeline.Classify(err) != test.class || !strings.Contains(pipeline.Hint(err), test.hint) {
				t.Fatalf("err = %v (%s, hint %q), want %s with %q", err, pipeline.Classify(err), pipeline.Hint(err), test.class, test.hint)
			}
			waits := test.class == pipeline.Throttled || test.class == pipeline.Transient || test.class == pipeline.Warming
			if want := 9 * time.Second; waits && pipeline.After(err) != want || !waits && pipeline.After(err) != 0 {
				t.Errorf("after = %s", pipeline.After(err))
			}
		})
	}
}
