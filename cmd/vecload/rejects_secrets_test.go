package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A server that sends back all that it was sent gets neither the token nor the
// text into anything that vecload writes, nor more than a piece of its words.
func TestARejectSaysNothingOfTheTokenOrTheText(t *testing.T) {
	t.Parallel()
	const token, text = "hf_" + "averysecrettokenofmine", "the private words of the document number seven"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		if !bytes.Contains(body, []byte("private")) {
			_, _ = io.WriteString(w, "[[1,2,3]]")
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, "refused "+r.Header.Get("Authorization")+" for "+text+" "+strings.Repeat("and so on ", 10_000))
	}))
	defer server.Close()
	dir := t.TempDir()
	corpus := filepath.Join(dir, "docs.jsonl")
	if err := os.WriteFile(corpus, []byte(`{"id":"a","text":"`+text+"\"}\n{\"id\":\"b\",\"text\":\"fine\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("vecload", "run", corpus, "--model", "org/name", "--tei", server.URL, "--token", "${TOKEN}", "--batch", "1", "--report", "report.json")
	command.Dir, command.Env = dir, append(os.Environ(), "TOKEN="+token)
	out, err := command.CombinedOutput()
	if command.ProcessState.ExitCode() != exitRejects {
		t.Fatalf("%v\n%s", err, out)
	}
	files := map[string]string{"the output": string(out)}
	for _, name := range []string{"report.json", "vecload.rejects.jsonl"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(data)
	}
	reason, document, _ := strings.Cut(files["vecload.rejects.jsonl"], `"document":`)
	if !strings.Contains(document, text) || !strings.Contains(reason, "422") {
		t.Errorf("the reject is %.2000s", files["vecload.rejects.jsonl"])
	}
	files["vecload.rejects.jsonl"] = reason
	for name, said := range files {
		if strings.Contains(said, token) || strings.Contains(said, "private words") || strings.Count(said, "and so on") > 40 {
			t.Errorf("%s says %.2000s", name, said)
		}
	}
}
