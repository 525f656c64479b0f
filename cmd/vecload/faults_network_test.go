package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// corpusOf writes n documents of JSONL, d0, d1, …, and returns the file's path.
func corpusOf(t *testing.T, n int) string {
	t.Helper()
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "{\"id\":\"d%d\",\"text\":\"the text of document %d\"}\n", i, i)
	}
	path := filepath.Join(t.TempDir(), "docs.jsonl")
	if err := os.WriteFile(path, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConnectionsThatAreResetInMidBodyLoseNothing(t *testing.T) {
	t.Parallel()
	corpus, dir := corpusOf(t, 200), t.TempDir()
	server := httptest.NewServer(stubserver.New(stubserver.Options{}))
	defer server.Close()
	whole, broken := filepath.Join(dir, "whole.db"), filepath.Join(dir, "broken.db")
	load := func(url, index string) {
		t.Helper()
		command := exec.Command("vecload", "run", corpus, "--model", "org/name", "--tei", url, "--batch", "8", "--sqlite", index, "--quiet")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	load(server.URL, whole)
	proxy := newProxied(t, server.Listener.Addr().String())
	proxy.begin(t, fault{Type: "limit_data", Attributes: map[string]float64{"bytes": 9000}})
	load("http://"+proxy.addr, broken)

	want, err := dumpIndex(whole)
	if err != nil {
		t.Fatal(err)
	}
	got, err := dumpIndex(broken)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Error("the index differs from that of a run without faults")
	}
}
