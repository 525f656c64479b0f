package openai_test

import (
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
	"github.com/vecload/vecload/pipeline/embedders/openai"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// The status table of OpenAI's route, for each server that has it:
// text-embeddings-inference with its types of errors, llama.cpp
// (tools/server/README.md), Ollama (server/routes.go), vLLM, Infinity, SIE and
// providers. Rows with a version are recorded from the program. The other
// messages are those of the servers' sources, or quoted in reports of their
// users; rows marked synthetic are neither.
func TestStatusTableOfOpenAIsRoute(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		media  string
		body   string
		class  pipeline.Class
		hint   string
	}{
		{"OpenAI: key", 401, "", `{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`, pipeline.Denied, "API key"},
		{"OpenAI: rate", 429, "", `{"error":{"message":"Rate limit reached for requests","type":"requests","param":null,"code":"rate_limit_exceeded"}}`, pipeline.Throttled, ""},
		{"OpenAI: quota", 429, "", `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`, pipeline.Denied, "credit"},
		{"OpenAI: tokens in a request", 400, "", `{"error":{"message":"Requested 453357 tokens, max 300000 tokens per request","type":"max_tokens_per_request","param":null,"code":"max_tokens_per_request"}}`, pipeline.Oversize, ""},
		{"OpenAI: one text too long", 400, "", `{"error":{"message":"This model's maximum context length is 8192 tokens, however you requested 9000 tokens","type":"invalid_request_error","param":null,"code":null}}`, pipeline.Rejected, "chunking"},
		{"OpenAI: model", 404, "", `{"error":{"message":"The model 'x' does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}`, pipeline.NotServed, "models"},
		{"OpenAI: empty", 400, "", `{"error":{"message":"'$.input' is invalid.","type":"invalid_request_error","param":null,"code":null}}`, pipeline.Rejected, ""},
		{"vLLM: old envelope", 400, "", `{"object":"error","message":"This model's maximum context length is 512 tokens. However, you requested 900 tokens","type":"BadRequestError","param":null,"code":400}`, pipeline.Rejected, ""},
		{"vLLM: new envelope", 400, "", `{"error":{"message":"This model's maximum context length is 512 tokens.","type":"BadRequestError","param":"input_tokens","code":400}}`, pipeline.Rejected, ""},
		{"vLLM: dimensions", 400, "", `{"error":{"message":"Model \"x\" does not support matryoshka representation, changing output dimensions will lead to poor results.","type":"BadRequestError","param":null,"code":400}}`, pipeline.Misconfigured, "dimensions"},
		{"vLLM 0.32: long text", 400, "", `{"error":{"message":"This model's maximum context length is 256 tokens. However, your prompt contains at least 257 input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=257)","type":"BadRequestError","param":"input_tokens","code":400}}`, pipeline.Rejected, "chunking"},
		{"vLLM 0.32: very long text", 400, "", `{"error":{"message":"This model's maximum context length is 256 tokens. However, your prompt contains 5840 characters (more than 4608 characters, which is the upper bound for 256 input tokens). Please reduce the length of the input prompt. (parameter=input_text, value=5840)","type":"BadRequestError","param":"input_text","code":400}}`, pipeline.Rejected, "chunking"},
		{"vLLM 0.32: model", 404, "", "{\"error\":{\"message\":\"The model `org/other` does not exist.\",\"type\":\"NotFoundError\",\"param\":null,\"code\":404}}", pipeline.NotServed, "by this name"},
		{"vLLM 0.32: dimensions", 400, "", `{"error":{"message":"Model 'org/m' does not support Matryoshka embeddings; dimensions must be unset (received dimensions=5).","type":"BadRequestError","param":null,"code":400}}`, pipeline.Misconfigured, "dimensions"},
		{"vLLM: NaN", 500, "", `{"error":{"message":"Out of range float values are not JSON compliant: nan","type":"InternalServerError","param":null,"code":500}}`, pipeline.Rejected, ""},
		{"vLLM: key", 401, "", `{"error":"Unauthorized"}`, pipeline.Denied, ""},
		{"Infinity: model", 400, "", "{\"error\":{\"message\":\"Invalid model: x\",\"type\":null,\"param\":null,\"code\":400}}", pipeline.NotServed, "models"},
		{"Infinity: key", 401, "", `{"detail":"Unauthorized"}`, pipeline.Denied, ""},
		{"Infinity: long text", 422, "", `{"detail":[{"type":"string_too_long","loc":["body","input",0],"msg":"String should have at most 122880 characters","input":"…","ctx":{"max_length":122880}}]}`, pipeline.Rejected, ""},
		{"Infinity: many texts", 422, "", `{"detail":[{"type":"too_long","loc":["body","input"],"msg":"List should have at most 2048 items after validation, not 3000","input":["…"]}]}`, pipeline.Oversize, ""},
		{"Infinity: overloaded", 429, "", `{"error":{"message":"model x is currently overloaded","type":null,"param":null,"code":429}}`, pipeline.Throttled, ""},
		{"Infinity: failure", 500, "", `{"error":{"message":"InternalServerError: boom","type":null,"param":null,"code":500}}`, pipeline.Transient, ""},
		{"Ollama: pull", 404, "", `{"error":{"message":"model \"x\" not found, try pulling it first","type":"not_found_error","param":null,"code":null}}`, pipeline.NotServed, ""},
		{"Ollama: long text", 400, "", `{"error":{"message":"the input length exceeds the context length","type":"invalid_request_error","param":null,"code":null}}`, pipeline.Rejected, ""},
		{"Ollama: NaN, 400", 400, "", `{"error":{"message":"embedding contains NaN or Inf values","type":"invalid_request_error","param":null,"code":null}}`, pipeline.Rejected, ""},
		{"Ollama: NaN, 500", 500, "", `{"error":{"message":"failed to encode response: json: unsupported value: NaN","type":"api_error","param":null,"code":null}}`, pipeline.Rejected, ""},
		{"Ollama: type", 400, "", `{"error":{"message":"invalid input type","type":"invalid_request_error","param":null,"code":null}}`, pipeline.Rejected, ""},
		{"Ollama: long text after truncation", 400, "", `{"error":{"message":"input after truncation exceeds maximum context length","type":"invalid_request_error","param":null,"code":null}}`, pipeline.Rejected, "chunking"},
		{"Ollama: load", 500, "", `{"error":{"message":"llama runner process has terminated","type":"api_error","param":null,"code":null}}`, pipeline.Transient, ""},
		{"Ollama: runner refuses", 400, "", `{"error":{"message":"dial tcp 127.0.0.1:1: connect: connection refused","type":"invalid_request_error","param":null,"code":null}}`, pipeline.Transient, ""},
		{"Ollama: runner's status", 400, "", `{"error":{"message":"unexpected server status: 3","type":"invalid_request_error","param":null,"code":null}}`, pipeline.Transient, ""},
		{"Ollama: runner ends", 400, "", `{"error":{"message":"llama runner process no longer running","type":"invalid_request_error","param":null,"code":null}}`, pipeline.Transient, ""},
		{"Ollama: runner", 400, "", `{"error":{"message":"do embedding request: Post \"http://127.0.0.1:1/embedding\": EOF","type":"invalid_request_error","param":null,"code":null}}`, pipeline.Transient, ""},
		{"Ollama: busy", 503, "", `{"error":{"message":"server busy, please try again.  maximum pending requests exceeded","type":"api_error","param":null,"code":null}}`, pipeline.Throttled, ""},
		{"Ollama 0.33: model", 404, "", `{"error":{"message":"model \"org/other\" not found, try pulling it first","type":"not_found_error","param":null,"code":null}}`, pipeline.NotServed, "by this name"},
		{"Ollama 0.33: runner", 400, "", `{"error":{"message":"do embedding request: Post \"http://127.0.0.1:41711/v1/embeddings\": EOF","type":"invalid_request_error","param":null,"code":null}}`, pipeline.Transient, ""},
		{"Ollama 0.33: busy", 503, "", `{"error":{"message":"server busy, please try again.  maximum pending requests exceeded","type":"api_error","param":null,"code":null}}`, pipeline.Throttled, ""},
		{"Ollama 0.33: load takes long", 500, "", `{"error":{"message":"timed out waiting for llama-server to start - ","type":"api_error","param":null,"code":null}}`, pipeline.Transient, ""},
		{"Ollama 0.33: a model that is cut off", 500, "", `{"error":{"message":"tensor \"token_embd.weight\" offset+size (48313920) exceeds file size (45450528)","type":"api_error","param":null,"code":null}}`, pipeline.NotServed, "log"},
		{"llama.cpp b10434: batch", 500, "", `{"error":{"code":500,"message":"input (902 tokens) is too large to process. increase the physical batch size (current batch size: 512)","type":"server_error"}}`, pipeline.Oversize, "-ub"},
		{"llama.cpp b10434: context", 400, "", `{"error":{"code":400,"message":"input (902 tokens) is larger than the max context size (512 tokens). skipping","type":"exceed_context_size_error","n_prompt_tokens":902,"n_ctx":512}}`, pipeline.Rejected, "chunking"},
		{"llama.cpp b10434: pooling", 400, "", `{"error":{"code":400,"message":"Pooling type 'none' is not OAI compatible. Please use a different pooling type","type":"invalid_request_error"}}`, pipeline.Misconfigured, "--pooling"},
		{"llama.cpp b10434: no embeddings", 501, "", "{\"error\":{\"code\":501,\"message\":\"This server does not support embeddings. Start it with `--embeddings`\",\"type\":\"not_supported_error\"}}", pipeline.Misconfigured, "--embeddings"},
		{"llama.cpp b10434: key", 401, "", `{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}`, pipeline.Denied, "API key"},
		{"llama.cpp b10434: route", 404, "", `{"error":{"message":"File Not Found","type":"not_found_error","code":404}}`, pipeline.NotServed, "/v1"},
		{"llama.cpp b10434: loading", 503, "", `{"error":{"message":"Loading model","type":"unavailable_error","code":503}}`, pipeline.Warming, ""},
		{"llama.cpp: context", 400, "", `{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`, pipeline.Rejected, ""},
		{"llama.cpp: empty", 400, "", `{"error":{"code":400,"message":"Input content cannot be empty","type":"invalid_request_error"}}`, pipeline.Rejected, ""},
		{"llama.cpp: no input", 400, "", `{"error":{"code":400,"message":"\"input\" or \"content\" must be provided","type":"invalid_request_error"}}`, pipeline.Rejected, ""},
		{"SIE: loading", 503, "", `{"detail":{"error":{"code":"MODEL_LOADING","message":"x","type":"server_error"}}}`, pipeline.Warming, ""},
		{"SIE: memory", 503, "", `{"detail":{"error":{"code":"RESOURCE_EXHAUSTED","message":"x","type":"server_error"}}}`, pipeline.Throttled, ""},
		{"SIE: broken model", 502, "", `{"detail":{"error":{"code":"MODEL_LOAD_FAILED","message":"x","type":"server_error"}}}`, pipeline.NotServed, "log"},
		{"SIE 0.10: loading", 503, "", `{"error":{"message":"Model 'org/m' is loading, please retry","type":"server_error","param":null,"code":"MODEL_LOADING"}}`, pipeline.Warming, ""},
		{"SIE 0.10: queue", 503, "", `{"error":{"message":"Queue full: 436 items pending, cannot add 250 more (limit: 512)","type":"server_error","param":null,"code":"server_overloaded"}}`, pipeline.Throttled, ""},
		{"SIE 0.10: more than the queue", 503, "", `{"error":{"message":"Queue full: 0 items pending, cannot add 3000 more (limit: 512)","type":"server_error","param":null,"code":"server_overloaded"}}`, pipeline.Oversize, ""},
		{"SIE 0.10: model", 404, "", `{"error":{"message":"Model 'm' not found Did you mean 'org/m'?","type":"invalid_request_error","param":null,"code":"model_not_found"}}`, pipeline.NotServed, "by this name"},
		{"SIE 0.10: dimensions", 400, "", `{"error":{"message":"'dimensions' is not supported by this endpoint: model 'org/m' returns 384-dimensional embeddings and SIE does not truncate them. Omit 'dimensions', or set it to 384.","type":"invalid_request_error","param":"dimensions","code":"unsupported_field"}}`, pipeline.Misconfigured, "dimensions"},
		{"SIE 0.10: broken model", 502, "", `{"error":{"message":"Model 'org/m' failed to load (CONFIG, attempts=1): OfflineModeIsEnabled: Cannot reach https://huggingface.co/org/m: offline mode is enabled.","type":"server_error","param":null,"code":"MODEL_LOAD_FAILED","error_class":"CONFIG","attempts":1,"permanent":true}}`, pipeline.NotServed, "log"},
		{"SIE: provisioning", 202, "", `{"status":"provisioning"}`, pipeline.Warming, ""},
		{"TEI: batch size", 422, "", `{"message":"batch size 64 > maximum allowed batch size 32","code":422,"type":"Validation"}`, pipeline.Oversize, ""},
		{"TEI: tokens", 422, "", "{\"message\":\"Input validation error: `inputs` must have less than 512 tokens. Given: 900\",\"code\":422,\"type\":\"Validation\"}", pipeline.Rejected, ""},
		{"TEI: bytes", 413, "text/plain", "Failed to buffer the request body: length limit exceeded", pipeline.Oversize, ""},
		{"TEI: overloaded", 429, "", `{"message":"Model is overloaded","code":429,"type":"Overloaded"}`, pipeline.Throttled, ""},
		{"TEI: batch size, 1.8", 413, "", `{"message":"batch size 64 > maximum allowed batch size 32","code":413,"type":"Validation"}`, pipeline.Oversize, ""},
		{"TEI: tokens, 1.8", 413, "", "{\"message\":\"Input validation error: `inputs` must have less than 512 tokens. Given: 900\",\"code\":413,\"type\":\"Validation\"}", pipeline.Rejected, "chunking"},
		{"TEI: characters", 422, "", "{\"message\":\"Input validation error: `inputs` must have less than 128000 characters. Given: 900000\",\"code\":422,\"type\":\"Validation\"}", pipeline.Rejected, "chunking"},
		{"TEI: tokenizer", 422, "", `{"message":"tokenizer error invalid","code":422,"type":"Tokenizer"}`, pipeline.Rejected, ""},
		{"TEI: empty", 400, "", "{\"message\":\"Input validation error: `inputs` cannot be empty\",\"code\":400,\"type\":\"Empty\"}", pipeline.Rejected, ""},
		{"TEI: empty, before 1.6", 413, "", "{\"message\":\"`inputs` cannot be empty\",\"code\":413,\"type\":\"Validation\"}", pipeline.Rejected, ""},
		{"TEI: dimensions", 422, "", "{\"message\":\"Input validation error: `dimensions` should be smaller than the maximum embedding dimension.\",\"code\":422,\"type\":\"Validation\"}", pipeline.Misconfigured, "dimensions"},
		{"TEI: unhealthy", 503, "", `{"message":"unhealthy","code":503,"type":"Unhealthy"}`, pipeline.Throttled, ""},
		{"TEI: no JSON", 400, "text/plain", "Failed to parse the request body as JSON: EOF", pipeline.Fatal, "proxy"},
		{"TEI: another schema", 422, "text/plain", "Failed to deserialize the JSON body into the target type: missing field `query`", pipeline.Misconfigured, "kind"},
		{"TEI: wrong kind of model", 424, "", `{"message":"Backend error: Model is not an embedding model","code":424,"type":"Backend"}`, pipeline.Misconfigured, "embedding model"},
		{"TEI: sparse model", 424, "", "{\"message\":\"`normalize` is not available for SPLADE models\",\"code\":424,\"type\":\"Backend\"}", pipeline.Misconfigured, "embedding model"},
		{"TEI: memory", 424, "", `{"message":"Backend error: DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")","code":424,"type":"Backend"}`, pipeline.Oversize, ""},
		{"TEI: backend", 424, "", `{"message":"Backend error: x","code":424,"type":"Backend"}`, pipeline.Transient, ""},
		{"Voyage: tokens", 400, "", `{"detail":"Request to model 'voyage-3' failed. The max allowed tokens per submitted batch is 120000. Your batch has 152000 tokens after truncation. Please lower the number of tokens in the batch."}`, pipeline.Oversize, ""},
		{"Voyage: texts", 400, "", `{"detail":"The batch size limit is 1000. Your batch size is 1001."}`, pipeline.Oversize, ""},
		{"Voyage: rate", 429, "", `{"detail":"You have not yet added your payment method"}`, pipeline.Throttled, ""},
		{"Jina", 422, "", `{"detail":"[RID: x] Validation error"}`, pipeline.Rejected, ""},
		{"LM Studio: model", 404, "", `{"error":{"message":"Model \"m\" not found","type":"invalid_request_error","param":"model","code":"model_not_found"}}`, pipeline.NotServed, "models"},
		{"Azure: texts", 400, "", `{"error":{"message":"Too many inputs. The max number of inputs is 16.  We hope to increase the number of inputs per request soon.","type":"invalid_request_error","param":null,"code":null}}`, pipeline.Oversize, ""},
		{"Infinity: image", 400, "", `{"error":{"message":"ImageCorruption: image is too small","type":null,"param":null,"code":400}}`, pipeline.Rejected, ""},
		{"Infinity: another form", 422, "", `{"detail":[{"type":"missing","loc":["body","text","input"],"msg":"Field required","input":{"model":"m"}}]}`, pipeline.Misconfigured, "kind"},
		{"Infinity: images", 422, "", `{"detail":[{"type":"too_long","loc":["body","input"],"msg":"List should have at most 32 items after validation, not 33","input":["…"]}]}`, pipeline.Oversize, ""},
		{"Voyage", 400, "", `{"detail":"The request body is not valid"}`, pipeline.Rejected, ""},
		{"Infinity: dimensions", 400, "", `{"error":{"message":"dimensions 999 is larger than the model's","type":null,"param":null,"code":400}}`, pipeline.Misconfigured, "dimensions"},
		{"an error under 200", 200, "", `{"error":{"message":"Rate limit","type":"x","code":429}}`, pipeline.Throttled, ""},
		{"an error under 200 without code", 200, "", `{"error":{"message":"something","type":"x","code":null}}`, pipeline.Transient, ""},
		{"nothing under 200", 200, "", `{"object":"list"}`, pipeline.Transient, "url"},
		{"no route, plain", 404, "text/plain", "404 page not found", pipeline.NotServed, "/v1"},
		{"no route, JSON", 404, "", `{"detail":"Not Found"}`, pipeline.NotServed, "/v1"},
		{"method", 405, "", "", pipeline.Misconfigured, "url"},
		{"credit", 402, "", "", pipeline.Denied, "credit"},
		{"forbidden", 403, "", "", pipeline.Denied, ""},
		{"gone", 410, "", "", pipeline.NotServed, "any more"},
		{"409", 409, "", "", pipeline.Transient, ""},
		{"425", 425, "", "", pipeline.Transient, ""},
		{"500", 500, "", "", pipeline.Transient, ""},
		{"502", 502, "text/html", "<html>", pipeline.Transient, ""},
		{"503 that asks to wait", 503, "text/html", "<html>", pipeline.Throttled, ""},
		{"504", 504, "text/html", "<html>", pipeline.Transient, "fewer texts"},
		{"529", 529, "", "", pipeline.Throttled, ""},
		{"418", 418, "", "", pipeline.Fatal, "does not know this answer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failure := stubserver.Failure{Status: test.status, Body: test.body, Header: map[string]string{"Retry-After-Ms": "1500"}}
			if test.media != "" {
				failure.Header["Content-Type"] = test.media
			}
			client := newClient(t, stubserver.New(stubserver.Options{Fail: stubserver.AfterFirst(failure)}), openai.Options{})
			embeddertest.Classified(t, client, test.class, test.hint, 1500*time.Millisecond)
		})
	}
}

func TestAModelIsLoadedBehindAGateway(t *testing.T) {
	t.Parallel()
	for _, status := range []int{502, 503, 504} {
		client := newClient(t, stubserver.New(stubserver.Options{
			Fail: func(stubserver.Request) *stubserver.Failure { return &stubserver.Failure{Status: status} },
		}), openai.Options{})
		embeddertest.WarmsUp(t, client)
	}
}
