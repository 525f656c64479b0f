package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

func TestNoEndpointIsFollowedElsewhere(t *testing.T) {
	t.Parallel()
	var arrived, followed atomic.Int64
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) })
	other, secure := httptest.NewServer(count), httptest.NewTLSServer(count)
	t.Cleanup(other.Close)
	t.Cleanup(secure.Close)
	status := map[string]int{"port": 301, "host": 302, "tls": 307, "same": 308, "relative": 303}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		way, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		target := map[string]string{
			"port": other.URL, "host": strings.Replace(other.URL, "127.0.0.1", "localhost", 1), "tls": secure.URL, "same": "http://" + r.Host + "/followed", "relative": "/followed",
		}[way]
		if target == "" {
			followed.Add(1)
			return
		}
		arrived.Add(1)
		http.Redirect(w, r, target+"/"+rest, status[way])
	}))
	t.Cleanup(server.Close)
	var texts, images []string
	for way := range status {
		for _, kind := range append(kindsOfTexts(), "raw") {
			endpoint := fmt.Sprintf("{%s: {url: %s/%s, token: \"${TOKEN}\"}}", kind, server.URL, way)
			if kind == "raw" {
				images = append(images, endpoint)
			} else {
				texts = append(texts, endpoint)
			}
		}
	}
	c := newPlace(t, "TOKEN=a-token")
	c.put(t, "vecload.yaml", fmt.Sprintf(`source: {path: docs.jsonl, image: image}
vectors:
  text: {model: a/b, warm_up: 0s, retry_for: 0s, endpoints: [%s]}
  image: {input: image, model: a/c, warm_up: 0s, retry_for: 0s, endpoints: [%s]}
`, strings.Join(texts, ", "), strings.Join(images, ", ")))
	c.vecload(t, "resolve").want(t, exitMisuse, "redirects are not followed", "the server redirects to "+other.URL)
	if n := arrived.Load(); n < int64(len(texts)+len(images)) {
		t.Errorf("%d requests arrived, want one for each of %d endpoints at least", n, len(texts)+len(images))
	}
	if n := followed.Load(); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

// huggingFace are the hosts that a token of Hugging Face is meant for.
const (
	theHub    = "huggingface.co"
	theRouter = "router.huggingface.co"
)

