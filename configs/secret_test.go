package configs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/vecload/vecload/configs"
)

const theSecret = "hf-0123456789-very-secret"

// withSecrets has a secret in every place that takes one.
const withSecrets = `
embed:
  model: a/b
  endpoints:
    - huggingface: {token: "${TOKEN}"}
      tei: {url: "https://tei", token: "${TOKEN}"}
      openai: {url: "https://openai/v1", token: "file:/run/secret"}
index:
  qdrant: {url: "https://qdrant", collection: docs, api_key: "${TOKEN}"}
`

func TestSecretIsNeverShown(t *testing.T) {
	t.Parallel()
	c, err := configs.Parse("a.yaml", []byte(withSecrets), secretEnv())
	if err != nil {
		t.Fatal(err)
	}
	for i, secret := range secretsOf(&c) {
		if got := secret.Reveal(); got != theSecret {
			t.Fatalf("secret %d = %q, want it to be resolved", i, got)
		}
	}
	shown := map[string]string{"validate": fmt.Sprint(c.Validate())}
	endpoint := c.Embed.Endpoints[0]
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown[verb] = fmt.Sprintf(verb, c) + fmt.Sprintf(verb, *endpoint.HuggingFace) + fmt.Sprintf(verb, *endpoint.TEI) +
			fmt.Sprintf(verb, *endpoint.OpenAI) + fmt.Sprintf(verb, *c.Index.Qdrant) + fmt.Sprintf(verb, &endpoint.TEI.Token)
	}
	jsonText, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	shown["json"] = string(jsonText)
	yamlText, err := yaml.Dump(c)
	if err != nil {
		t.Fatal(err)
	}
	shown["yaml"] = string(yamlText)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("", "config", c, "token", endpoint.TEI.Token)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "config", c, "token", endpoint.TEI.Token)
	shown["log"] = log.String()
	for how, text := range shown {
		if text == "" {
			t.Errorf("%s shows nothing: the test looks at the wrong thing", how)
		}
		if strings.Contains(text, theSecret) || strings.Contains(text, fmt.Sprintf("%x", theSecret)) {
			t.Errorf("%s shows the secret: %s", how, text)
		}
	}
	for _, how := range []string{"json", "yaml", "%v"} {
		if !strings.Contains(shown[how], "<secret>") && !strings.Contains(shown[how], `\u003csecret`) {
			t.Errorf("%s = %s, want <secret> where a secret is", how, shown[how])
		}
	}
}

func TestSecretThatIsWrittenOutIsRefusedAndNotRepeated(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(withSecrets, "${TOKEN}", theSecret)
	err := parse(text, secretEnv())
	if err == nil || strings.Count(err.Error(), "must be ${NAME} or file:PATH") != 3 {
		t.Fatalf("Parse = %v, want three problems about secrets", err)
	}
	if strings.Contains(err.Error(), theSecret) {
		t.Errorf("the error shows the secret: %v", err)
	}
	for _, bad := range []string{
		"index: {qdrant: {url: 'https://me:" + theSecret + "@host'}}",
		"index: {qdrant: {url: 'https://host?key=" + theSecret + "'}}",
		"index: {qdrant: {url: ':// " + theSecret + "'}}",
	} {
		err := parse(bad, secretEnv())
		if err == nil || strings.Contains(err.Error(), theSecret) {
			t.Errorf("Parse(%s) = %v, want an error without the secret", bad, err)
		}
	}
}

func TestParseSecretSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	env := configs.Env{
		Lookup: func(name string) (string, bool) {
			value, ok := map[string]string{"OK": " " + theSecret + "\n", "EMPTY": " ", "BROKEN": "a\nb", "DIR": "/run"}[name]
			return value, ok
		},
		ReadFile: func(name string) ([]byte, fs.FileMode, error) {
			switch filepath.ToSlash(name) {
			case "/run/ok":
				return []byte("\n " + theSecret + " \r\nsecond line\n"), 0o444, nil
			case "/run/empty":
				return []byte(" \n\n"), 0o400, nil
			case "/run/open":
				return []byte(theSecret), 0o666, nil
			}
			return nil, 0, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		},
	}
	for _, tt := range []struct{ text, want string }{
		{"${OK}", ""},
		{"file:/run/ok", ""},
		{"file:${DIR}/ok", ""},
		{"${NOPE}", "the environment variable NOPE is not set"},
		{"${EMPTY}", "the environment variable EMPTY is empty"},
		{"${BROKEN}", "holds a space, a line break or a character that no token has"},
		{"file:/run/none", `cannot read the file "/run/none": file does not exist`},
		{"file:/run/empty", `the file "/run/empty" is empty`},
		{"file:/run/open", `the file "/run/open" can be written by everybody; take that right away (chmod o-w)`},
		{"file:", "gives no path after file"},
		{"file:${NOPE}/x", "the environment variable NOPE is not set"},
		{"$OK", "must be ${NAME} or file:PATH, never the secret itself"},
		{"x${OK}", "must be ${NAME} or file:PATH, never the secret itself"},
		{"${1A}", "must be ${NAME} or file:PATH, never the secret itself"},
		{"", "must be ${NAME} or file:PATH, never the secret itself"},
	} {
		secret, err := configs.ParseSecret(tt.text, env)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("ParseSecret(%q) = %q, want %q", tt.text, got, tt.want)
		}
		if err == nil && secret.Reveal() != theSecret || err != nil && !secret.IsZero() {
			t.Errorf("ParseSecret(%q) = %q, want the secret or none", tt.text, secret.Reveal())
		}
	}
}

func TestSecretFileIsReadFromTheFileSystem(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "token")
	write(t, path, theSecret+"\n")
	secret, err := configs.ParseSecret("file:"+path, configs.Env{})
	if err != nil || secret.Reveal() != theSecret {
		t.Errorf("ParseSecret = %q, %v, want the secret", secret.Reveal(), err)
	}
	for _, path := range []string{folder, filepath.Join(folder, "none")} {
		if _, err := configs.ParseSecret("file:"+path, configs.Env{}); err == nil {
			t.Errorf("ParseSecret(file:%s) = nil, want an error", path)
		}
	}
}

