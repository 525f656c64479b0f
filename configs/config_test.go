package configs_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vecload/vecload/configs"
)

func TestDefaultIsValid(t *testing.T) {
	t.Parallel()
	c := configs.Default()
	if err := c.Validate(); err != nil {
		t.Errorf("Validate() = %v, want nil", err)
	}
}

func TestEmptyFileIsTheDefault(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# nothing\n", "---\n", "{}", "\ufeff# with a mark\n"} {
		c, err := configs.Parse("a.yaml", []byte(text), configs.Env{})
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
			continue
		}
		if c.Embed.Model != configs.Builtin || c.Embed.InFlight != 8 || c.Index.SQLite != nil {
			t.Errorf("Parse(%q) = %+v, want the default", text, c)
		}
	}
}

func TestFileOverridesTheDefaultKeyByKey(t *testing.T) {
	t.Parallel()
	c, err := configs.Parse("a.yaml", []byte(`
source: {path: [a.jsonl, b/], payload: title}
chunk: {max_tokens: 100}
embed: {model: a/b, batch: {bytes: 512KiB}, normalize: false, pooling: cls, endpoints: [{huggingface: {}}]}
index: {qdrant: {url: "http://localhost:6334", collection: docs}}
`), configs.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	type part struct {
		Path, Payload []string
		Chunk         configs.Chunk
		Batch         configs.Batch
		Normalize     bool
		Pooling       configs.Pooling
		Endpoint      configs.URL
		Vector        string
	}
	got := part{
		c.Source.Path, c.Source.Payload, *c.Chunk, c.Embed.Batch, c.Embed.Normalize, c.Embed.Pooling,
		c.Embed.Endpoints[0].HuggingFace.URL, c.Index.Qdrant.Vector,
	}
	want := part{
		[]string{"a.jsonl", "b/"},
		[]string{"title"},
		configs.Chunk{By: configs.BySentence, MaxTokens: 100, Overlap: 32},
		configs.Batch{Texts: 32, Tokens: 8192, Bytes: 512 * configs.KiB},
		false, configs.PoolingCLS, "https://router.huggingface.co", "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestVariablesChangeValuesAndNeverTheStructure(t *testing.T) {
	t.Parallel()
	env := configs.Env{Lookup: func(name string) (string, bool) {
		value, ok := map[string]string{
			"DIR": "x\nembed: {model: evil}", "HOST": "qdrant.internal", "AGAIN": "${DIR}",
		}[name]
		return value, ok
	}}
	c, err := configs.Parse("a.yaml", []byte(`
source: {path: ["${DIR}/a.jsonl", "${AGAIN}"], text: "${DIR}"}
index: {qdrant: {url: "https://${HOST}:6334", collection: "${DIR}"}}
`), env)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"x\nembed: {model: evil}/a.jsonl", "${DIR}"}; !cmp.Equal(c.Source.Path, want) {
		t.Errorf("source.path = %q, want %q", c.Source.Path, want)
	}
	if c.Embed.Model != configs.Builtin || c.Index.Qdrant.URL != "https://qdrant.internal:6334" {
		t.Errorf("model, url = %q, %q", c.Embed.Model, c.Index.Qdrant.URL)
	}
	if c.Source.Text != "${DIR}" || c.Index.Qdrant.Collection != "${DIR}" {
		t.Errorf("text, collection = %q, %q, want them as written", c.Source.Text, c.Index.Qdrant.Collection)
	}
}

func TestProblemOfAFlagIsToldByItsName(t *testing.T) {
	t.Parallel()
	c, err := configs.Parse("a.yaml", []byte("embed:\n  in_flight: 4\n  cut: 70000\n"), configs.Env{})
	if err != nil {
		t.Fatal(err)
	}
	before := c
	c.Embed.InFlight = 0
	c.FromFlag("embed.in_flight", "--in-flight")
	want := "--in-flight: must be from 1 to 1024, is 0\na.yaml:3:8: embed.cut: must be from 0 to 65536, is 70000"
	if got := message(c.Validate()); got != want {
		t.Errorf("Validate:\n%s\nwant\n%s", got, want)
	}
	before.Embed.InFlight = 0
	if got := message(before.Validate()); !strings.HasPrefix(got, "a.yaml:2:14: embed.in_flight:") {
		t.Errorf("a copy made before the flag says %q, want the position in the file", got)
	}
}

func TestProblemWithoutAFileHasNoPosition(t *testing.T) {
	t.Parallel()
	c := configs.Default()
	c.Embed.Model = "a/b"
	c.Embed.InFlight = 0
	c.FromFlag("embed.in_flight", "--in-flight")
	want := `embed.endpoints: is missing: the model "a/b" needs a server (huggingface, tei, openai, ollama, cohere, or server where the kind is not known); only "builtin" needs none` +
		"\n--in-flight: must be from 1 to 1024, is 0"
	if got := message(c.Validate()); got != want {
		t.Errorf("Validate:\n%s\nwant\n%s", got, want)
	}
}

func TestBytesReadAndWrite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want configs.Bytes
		back string
	}{
		{"1MB", 1_000_000, "1MB"},
		{"512KiB", 524_288, "512KiB"},
		{"1024", 1024, "1KiB"},
		{"0", 0, "0"},
		{"7 B", 7, "7"},
		{"2 GiB", 2 << 30, "2GiB"},
	} {
		var b configs.Bytes
		if err := b.UnmarshalText([]byte(tt.text)); err != nil || b != tt.want || b.String() != tt.back {
			t.Errorf("UnmarshalText(%q) = %d (%v), %v, want %d (%s)", tt.text, b, b, err, tt.want, tt.back)
		}
	}
	for _, text := range []string{"", "MB", "-1", "1.5MB", "1mb", "1TB", "9999999999GiB", "1 M B"} {
		var b configs.Bytes
		if err := b.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("UnmarshalText(%q) = %d, want an error", text, b)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
