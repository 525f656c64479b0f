package configs_test

import (
	"testing"

	"github.com/vecload/vecload/configs"
)

func TestServerIsTheKeyAndTheAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		endpoint configs.Endpoint
		kind     string
		address  configs.URL
	}{
		{configs.Endpoint{HuggingFace: &configs.HuggingFace{URL: "https://a"}}, "huggingface", "https://a"},
		{configs.Endpoint{InferenceEndpoint: &configs.InferenceEndpoint{URL: "https://b/predict"}}, "inference_endpoint", "https://b/predict"},
		{configs.Endpoint{OpenAI: &configs.OpenAI{URL: "http://c/v1"}}, "openai", "http://c/v1"},
		{configs.Endpoint{}, "", ""},
	} {
		if kind, address := test.endpoint.Server(); kind != test.kind || address != test.address {
			t.Errorf("Server() = %s, %s, want %s, %s", kind, address, test.kind, test.address)
		}
	}
}
