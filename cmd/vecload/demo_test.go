package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTheDemoAnswersItsQuestions indexes the documentation of the Go
// installation as `make demo` does, and wants the right symbol first.
func TestTheDemoAnswersItsQuestions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run := func(name string, args ...string) []byte {
		t.Helper()
		command := exec.CommandContext(t.Context(), name, args...)
		command.Env = append(os.Environ(), "CGO_ENABLED=0") // as `make build`, which has compiled most of godocs
		out, err := command.Output()
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
		return out
	}
	index := filepath.Join(dir, "godocs.db")
	flags := []string{"-c", filepath.Join("..", "..", "configs", "godocs.yaml"), "--sqlite", index, "--json"}
	run("go", "run", "-trimpath", "../godocs", "-out", dir)
	run("vecload", append([]string{"run", filepath.Join(dir, "godocs.parquet"), "--rejects", filepath.Join(dir, "rejects.jsonl")}, flags...)...)

	for query, want := range map[string]string{
		"copy bytes from a reader to a writer":                  "io.Copy",
		"remove leading and trailing white space from a string": "strings.TrimSpace",
		"walk a directory tree and visit every file":            "path/filepath.Walk",
	} {
		var hits []struct{ Document string }
		if err := json.Unmarshal(run("vecload", append([]string{"search", query}, flags...)...), &hits); err != nil {
			t.Fatal(err)
		}
		if len(hits) == 0 || hits[0].Document != want {
			t.Errorf("%q: the first of %v is not %s", query, hits, want)
		}
	}
}
