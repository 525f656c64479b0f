package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// secrets are the values of credentials by name, each made to be found again
// in any form.
type secrets struct {
	values map[string]string
	forms  map[string]string // a form: the name of its secret
}

func newSecrets() *secrets { return &secrets{map[string]string{}, map[string]string{}} }

// add returns a new secret.
func (s *secrets) add(name, prefix string) string {
	value := prefix + "S3CR3T" + strings.ToUpper(name) + `+/"<&>%'\=`
	s.values[name] = value
	escaped, _ := json.Marshal(value)
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
	for _, form := range []string{
		value, strconv.Quote(value), string(escaped), plain.String(), url.QueryEscape(value), url.PathEscape(value), "S3CR3T" + strings.ToUpper(name),
	} {
		s.forms[strings.Trim(strings.TrimSpace(form), `"`)] = name
	}
	// Base64 of a text that holds the secret holds one of three, whatever
	// stands before it; the characters at its ends depend on the neighbours.
	for before := range 3 {
		padded := append(make([]byte, before), value...)
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := encoding.EncodeToString(padded)
			s.forms[encoded[4:len(encoded)-4]] = name
		}
	}
	return value
}

// search reports each secret that a text holds.
func (s *secrets) search(t *testing.T, where string, text []byte) {
	t.Helper()
	for form, name := range s.forms {
		if i := bytes.Index(text, []byte(form)); i >= 0 {
			t.Errorf("%s holds the secret %s: …%q…", where, name, text[max(0, i-80):min(len(text), i+len(form)+20)])
		}
	}
}

// searchFolder reads every file that the program left.
func (s *secrets) searchFolder(t *testing.T, folder string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		s.search(t, path, append([]byte(path+"\n"), data...))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// vecload runs the program, wants it to fail or not, and searches what it said
// and left.
func (s *secrets) vecload(t *testing.T, c place, args ...string) result {
	t.Helper()
	r := c.vecload(t, args...)
	s.search(t, "what is said by "+strings.Join(args, " "), []byte(r.all()))
	s.searchFolder(t, c.dir)
	return r
}

// gossip is a server that fails in every way there is, and tells all that it
// was sent: the first part of the path says how.
func gossip(t *testing.T) *httptest.Server {
	t.Helper()
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := r.Header.Get("Authorization")
		how, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		w.Header().Set("X-Request-Id", sent)
		w.Header().Set("Set-Cookie", "token="+url.QueryEscape(sent))
		w.Header().Set("Content-Type", "application/json")
		status, known := map[string]int{"denied": 401, "absent": 404, "limited": 429, "broken": 500, "long": 413, "poor": 402, "wrong": 422}[how]
		switch {
		case known:
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]any{
				"error": "you sent " + sent, "message": r.Header, "detail": base64.StdEncoding.EncodeToString([]byte(sent)), "code": sent,
			})
		case how == "shape":
			_ = json.NewEncoder(w).Encode(map[string]any{"data": sent, "embeddings": sent, "error": map[string]any{"message": sent}})
		case how == "page":
			w.Header().Set("Content-Type", "text/html; charset="+url.QueryEscape(sent))
			_, _ = fmt.Fprintf(w, "<html>%s</html>", sent)
		case how == "moved":
			w.Header().Set("Location", "https://elsewhere.example/"+url.PathEscape(sent)+"?token="+url.QueryEscape(sent))
			w.WriteHeader(http.StatusTemporaryRedirect)
		case how == "garbage":
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_, _ = conn.Write([]byte(sent + "\r\n\r\n"))
				_ = conn.Close()
			}
		case how == "silent":
			select {
			case <-r.Context().Done():
			case <-ended:
			}
		}
	}))
	t.Cleanup(func() { close(ended); server.Close() })
	return server
}

