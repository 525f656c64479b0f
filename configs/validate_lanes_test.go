package configs_test

import (
	"testing"

	"github.com/vecload/vecload/configs"
)

const imagesOnly = `
embed:
  input: image
  model: a/b
  endpoints: [{openai: {url: "http://localhost:7997", images: message}}]
`

func TestASearchNeedsNoFieldOfImages(t *testing.T) {
	t.Parallel()
	c := parsed(t, imagesOnly, configs.Env{})
	for name, read := range map[string]func(c *configs.Config){
		"a path":      func(c *configs.Config) { c.Source.Path = []string{"docs.jsonl"} },
		"a flag":      func(c *configs.Config) { c.FromFlag("source", "--source") },
		"an argument": func(c *configs.Config) { c.Source.Path = []string{"-"} },
	} {
		run := c
		read(&run)
		if run.Validate() == nil {
			t.Errorf("with %s, nothing is missing", name)
		}
		run.Source.Image = "photo"
		if err := run.Validate(); err != nil {
			t.Errorf("with %s and a field of images: %v", name, err)
		}
	}
}

func TestFlagsForOneVectorAreNotForSeveral(t *testing.T) {
	t.Parallel()
	c := parsed(t, "vectors: {text: {}}\n", configs.Env{})
	c.FromFlag("embed.model", "--model")
	c.FromFlag("embed.batch.texts", "--batch")
	c.FromFlag("vectors.text.in_flight", "--in-flight")
	want := "--batch: is for a configuration with one vector, and this one has vectors; set it there for each\n" +
		"--model: is for a configuration with one vector, and this one has vectors; set it there for each"
	if got := message(c.Validate()); got != want {
		t.Errorf("Validate:\n%s\nwant\n%s", got, want)
	}
}

func TestProblemOfAVectorIsToldByItsFlagOrItsPlace(t *testing.T) {
	t.Parallel()
	c := parsed(t, "vectors:\n  text: {in_flight: 1}\n  two: {}\n", configs.Env{})
	c.Vectors["text"].InFlight = 0
	c.Vectors["two"].InFlight = 0
	c.FromFlag("vectors.two.in_flight", "--in-flight")
	want := "--in-flight: must be from 1 to 1024, is 0\na.yaml:2:21: vectors.text.in_flight: must be from 1 to 1024, is 0"
	if got := message(c.Validate()); got != want {
		t.Errorf("Validate:\n%s\nwant\n%s", got, want)
	}
}

func TestVectorsWithoutAFileAreChecked(t *testing.T) {
	t.Parallel()
	c := configs.Default()
	c.Vectors = map[string]*configs.Embed{}
	want := "vectors: names no vector; give each a name, such as text, and below that what embed has"
	if got := message(c.Validate()); got != want {
		t.Errorf("Validate:\n%s\nwant\n%s", got, want)
	}
	text := configs.DefaultEmbed(configs.InputText)
	c.Vectors["text"] = &text
	if err := c.Validate(); err != nil {
		t.Errorf("Validate: %v", err)
	}
}

func TestServersOfImagesAreAccepted(t *testing.T) {
	t.Parallel()
	parsed(t, `
source: {image: photo, image_folder: photos, image_urls: true}
embed:
  input: image
  model: a/b
  pooling: mean
  prefix: {query: "a photo of "}
  endpoints:
    - openai: {url: "http://localhost:1", images: modality}
    - cohere: {url: "http://localhost:2"}
    - sie: {url: "http://localhost:3", model: other}
    - raw: {url: "http://localhost:4/"}
`, configs.Env{})
}

func TestSIEIsForTextsToo(t *testing.T) {
	t.Parallel()
	parsed(t, `embed: {model: a/b, endpoints: [{sie: {url: "http://localhost:3"}}]}`, configs.Env{})
}
