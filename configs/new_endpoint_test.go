package configs_test

import (
	"strings"
	"testing"

	"github.com/vecload/vecload/configs"
)

func TestEveryKindOfEndpointCanBeMade(t *testing.T) {
	t.Parallel()
	env := configs.Env{Lookup: func(name string) (string, bool) { return "secret-" + name, true }}
	token, err := configs.ParseSecret("${TOKEN}", env)
	other, err2 := configs.ParseSecret("${OTHER}", env)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	for _, kind := range []string{"huggingface", "inference_endpoint", "tei", "openai", "ollama", "cohere", "sie", "raw", "server"} {
		e, ok := configs.NewEndpoint(kind, "https://example.com", token)
		if got, address := e.Server(); !ok || got != kind || address != "https://example.com" {
			t.Errorf("%s: made %v %s %s", kind, ok, got, address)
		}
		if changed := e.WithToken(other); changed == e || changed.WithToken(token).Name() != e.Name() {
			t.Errorf("%s: the token is shared with the copy", kind)
		}
		if strings.Contains(e.Name(), "secret-") {
			t.Errorf("%s: the name %q holds the token", kind, e.Name())
		}
	}
	if e, _ := configs.NewEndpoint("huggingface", "https://example.com", token); e.HuggingFace.Provider != configs.ProviderAuto || e.HuggingFace.Token.Reveal() != "secret-TOKEN" {
		t.Errorf("made %+v without defaults or token", e.HuggingFace)
	}
	if e, ok := configs.NewEndpoint("smtp", "https://example.com", token); ok {
		t.Errorf("made %+v of a kind that does not exist", e)
	}
}