// kindsOfTexts are the endpoints that make vectors of texts, and raw, which
// does of images only.
func kindsOfTexts() []string {
	return []string{"tei", "openai", "ollama", "cohere", "sie", "server", "inference_endpoint", "huggingface"}
}

// waysToFail are those of gossip.
func waysToFail() []string {
	return []string{"denied", "absent", "limited", "broken", "long", "poor", "wrong", "shape", "page", "moved", "garbage", "silent"}
}

func TestNoSecretIsToldWhateverAServerAnswers(t *testing.T) {
	t.Parallel()
	server, all := gossip(t), newSecrets()
	env := []string{}
	token := func(name string) string {
		env = append(env, strings.ToUpper(name)+"="+all.add(name, ""))
		return "${" + strings.ToUpper(name) + "}"
	}
	endpoint := func(kind, way string) string {
		address := server.URL + "/" + way
		switch way {
		case "refused":
			address = "http://127.0.0.1:1/"
		case "plain":
			address = strings.Replace(server.URL, "http:", "https:", 1)
		}
		return fmt.Sprintf("{%s: {url: %q, token: %q}}", kind, address, "${"+strings.ToUpper(kind)+"}")
	}
	for _, kind := range append(kindsOfTexts(), "raw") {
		token(kind)
	}
	texts, images := []string{}, []string{}
	ways := append(waysToFail(), "refused", "plain")
	for _, way := range ways {
		for _, kind := range kindsOfTexts() {
			if way == "silent" && kind != "tei" {
				continue // which would make the test slow, and tells nothing
			}
			texts = append(texts, endpoint(kind, way))
		}
		images = append(images, endpoint("raw", way))
	}
	const limits = "timeout: 400ms, warm_up: 0s, retry_for: 0s"
	every := fmt.Sprintf("vectors:\n  text: {model: a/b, %s, endpoints: [%s]}\n  image: {input: image, model: a/c, %s, endpoints: [%s]}\n",
		limits, strings.Join(texts, ", "), limits, strings.Join(images, ", "))
	for _, args := range [][]string{{"resolve"}, {"resolve", "--json"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			c := newPlace(t, env...)
			c.put(t, "vecload.yaml", "source: {path: docs.jsonl, image: image}\n"+every)
			all.vecload(t, c, args...).want(t, exitDone, "you sent …", "redirect", "not speak HTTP", "refused")
		})
	}
	for i, way := range ways {
		t.Run("run against "+way, func(t *testing.T) {
			t.Parallel()
			c := newPlace(t, env...)
			c.put(t, "docs.jsonl", "{\"id\":\"a\",\"text\":\"one\"}\n{\"id\":\"b\"}\n")
			kinds := kindsOfTexts()
			c.put(t, "vecload.yaml", fmt.Sprintf("source: {path: docs.jsonl, id: id, text: text}\nembed: {model: a/b, %s, endpoints: [%s, %s]}\n",
				limits, endpoint(kinds[i%len(kinds)], way), endpoint(kinds[(i+3)%len(kinds)], way)))
			args := []string{"run", "--report", "report.json"}
			if i%2 == 0 {
				args = append(args, "--json")
			}
			if r := all.vecload(t, c, args...); r.code == exitDone {
				t.Errorf("the run succeeded:\n%s", r.all())
			}
			if _, err := os.Stat(filepath.Join(c.dir, "report.json")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNoSecretOfAConfigurationIsToldWhenItIsWrong(t *testing.T) {
	t.Parallel()
	all := newSecrets()
	literal, file := all.add("literal", ""), all.add("file", "")
	c := newPlace(t, "SPACED=two words "+literal, "HF_ENDPOINT=https://user:"+url.QueryEscape(literal)+"@hub.example/?api_key="+url.QueryEscape(literal))
	secret := filepath.Join(filepath.Dir(c.dir), "secret")
	if err := os.WriteFile(secret, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(secret, 0o666); err != nil { //nolint:gosec // which is what is refused
		t.Fatal(err)
	}
	// What does not need quotes in YAML: the rest is of no matter here.
	plain := "S3CR3TLITERAL"
	for name, text := range map[string]string{
		"written out":             "embed: {model: a/b, endpoints: [{tei: {url: 'https://h', token: " + plain + "}}]}",
		"without a space":         "embed: {model: a/b, endpoints: [{tei: {token:" + plain + "}}]}",
		"without a colon":         "embed:\n  endpoints:\n    - tei:\n        token " + plain + ":\n",
		"given twice":             "embed:\n  endpoints:\n    - tei:\n        token=" + plain + ": a\n        token=" + plain + ": b\n",
		"as an alias":             "embed: {endpoints: [{tei: {token: *" + plain + "}}]}",
		"as a tag":                "embed: {endpoints: [{tei: {token: !" + plain + " x}}]}",
		"as a list":               "embed: {endpoints: [{tei: {token: [" + plain + "]}}]}",
		"in place of a section":   "embed: {endpoints: [{tei: " + plain + "}]}",
		"in an address":           "embed: {endpoints: [{tei: {url: 'https://user:" + plain + "@host'}}]}",
		"in a query":              "embed: {endpoints: [{tei: {url: 'https://host/?api_key=" + plain + "'}}]}",
		"in a wrong address":      "embed: {endpoints: [{tei: {url: 'https://" + plain + "%zz'}}]}",
		"in an index's address":   "index: {qdrant: {url: 'https://" + plain + "@host', collection: c, api_key: " + plain + "}}",
		"in a wrong variable":     "embed: {endpoints: [{tei: {token: \"${" + plain + "\"}}]}",
		"with a space":            "embed: {endpoints: [{tei: {url: 'https://h', token: \"${SPACED}\"}}]}",
		"in a file that is open":  "embed: {endpoints: [{tei: {url: 'https://h', token: 'file:" + secret + "'}}]}",
		"in clear text":           "embed: {model: a/b, endpoints: [{tei: {url: 'http://h', token: \"${SPACED}\"}}]}",
		"in a string left open":   "embed: {endpoints: [{tei: {token: \"" + plain + "}}]}",
		"in a wrong escape":       "embed: {endpoints: [{tei: {token: \"\\" + plain + "\"}}]}",
		"behind a tab":            "embed:\n\ttoken: " + plain,
		"as a number that is not": "embed: {model: a/b, in_flight: " + plain + "x}",
	} {
		if name == "as a number that is not" {
			continue // it is shown, so that it can be mended: no secret stands there
		}
		path := c.put(t, "wrong.yaml", text)
		r := c.vecload(t, "check", "-c", path)
		all.search(t, name, []byte(r.all()))
		r.want(t, exitMisuse, "wrong.yaml")
	}
	if err := os.Remove(filepath.Join(c.dir, "wrong.yaml")); err != nil {
		t.Fatal(err)
	}
	c.put(t, "docs.jsonl", "{\"id\":\"a\",\"text\":\"one\"}\n")
	for _, args := range [][]string{
		{"run", "docs.jsonl", "--model", "a/b", "--openai", "https://host/v1?api_key=" + literal},
		{"run", "docs.jsonl", "--model", "a/b", "--openai", "https://user:" + url.QueryEscape(literal) + "@host/v1"},
		{"run", "docs.jsonl", "--model", "a/b", "--openai", "https://host", "--token", literal},
		{"run", "docs.jsonl", "--qdrant", "https://host", "--collection", "c", "--api-key", literal},
		{"run", "docs.jsonl", "--qdrant", "https://" + url.QueryEscape(literal) + "@host", "--collection", "c"},
		{"run", "docs.jsonl", "--model", "a/b", "--huggingface", "https://host/?" + literal},
		{"resolve", "a/b"}, // with HF_ENDPOINT
	} {
		all.vecload(t, c, args...).want(t, exitMisuse)
	}
}
