package huggingface_test

import (
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/huggingface"
)

func TestWrongAddressesAreTold(t *testing.T) {
	t.Parallel()
	const (
		router = huggingface.Router
		right  = router + "/hf-inference/models/a/b/pipeline/feature-extraction"
		mine   = "http://127.0.0.1:80"
	)
	tests := []struct {
		kind, url   string
		what, right string // parts; no what: nothing is wrong
	}{
		{"huggingface", router, "", ""},
		{"huggingface", router + "/", "", ""},
		{"huggingface", router + "/hf-inference", "bare /hf-inference", right},
		{"huggingface", router + "/hf-inference/", "bare /hf-inference", right},
		{"huggingface", router + "/v1", "chat only", right},
		{"huggingface", router + "/v1/embeddings", "chat only", right},
		{"huggingface", router + "/inference/v1/feature-extraction/a/b", "does not have", right},
		{"huggingface", router + "/pipeline/feature-extraction/a/b", "before May 2025", right},
		{"huggingface", router + "/hf-inference/pipeline/feature-extraction/a/b", "before May 2025", right},
		{"huggingface", router + "/hf-inference/models/a/b", "lacks the suffix", right},
		{"huggingface", router + "/hf-inference/models/a/b/pipeline/sentence-similarity", "another task", right},
		{"huggingface", router + "/hf-inference/models/a/b/pipeline/feature-extraction", "whole route", right},
		{"huggingface", router + "/hf-inference/v1/embeddings", "hf-inference does not have", right},
		{"huggingface", router + "/models/a/b", "lacks the provider", right},
		{"huggingface", router + "/anything", "does not have", right},
		{"huggingface", router + "/scaleway/models/a/b", "behind another provider", router + "/scaleway/v1/embeddings"},
		{"huggingface", router + "/deepinfra/v1/openai", "route of a provider", router + "/deepinfra/v1/openai/embeddings"},
		{"huggingface", router + "/fal-ai/models/a/b", "behind another provider, fal-ai", router + "/fal-ai/"},
		{"huggingface", "https://api-inference.huggingface.co/models/a/b", "retired", right},
		{"huggingface", "https://huggingface.co", "is the Hub", right},
		{"huggingface", "https://huggingface.co/api/models/a/b", "is the Hub", right},
		{"huggingface", "https://huggingface.co/a/b", "page of the Hub", right},
		{"huggingface", mine, "", ""},
		{"huggingface", mine + "/mirror", "", ""},
		{"huggingface", mine + "/hf-inference", "bare /hf-inference", mine + "/hf-inference/models/a/b/pipeline/feature-extraction"},
		{"huggingface", mine + "/mirror/v1/embeddings", "chat only", mine + "/mirror/hf-inference/models/a/b/pipeline/feature-extraction"},
		{"openai", router + "/v1", "chat only", right},
		{"openai", router + "/v1/embeddings", "chat only", right},
		{"openai", router, "the router itself", right},
		{"openai", router + "/hf-inference/models/a/b/pipeline/feature-extraction", "another protocol", right},
		{"openai", router + "/scaleway/v1", "", ""},
		{"openai", router + "/nebius/v1", "", ""},
		{"openai", router + "/together/models/a/b", "behind another provider", router + "/together/v1/embeddings"},
		{"openai", mine + "/v1", "", ""},
		{"tei", "http://127.0.0.1:81/hf-inference", "bare", "http://127.0.0.1:81/hf-inference/models/a/b/"}, // the configured router
		{"openai", "http://127.0.0.1:81/v1", "", ""},
		{"tei", "http://127.0.0.1:81", "", ""},
		{"tei", router + "/hf-inference/models/a/b", "lacks the suffix", right},
		{"tei", "https://huggingface.co/a/b", "page of the Hub", right},
		{"tei", mine + "/hf-inference", "", ""},
		{"inference_endpoint", router + "/v1", "chat only", right},
		{"inference_endpoint", "https://x.us-east-1.aws.endpoints.huggingface.cloud", "", ""},
		{"huggingface", "://", "", ""},
	}
	for _, test := range tests {
		m, wrong := huggingface.Address{Kind: test.kind, URL: test.url, Model: "a/b", Router: "http://127.0.0.1:81"}.Mistake()
		if wrong != (test.what != "") || !strings.Contains(m.What, test.what) || !strings.HasPrefix(m.Right, test.right) {
			t.Errorf("%s %s: %+v, %v, want %q, %s", test.kind, test.url, m, wrong, test.what, test.right)
		}
		if wrong && (m.Do == "" || !strings.Contains(m.String(), m.Right)) {
			t.Errorf("%s %s: %q tells not what to do", test.kind, test.url, m)
		}
	}
}
