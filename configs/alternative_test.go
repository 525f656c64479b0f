package configs_test

import (
	"testing"

	"github.com/vecload/vecload/configs"
)

func candidates(t *testing.T, text string) []configs.Config {
	t.Helper()
	c, err := configs.Parse("a.yaml", []byte(text), configs.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c.Candidates()
}

func TestAnAlternativeStandsInThePlaceOfTheModel(t *testing.T) {
	t.Parallel()
	all := candidates(t, `
embed:
  model: a/b
  endpoints: [{huggingface: {}}, {tei: {url: "http://localhost:8080"}}]
  prefix: {document: "passage: "}
  normalize: false
  cut: 64
  pooling: mean
  in_flight: 3
  alternatives:
    - model: C/Name:v1.5
      endpoints: [{openai: {url: "http://localhost:8081/v1"}}]
      prefix: {query: "query: "}
    - {model: builtin, normalize: false, cut: 32}
`)
	if len(all) != 3 {
		t.Fatalf("%d candidates, want 3", len(all))
	}
	if e := all[0].Embed; e.Model != "a/b" || len(e.Endpoints) != 2 || len(e.Alternatives) != 0 || all[0].Index.SQLite != nil {
		t.Errorf("the first candidate is %+v", all[0])
	}
	e := all[1].Embed
	if e.Model != "C/Name:v1.5" || e.Endpoints[0].OpenAI == nil || e.Prefix != (configs.Prefix{Query: "query: "}) || !e.Normalize ||
		e.Cut != 0 || e.Pooling != "" || e.InFlight != 3 || len(e.Alternatives) != 0 {
		t.Errorf("the second candidate embeds by %+v", e)
	}
	if path := all[1].Index.SQLite.Path; path != "vecload-name-v1.5.db" {
		t.Errorf("the second candidate writes to %s", path)
	}
	if e := all[2].Embed; e.Model != configs.Builtin || len(e.Endpoints) != 0 || e.Normalize || e.Cut != 32 {
		t.Errorf("the third candidate embeds by %+v", e)
	}
}

func TestAnAlternativeHasAnIndexOfItsOwn(t *testing.T) {
	t.Parallel()
	const embed = `
embed:
  model: a/b
  endpoints: [{huggingface: {}}]
  alternatives: [{model: BAAI/bge-small-en-v1.5, endpoints: [{huggingface: {}}]}, {model: builtin, `
	docs := candidates(t, embed+`collection: other}]
index: {qdrant: {url: "http://localhost:6334", collection: docs, vector: v}}
`)
	if one, two := *docs[1].Index.Qdrant, *docs[2].Index.Qdrant; one.Collection != "docs-bge-small-en-v1.5" || two.Collection != "other" || one.Vector != "v" {
		t.Errorf("the alternatives go to %+v and %+v", one, two)
	}
	if main := docs[0].Index.Qdrant.Collection; main != "docs" {
		t.Errorf("the first candidate goes to %s", main)
	}
	files := candidates(t, embed+`path: other.db}]
index: {sqlite: {path: data/v1.2/index}}
`)
	if one, two := files[1].Index.SQLite.Path, files[2].Index.SQLite.Path; one != "data/v1.2/index-bge-small-en-v1.5" || two != "other.db" {
		t.Errorf("the alternatives go to %s and %s", one, two)
	}
}

func TestEndpointsNameThemselvesWithoutSecrets(t *testing.T) {
	t.Parallel()
	secret := configs.NewSecret("hf_secret")
	for want, endpoint := range map[string]configs.Endpoint{
		"huggingface https://h": {HuggingFace: &configs.HuggingFace{URL: "https://h", Token: secret}},
		"tei http://t:1":        {TEI: &configs.TEI{URL: "http://t:1", Token: secret}},
		"openai https://o/v1":   {OpenAI: &configs.OpenAI{URL: "https://o/v1", Token: secret, Model: "m"}},
		"tei":                   {TEI: &configs.TEI{}},
		"an endpoint":           {},
	} {
		if got := endpoint.Name(); got != want {
			t.Errorf("Name() = %q, want %q", got, want)
		}
	}
}

func TestPoolingIsForOneEndpointOfSeveral(t *testing.T) {
	t.Parallel()
	candidates(t, `embed: {model: a/b, pooling: mean, endpoints: [{tei: {url: "http://localhost:8080"}}, {huggingface: {}}]}`)
}