func TestHuggingFaceTokenIsFoundWhereItsClientFindsIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		vars map[string]string
		want string // the variable's value, or the path that is read
	}{
		{"first variable", map[string]string{"HF_TOKEN": "a", "HUGGING_FACE_HUB_TOKEN": "b"}, "a"},
		{"second variable", map[string]string{"HF_TOKEN": "", "HUGGING_FACE_HUB_TOKEN": "b", "HOME": "/h"}, "b"},
		{"named file", map[string]string{"HF_TOKEN_PATH": "/t", "HF_HOME": "/hf"}, "/t"},
		{"its home", map[string]string{"HF_HOME": "/hf", "HOME": "/h"}, "/hf/token"},
		{"cache", map[string]string{"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/c/huggingface/token"},
		{"home", map[string]string{"HOME": "/h"}, "/h/.cache/huggingface/token"},
		{"nowhere", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := configs.Env{
				Lookup: func(name string) (string, bool) { v, ok := tt.vars[name]; return v, ok },
				ReadFile: func(name string) ([]byte, fs.FileMode, error) {
					return []byte(filepath.ToSlash(name)), 0o600, nil
				},
			}
			if got := configs.HuggingFaceToken(env).Reveal(); got != tt.want {
				t.Errorf("HuggingFaceToken = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestHuggingFaceTokenGoesToItsRouterOnly(t *testing.T) {
	t.Parallel()
	env := configs.Env{Lookup: func(name string) (string, bool) { return theSecret, name == "HF_TOKEN" || name == "OTHER" }}
	for _, tt := range []struct {
		endpoint string
		want     bool
	}{
		{"{}", true},
		{"{url: 'https://router.huggingface.co'}", true},
		{"{url: 'https://ROUTER.huggingface.co:443/x'}", true},
		{"{url: 'http://router.huggingface.co'}", false},
		{"{url: 'https://mine.endpoints.huggingface.cloud'}", false},
		{"{url: 'https://router.huggingface.co.evil.example'}", false},
		{"{url: 'https://evil.example/router.huggingface.co'}", false},
		{"{url: 'https://evil.example', token: '${OTHER}'}", true},
	} {
		c, err := configs.Parse("", []byte("embed: {model: a/b, endpoints: [{huggingface: "+tt.endpoint+"}]}"), env)
		if err != nil {
			t.Errorf("%s: %v", tt.endpoint, err)
			continue
		}
		if got := !c.Embed.Endpoints[0].HuggingFace.Token.IsZero(); got != tt.want {
			t.Errorf("%s: has a token is %v, want %v", tt.endpoint, got, tt.want)
		}
	}
}

func secretsOf(c *configs.Config) []configs.Secret {
	e := c.Embed.Endpoints[0]
	return []configs.Secret{e.HuggingFace.Token, e.TEI.Token, e.OpenAI.Token, c.Index.Qdrant.APIKey}
}

func secretEnv() configs.Env {
	return configs.Env{
		Lookup:   func(string) (string, bool) { return theSecret, true },
		ReadFile: secretFile(theSecret, 0o400),
	}
}

// secretFile is a file system in which every file holds the text.
func secretFile(text string, mode fs.FileMode) func(string) ([]byte, fs.FileMode, error) {
	return func(name string) ([]byte, fs.FileMode, error) {
		if name == "" {
			return nil, 0, errors.New("no name")
		}
		return []byte(text + "\n"), mode, nil
	}
}

func TestTokenOfTheLoginIsNoKeyOfAnotherProvider(t *testing.T) {
	t.Parallel()
	env := func(token string) configs.Env {
		return configs.Env{Lookup: func(name string) (string, bool) { return token, name == "HF_TOKEN" }}
	}
	for _, test := range []struct {
		token, provider string
		given, direct   bool
	}{
		{"hf_x", "scaleway", true, false},
		{"other", "scaleway", false, false},
		{"other", "auto", true, false},
		{"hf_x", "hf-inference", true, false},
	} {
		c, err := configs.Parse("a.yaml", []byte("embed: {model: a/b, endpoints: [{huggingface: {provider: "+test.provider+"}}]}"), env(test.token))
		if err != nil {
			t.Fatal(err)
		}
		h := c.Embed.Endpoints[0].HuggingFace
		if h.Token.IsZero() == test.given || h.Direct() != test.direct {
			t.Errorf("%s for %s: given %v, direct %v", test.token, test.provider, !h.Token.IsZero(), h.Direct())
		}
	}
	c, err := configs.Parse("a.yaml", []byte(`embed: {model: a/b, endpoints: [{huggingface: {provider: scaleway, token: "${KEY}"}}]}`),
		configs.Env{Lookup: func(name string) (string, bool) { return "scw-key", name == "KEY" }})
	if err != nil || !c.Embed.Endpoints[0].HuggingFace.Direct() {
		t.Errorf("a key of the provider's own that was named: %v, want it to go to the provider", err)
	}
}

func TestHubIsThatOfTheOfficialClient(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]configs.URL{"": configs.DefaultHubURL, "http://mirror:8080/hf": "http://mirror:8080/hf", "mirror": ""} {
		got, err := configs.HubURL(configs.Env{Lookup: func(name string) (string, bool) { return value, name == "HF_ENDPOINT" }})
		if got != want || (err != nil) != (want == "") {
			t.Errorf("HF_ENDPOINT=%q: %q, %v, want %q", value, got, err, want)
		}
	}
}
