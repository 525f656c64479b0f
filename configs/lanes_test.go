package configs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vecload/vecload/configs"
)

func parsed(t *testing.T, text string, env configs.Env) configs.Config {
	t.Helper()
	c, err := configs.Parse("a.yaml", []byte(text), env)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

// several has two alternatives for one vector and one for the other.
const several = `
source: {image: photo}
vectors:
  text:
    model: t/main
    endpoints: [{huggingface: {}}]
    in_flight: 3
    alternatives: [{model: builtin, normalize: false}]
  image:
    input: image
    model: i/main
    endpoints: [{sie: {url: "http://localhost:1"}}]
    alternatives:
      - {model: i/One, cut: 64, endpoints: [{sie: {url: "http://localhost:2"}}]}
      - {model: i/two, pooling: cls, endpoints: [{raw: {url: "http://localhost:3"}}]}
`

// summary is the models of the lanes, and where the index is.
func summary(c configs.Config) string {
	var models []string
	for _, lane := range c.Lanes() {
		models = append(models, lane.Vector+"="+lane.Embed.Model)
		if len(lane.Embed.Alternatives) > 0 {
			models = append(models, "with alternatives")
		}
	}
	place := configs.DefaultSQLitePath
	switch {
	case c.Index.Qdrant != nil:
		place = c.Index.Qdrant.Collection
	case c.Index.SQLite != nil:
		place = c.Index.SQLite.Path
	}
	return strings.Join(models, " ") + " in " + place
}

func TestOneVectorIsNamedByTheIndexOrByItsInput(t *testing.T) {
	t.Parallel()
	const image = "source: {image: photo}\nembed: {input: image, model: a/b, endpoints: [{raw: {url: \"http://localhost:1\"}}]}\n"
	const qdrant = `index: {qdrant: {url: "http://localhost:6334", collection: docs`
	for text, want := range map[string]string{
		"":                               "text",
		image:                            "image",
		qdrant + "}}":                    "text",
		image + qdrant + "}}":            "image",
		qdrant + ", vector: v}}":         "v",
		image + qdrant + ", vector: v}}": "v",
	} {
		c := parsed(t, text, configs.Env{})
		lanes := c.Lanes()
		if len(lanes) != 1 || lanes[0].Vector != want || lanes[0].Path != "embed" || lanes[0].Embed.Model != c.Embed.Model {
			t.Errorf("of %q the lanes are %+v, want one named %s", text, lanes, want)
		}
	}
}

func TestLanesAreInTheOrderOfTheirNames(t *testing.T) {
	t.Parallel()
	c := parsed(t, `vectors: {b: {in_flight: 2}, a.1: {in_flight: 1}, c: {in_flight: 3}}`, configs.Env{})
	var got []string
	for _, lane := range c.Lanes() {
		got = append(got, fmt.Sprintf("%s %s %d", lane.Vector, lane.Path, lane.Embed.InFlight))
	}
	if diff := cmp.Diff([]string{`a.1 vectors."a.1" 1`, "b vectors.b 2", "c vectors.c 3"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEachVectorBeginsWithTheDefaultsOfItsInput(t *testing.T) {
	t.Parallel()
	c := parsed(t, `
source: {image: photo}
vectors:
  text: {}
  image: {batch: {texts: 4}, model: a/b, endpoints: [{openai: {url: "http://localhost:1"}}], input: image}
`, configs.Env{})
	if diff := cmp.Diff(configs.DefaultEmbed(configs.InputText), *c.Vectors["text"]); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	want := configs.DefaultEmbed(configs.InputImage)
	want.Batch.Texts = 4
	want.Model = "a/b"
	if diff := cmp.Diff(want, *c.Vectors["image"], cmpopts.IgnoreFields(configs.Embed{}, "Endpoints")); diff != "" {
		t.Errorf("image (-want +got):\n%s", diff)
	}
	if want.Batch.Tokens != 0 || want.Batch.Bytes != 8*configs.MB {
		t.Errorf("a batch of images is %+v by default", want.Batch)
	}
}

func TestEmbedOfImagesHasTheDefaultsOfImages(t *testing.T) {
	t.Parallel()
	c := parsed(t, `
source: {image: photo}
embed: {input: image, model: a/b, endpoints: [{cohere: {}}], batch: {bytes: 1MB}}
`, configs.Env{})
	if want := (configs.Batch{Texts: 8, Bytes: configs.MB}); c.Embed.Batch != want {
		t.Errorf("batch = %+v, want %+v", c.Embed.Batch, want)
	}
}

func TestCandidatesTakeAsFewAlternativesAsTheyCan(t *testing.T) {
	t.Parallel()
	c := parsed(t, several, configs.Env{})
	var got []string
	for _, candidate := range c.Candidates() {
		if err := candidate.Validate(); err != nil {
			t.Errorf("%s:\n%v", summary(candidate), err)
		}
		got = append(got, summary(candidate))
	}
	want := []string{
		"image=i/main text=t/main in vecload.db",
		"image=i/One text=t/main in vecload-one.db",
		"image=i/two text=t/main in vecload-two.db",
		"image=i/main text=builtin in vecload-builtin.db",
		"image=i/One text=builtin in vecload-one-builtin.db",
		"image=i/two text=builtin in vecload-two-builtin.db",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCandidatesAreBounded(t *testing.T) {
	t.Parallel()
	c := configs.Config{Vectors: map[string]*configs.Embed{}}
	for i := range 20 {
		c.Vectors[fmt.Sprintf("v%02d", i)] = &configs.Embed{
			Model: "m", Alternatives: []configs.Alternative{{Model: "a"}, {Model: "b"}},
		}
	}
	all := c.Candidates()
	if len(all) != 256 {
		t.Fatalf("%d candidates, want 256", len(all))
	}
	if got := summary(all[40]); !strings.HasSuffix(got, "v19=b in vecload-b.db") {
		t.Errorf("the last that takes one alternative is %s", got)
	}
}

func TestChoicesAreTheModelAndItsAlternatives(t *testing.T) {
	t.Parallel()
	c := parsed(t, several, configs.Env{})
	image := c.Choices("image")
	if len(image) != 3 {
		t.Fatalf("%d choices, want 3", len(image))
	}
	for i, want := range []configs.Embed{
		{Model: "i/main", Normalize: true},
		{Model: "i/One", Normalize: true, Cut: 64},
		{Model: "i/two", Normalize: true, Pooling: configs.PoolingCLS},
	} {
		e := image[i]
		if e.Model != want.Model || e.Normalize != want.Normalize || e.Cut != want.Cut || e.Pooling != want.Pooling ||
			e.Input != configs.InputImage || e.Batch != configs.DefaultBatch(configs.InputImage) || e.Alternatives != nil {
			t.Errorf("choice %d is %+v", i, e)
		}
	}
	if text := c.Choices("text"); len(text) != 2 || text[1].Model != configs.Builtin || text[1].Normalize || text[1].InFlight != 3 {
		t.Errorf("the choices of text are %+v", text)
	}
	if none := c.Choices("sound"); none != nil {
		t.Errorf("a vector that does not exist has the choices %+v", none)
	}
}

func TestChosenRenamesTheIndexByEachAlternative(t *testing.T) {
	t.Parallel()
	c := parsed(t, several+`index: {qdrant: {url: "http://localhost:6334", collection: docs}}`, configs.Env{})
	for want, choice := range map[string]map[string]int{
		"image=i/main text=t/main in docs":             nil,
		"image=i/two text=t/main in docs-two":          {"image": 2, "text": 0},
		"image=i/One text=builtin in docs-one-builtin": {"text": 1, "image": 1},
	} {
		if got := summary(c.Chosen(choice)); got != want {
			t.Errorf("Chosen(%v) = %s, want %s", choice, got, want)
		}
	}
	if got := summary(c); !strings.HasSuffix(got, "in docs") || strings.Count(got, "with alternatives") != 2 {
		t.Errorf("the configuration itself is now %s", got)
	}
}

func TestWithLeavesTheConfigurationAsItWas(t *testing.T) {
	t.Parallel()
	c := parsed(t, several, configs.Env{})
	other := c.With("image", configs.Embed{Model: "x/y"})
	if got := summary(other); got != "image=x/y text=t/main with alternatives in vecload.db" {
		t.Errorf("With = %s", got)
	}
	if got := c.Vectors["image"].Model; got != "i/main" {
		t.Errorf("With changed the model of its receiver to %s", got)
	}
	one := configs.Default()
	if got := one.With("text", configs.Embed{Model: "x/y"}); got.Embed.Model != "x/y" || one.Embed.Model != configs.Builtin {
		t.Errorf("With = %+v of %+v", got.Embed, one.Embed)
	}
}

func TestEveryVectorHasTheTokenOfTheLogin(t *testing.T) {
	t.Parallel()
	env := configs.Env{Lookup: func(name string) (string, bool) { return "hf_token", name == "HF_TOKEN" }}
	c := parsed(t, `
vectors:
  a: {model: a/b, endpoints: [{huggingface: {}}]}
  b: {model: a/b, endpoints: [{huggingface: {}}], alternatives: [{model: c/d, endpoints: [{huggingface: {}}]}]}
`, env)
	for _, lane := range c.Lanes() {
		for _, embed := range c.Choices(lane.Vector) {
			if token := embed.Endpoints[0].HuggingFace.Token.Reveal(); token != "hf_token" {
				t.Errorf("%s of %s has the token %q", embed.Model, lane.Vector, token)
			}
		}
	}
}

func TestAnAliasedVectorIsOneOfItsOwn(t *testing.T) {
	t.Parallel()
	c := parsed(t, "vectors:\n  a: &a {in_flight: 2}\n  b: *a\n", configs.Env{})
	c.Vectors["a"].InFlight = 7
	if got := c.Vectors["b"].InFlight; got != 2 {
		t.Errorf("in_flight = %d, want 2", got)
	}
}
