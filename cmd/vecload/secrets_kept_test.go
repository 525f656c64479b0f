package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// listening keeps all that a Qdrant is sent.
type listening struct {
	denies bool // it knows another key

	mutex sync.Mutex
	texts []string
}

func (l *listening) start(t *testing.T, key string) string {
	t.Helper()
	if l.denies {
		key = "another"
	}
	server, err := qdrantserver.Start(qdrantserver.Options{APIKey: key, Gossip: true, Hear: func(message string) {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		l.texts = append(l.texts, message)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server.URL()
}

// allCommands are those that use an index, an endpoint or the corpus.
func allCommands() [][]string {
	return [][]string{
		{"check"},
		{"check", "--json"},
		{"plan"},
		{"plan", "--json"},
		{"run", "--report", "report.json"},
		{"run", "--json"},
		{"retry"},
		{"verify"},
		{"verify", "--json"},
		{"search", "one"},
		{"search", "--json", "one"},
		{"resolve"},
		{"resolve", "--json"},
		{"leftovers"},
		{"leftovers", "--json"},
		{"rollback"},
		{"rollback", "--json"},
		{"version"},
	}
}

func TestNoSecretIsKeptInAnIndexOrSaidByAnyCommand(t *testing.T) {
	t.Parallel()
	for _, index := range []string{"qdrant", "a Qdrant that refuses", "a Qdrant that is not there", "sqlite"} {
		t.Run(index, func(t *testing.T) {
			t.Parallel()
			all := newSecrets()
			token, key := all.add("token", ""), all.add("key", "")
			embedding := httptest.NewServer(stubserver.New(stubserver.Options{Token: token}))
			t.Cleanup(embedding.Close)
			c := newPlace(t, "TOKEN="+token)
			file := filepath.Join(filepath.Dir(c.dir), "key")
			if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
				t.Fatal(err)
			}
			l := &listening{denies: index == "a Qdrant that refuses"}
			into := "sqlite: {path: index.db}"
			switch index {
			case "a Qdrant that is not there":
				into = fmt.Sprintf("qdrant: {url: http://127.0.0.1:1, collection: docs, api_key: file:%s}", file)
			case "qdrant", "a Qdrant that refuses":
				into = fmt.Sprintf("qdrant: {url: %s, collection: docs, api_key: file:%s}", l.start(t, key), file)
			}
			docs := "{\"id\":\"none\"}\n"
			for i := range 9 {
				docs += fmt.Sprintf("{\"id\":\"d%d\",\"text\":\"text %d\"}\n", i, i)
			}
			c.put(t, "docs.jsonl", docs)
			c.put(t, "vecload.yaml", fmt.Sprintf(`source: {path: docs.jsonl, id: id, text: text}
embed: {model: a/b, warm_up: 0s, retry_for: 0s, endpoints: [{tei: {url: %s, token: "${TOKEN}"}}]}
index: {%s, publish: alias}
`, embedding.URL, into))
			good := index == "qdrant" || index == "sqlite"
			for _, args := range allCommands() {
				if index == "a Qdrant that is not there" && (args[0] != "run" && args[0] != "search" || slices.Contains(args, "--json")) {
					continue // each waits for it for 5 seconds, and tells of it alike
				}
				switch r := all.vecload(t, c, args...); {
				case good && args[0] != "rollback" && r.code != exitDone && r.code != exitRejects && args[0] != "verify":
					t.Errorf("%v: exit code %d\n%s", args, r.code, r.all())
				case !good && (args[0] == "run" || args[0] == "search") && r.code == exitDone:
					t.Errorf("%v succeeded\n%s", args, r.all())
				}
			}
			if index == "a Qdrant that refuses" {
				c.vecload(t, "run").want(t, exitDenied, "Invalid API key …")
			}
			if (len(l.texts) > 0) != (index == "qdrant" || l.denies) {
				t.Errorf("Qdrant was sent %d messages", len(l.texts))
			}
			all.search(t, "what Qdrant was sent", []byte(strings.Join(l.texts, "\n")))
		})
	}
}

func TestTheArgumentsOfTheProcessHoldNoSecret(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		t.Skip("this system shows no arguments:", err)
	}
	all := newSecrets()
	token, reached, proceed := all.add("token", ""), make(chan struct{}), make(chan struct{})
	var once sync.Once
	server := httptest.NewServer(stubserver.New(stubserver.Options{Token: token, Vector: func(text string) []float32 {
		once.Do(func() { close(reached) })
		<-proceed
		return stubserver.Hash(4)(text)
	}}))
	t.Cleanup(server.Close)
	c := newPlace(t, "TOKEN="+token)
	c.put(t, "docs.jsonl", "{\"id\":\"a\",\"text\":\"one\"}\n")
	command := c.command(t, "vecload", "run", "docs.jsonl", "--model", "a/b", "--tei", server.URL, "--token", "${TOKEN}", "--quiet")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	<-reached
	pid := strconv.Itoa(command.Process.Pid)
	for _, name := range []string{"cmdline", "comm", "status"} {
		data, err := os.ReadFile("/proc/" + pid + "/" + name)
		if err != nil {
			t.Error(err)
		}
		if name == "cmdline" && !strings.Contains(string(data), "${TOKEN}") {
			t.Errorf("the arguments are %q", data)
		}
		all.search(t, name, data)
	}
	close(proceed)
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
}
