package huggingface_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

func TestTargetsFollowTheDocumentedPreference(t *testing.T) {
	t.Parallel()
	const fe = "feature-extraction"
	all := &hub.Model{ID: "new/name", Providers: []hub.Provider{
		{Name: "together", ID: "tg", Status: hub.Live, Task: fe},
		{Name: "nobody-knows", ID: "x", Status: hub.Live, Task: fe},
		{Name: "scaleway", ID: "sw", Status: hub.Failing, Task: fe},
		{Name: "deepinfra", ID: "di", Status: hub.Staging, Task: fe},
		{Name: "hf-inference", ID: "new/name", Status: hub.Live, Task: "sentence-similarity"},
	}}
	router := huggingface.Router
	tests := []struct {
		name string
		wish huggingface.Wish
		hub  *hub.Model
		want []huggingface.Target
	}{
		{"auto", huggingface.Wish{Model: "old/name"}, all, []huggingface.Target{
			{Provider: "hf-inference", URL: router, Model: "new/name"},
			{Provider: "together", URL: router + "/together/v1", Model: "tg"},
			{Provider: "scaleway", URL: router + "/scaleway/v1", Model: "sw", Failing: true},
		}},
		{"auto without the Hub", huggingface.Wish{Model: "a/b", Provider: "auto", Router: "http://r/"}, nil, []huggingface.Target{
			{Provider: "hf-inference", URL: "http://r", Model: "a/b"},
		}},
		{"auto of a model for another task", huggingface.Wish{Model: "a/b"}, &hub.Model{ID: "a/b", Providers: []hub.Provider{
			{Name: "hf-inference", Status: hub.Live, Task: "text-to-video"},
		}}, []huggingface.Target{{Provider: "hf-inference", URL: router, Model: "a/b"}}},
		{"named", huggingface.Wish{Model: "a/b", Provider: "deepinfra"}, all, []huggingface.Target{
			{Provider: "deepinfra", URL: router + "/deepinfra/v1/openai", Model: "di"},
		}},
		{"named without the Hub", huggingface.Wish{Model: "a/b", Provider: "scaleway", ProviderID: "own"}, nil, []huggingface.Target{
			{Provider: "scaleway", URL: router + "/scaleway/v1", Model: "own"},
		}},
		{"by configuration alone", huggingface.Wish{Model: "a/b", Provider: "nobody-knows", Route: "/v7/embeddings"}, all, []huggingface.Target{
			{Provider: "nobody-knows", URL: router + "/nobody-knows/v7", Model: "x"},
		}},
		{"with the provider's key", huggingface.Wish{Model: "a/b", Provider: "together", Direct: true}, all, []huggingface.Target{
			{Provider: "together", URL: "https://api.together.xyz/v1", Model: "tg", Direct: true},
		}},
	}
	for _, test := range tests {
		got, err := huggingface.Targets(test.wish, test.hub)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestTargetsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, wish := range map[string]huggingface.Wish{
		"no route":            {Model: "a/b", Provider: "nobody-knows"},
		"no address":          {Model: "a/b", Provider: "nobody-knows", Route: "v1", Direct: true},
		"another path":        {Model: "a/b", Provider: "..", Route: "v1"},
		"another route":       {Model: "a/b", Provider: "together/../x", Route: "v1"},
		"another query":       {Model: "a/b", Provider: "x?y=", Route: "v1"},
		"key of whom":         {Model: "a/b", Direct: true},
		"key of hf-inference": {Model: "a/b", Provider: "hf-inference", Direct: true},
	} {
		if _, err := huggingface.Targets(wish, nil); pipeline.Classify(err) != pipeline.Misconfigured || pipeline.Hint(err) == "" {
			t.Errorf("%s: %v, %q", name, err, pipeline.Hint(err))
		}
	}
}

// What the router answers before a third party sees the request, as status,
// type and body; what may be the provider's own has the class Fatal here.
func TestStatusTableOfTheRouterBeforeAProvider(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		media  string
		body   string
		class  pipeline.Class
	}{
		{"not supported, seen", 400, "application/json", `{"error":"Model not supported by provider together"}`, pipeline.NotServed},
		{"by no provider, synthetic", 400, "application/json", `{"error":"a/b is not supported by any provider"}`, pipeline.NotServed},
		{"a bad input of the provider, synthetic", 400, "application/json", `{"error":{"message":"bad input"}}`, pipeline.Fatal},
		{"no token, recorded", 401, "application/json", `{"error":"Invalid username or password."}`, pipeline.Denied},
		{"credit, seen", 402, "application/json", `{"error":"Pre-paid credits are required to use provider together"}`, pipeline.Denied},
		{"switched off, seen", 403, "application/json", `{"error":"The requested provider 'together' is not available."}`, pipeline.NotServed},
		{"no right, seen", 403, "application/json", `{"error":"This authentication method does not have sufficient permissions to call Inference Providers on behalf of org X"}`, pipeline.Denied},
		{"no route, seen", 404, "text/plain", "Not Found", pipeline.NotServed},
		{"no model, synthetic", 404, "application/json", `{"error":{"message":"no such model"}}`, pipeline.NotServed},
		{"retired, seen", 410, "application/json", `{"error":"The requested model is deprecated and no longer supported by provider together"}`, pipeline.NotServed},
		{"limit, synthetic", 429, "application/json", `{}`, pipeline.Fatal},
		{"gateway, synthetic", 502, "text/html", "<html>", pipeline.Fatal},
	}
	for _, test := range tests {
		answer := &rest.Answer{Status: test.status, Header: http.Header{"Content-Type": {test.media}}, Body: []byte(test.body)}
		class, hint, ok := huggingface.Routed("together", "a/b")(answer, false)
		if ok != (test.class != pipeline.Fatal) || class != test.class || ok && hint == "" {
			t.Errorf("%s: %s, %q, %v, want %s", test.name, class, hint, ok, test.class)
		}
	}
}
