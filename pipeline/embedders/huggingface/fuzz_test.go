package huggingface_test

import (
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/huggingface"
)

func FuzzAnyAddressIsLookedAt(f *testing.F) {
	for _, seed := range []string{
		"https://router.huggingface.co/hf-inference/models", "https://router.huggingface.co/scaleway/models/x",
		"https://huggingface.co/a", "http://h/mirror/pipeline/x", "https://router.huggingface.co//", "https://[::1]/v1", "x",
	} {
		f.Add("huggingface", seed)
		f.Add("openai", seed)
	}
	f.Fuzz(func(t *testing.T, kind, address string) {
		m, wrong := huggingface.Address{Kind: kind, URL: address, Model: "a/b"}.Mistake()
		if wrong && (m.What == "" || m.Do == "" || !strings.Contains(m.Right, "/")) {
			t.Errorf("%s %q: %+v says not what to do", kind, address, m)
		}
	})
}