func TestTheTokenOfTheLoginGoesToHuggingFaceAlone(t *testing.T) {
	t.Parallel()
	for name, where := range map[string]struct{ env, file string }{
		"by HF_TOKEN":           {env: "HF_TOKEN"},
		"by the login's file":   {file: ".cache/huggingface/token"},
		"by its older variable": {env: "HUGGING_FACE_HUB_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := newSecrets()
			token, password := all.add("login", "hf_"), all.add("proxy", "")
			seen := make(chan string, 100)
			world := newInternet(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen <- r.Host + " " + r.Header.Get("Authorization") + r.Header.Get("Proxy-Authorization")
				w.Header().Set("Content-Type", "application/json")
				switch {
				case r.Host == theHub && strings.HasSuffix(r.URL.Path, "/moved"):
					http.Redirect(w, r, "https://elsewhere.example"+r.URL.Path, http.StatusTemporaryRedirect)
				case r.Host == theRouter && strings.Contains(r.URL.Path, "/moved"):
					http.Redirect(w, r, "https://elsewhere.example"+r.URL.Path, http.StatusTemporaryRedirect)
				case r.Host == theHub:
					_ = json.NewEncoder(w).Encode(map[string]any{
						"id": "a/b", "pipeline_tag": "feature-extraction", "inference": "warm",
						"inferenceProviderMapping": map[string]any{"hf-inference": map[string]any{"status": "live", "task": "feature-extraction", "providerId": "a/b"}},
					})
				default:
					var request struct{ Inputs []string }
					_ = json.NewDecoder(r.Body).Decode(&request)
					vectors := make([][]float32, len(request.Inputs))
					for i := range vectors {
						vectors[i] = []float32{1, float32(i)}
					}
					_ = json.NewEncoder(w).Encode(vectors)
				}
			}), func(*http.Request) string { return "" }, theHub, theRouter, "elsewhere.example")
			c := newPlace(t, "HF_ENDPOINT=", "SSL_CERT_FILE="+world.file,
				"HTTPS_PROXY=http://user:"+strings.NewReplacer("%", "%25", "/", "%2F", "<", "%3C", ">", "%3E", `"`, "%22", `\`, "%5C").Replace(password)+"@"+world.proxy)
			if where.env != "" {
				c.env = append(c.env, where.env+"="+token)
			} else {
				path := filepath.Join(filepath.Dir(c.dir), "home", filepath.FromSlash(where.file))
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			c.put(t, "docs.jsonl", "{\"id\":\"a\",\"text\":\"one\"}\n{\"id\":\"b\"}\n")
			all.vecload(t, c, "run", "docs.jsonl", "--id", "id", "--text", "text", "--model", "a/b", "--report", "report.json").want(t, exitRejects)
			all.vecload(t, c, "search", "--model", "a/b", "one").want(t, exitDone)
			all.vecload(t, c, "resolve", "a/moved").want(t, exitMisuse, "elsewhere.example")
			close(seen)
			got := map[string]int{}
			for request := range seen {
				host, sent, _ := strings.Cut(request, " ")
				got[host]++
				if sent != "Bearer "+token {
					t.Errorf("%s was sent %q", host, sent)
				}
			}
			if got[theHub] == 0 || got[theRouter] == 0 || len(got) != 2 {
				t.Errorf("requests went to %v", got)
			}
			if hosts := world.hosts(); !slices.Equal(hosts, []string{theHub + ":443", theRouter + ":443"}) {
				t.Errorf("the proxy was asked for %v", hosts)
			}
			for _, header := range world.headers() {
				if header.Get("Authorization") != "" || header.Get("Proxy-Authorization") == "" {
					t.Errorf("the proxy was sent %v", header)
				}
			}
		})
	}
}

func TestAProxyThatRefusesIsToldWithoutItsPassword(t *testing.T) {
	t.Parallel()
	all := newSecrets()
	token, key := all.add("token", "hf_"), all.add("key", "")
	const password = "S3CR3TPROXY"
	all.forms[password] = "proxy"
	world := newInternet(t, http.NotFoundHandler(), func(r *http.Request) string {
		sent := r.Header.Get("Proxy-Authorization")
		return "HTTP/1.1 407 " + sent + "\r\nX-Sent: " + sent + "\r\nContent-Length: 0\r\n\r\n"
	}, theHub)
	c := newPlace(t, "HF_ENDPOINT=", "HF_TOKEN="+token, "KEY="+key, "HTTPS_PROXY=http://user:"+password+"@"+world.proxy)
	c.put(t, "docs.jsonl", "{\"id\":\"a\",\"text\":\"one\"}\n")
	for _, args := range [][]string{
		{"resolve", "a/b"},
		{"run", "docs.jsonl", "--model", "a/b", "--retry-for", "0s", "--warm-up", "0s"},
		{"run", "docs.jsonl", "--qdrant", "https://qdrant.example", "--collection", "c", "--api-key", "${KEY}"},
	} {
		r := all.vecload(t, c, args...)
		if strings.Contains(r.all(), basic(t, world)) {
			t.Errorf("%v tells what the proxy was sent:\n%s", args, r.all())
		}
		if r.code == exitDone || !strings.Contains(r.all(), "the proxy") {
			t.Errorf("%v: exit code %d, want that the proxy is named:\n%s", args, r.code, r.all())
		}
	}
	for _, header := range world.headers() {
		for name, values := range header {
			if text := strings.Join(values, " "); strings.Contains(text, token) || strings.Contains(text, key) {
				t.Errorf("the proxy was sent %s: %s", name, text)
			}
		}
	}
}

// basic is what a proxy was sent, without the name of the scheme.
func basic(t *testing.T, world *internet) string {
	t.Helper()
	for _, header := range world.headers() {
		if _, sent, ok := strings.Cut(header.Get("Proxy-Authorization"), " "); ok {
			return sent
		}
	}
	t.Fatal("the proxy was sent no password")
	return ""
}

func TestClearTextWithATokenGoesThroughNoProxy(t *testing.T) {
	t.Parallel()
	world := newInternet(t, http.NotFoundHandler(), func(*http.Request) string {
		return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
	}, theHub)
	c := newPlace(t, "TOKEN=a-token", "HTTP_PROXY=http://"+world.proxy)
	c.put(t, "docs.jsonl", "{\"id\":\"a\",\"text\":\"one\"}\n")
	run := []string{"run", "docs.jsonl", "--model", "a/b", "--retry-for", "0s", "--warm-up", "0s", "--openai"}
	// This name is one of this machine, of which net/http does not know that.
	r := c.vecload(t, append(run, "http://gateway.localhost:1/v1", "--token", "${TOKEN}")...)
	if hosts := world.hosts(); r.code == exitDone || len(hosts) != 0 {
		t.Errorf("a proxy was asked for %v, and would have seen the token:\n%s", hosts, r.all())
	}
	// Without a token it is as with any host.
	c.vecload(t, append(run, "http://gateway.localhost:1/v1")...)
	if len(world.hosts()) == 0 {
		t.Error("without a token, the proxy was not asked either: this test shows nothing")
	}
	c.vecload(t, append(run, "http://gateway.example/v1", "--token", "${TOKEN}")...).want(t, exitMisuse, "clear text", "allow_clear_text")
	c.vecload(t, "run", "docs.jsonl", "--qdrant", "http://qdrant.example", "--collection", "c", "--api-key", "${TOKEN}").want(t, exitMisuse, "allow_clear_text")
}
