package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestJSONLAndParquetLeaveIdenticalPoints indexes one corpus in both forms, as
// cmd/godocs writes them: ids, texts, payloads and vectors are the same to the
// last bit.
func TestJSONLAndParquetLeaveIdenticalPoints(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := func(name string, args ...string) {
		t.Helper()
		command := exec.CommandContext(t.Context(), name, args...)
		command.Env = append(os.Environ(), "CGO_ENABLED=0") // as `make build`, which has compiled most of godocs
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	goroot := filepath.Join("..", "godocs", "testdata", "goroot")
	program("go", "run", "-trimpath", "../godocs", "-goroot", goroot, "-out", dir)

	dumps := map[string]string{}
	for _, format := range []string{"jsonl", "parquet"} {
		index := filepath.Join(dir, format+".db")
		program("vecload", "run", filepath.Join(dir, "godocs."+format), "--id", "id", "--text", "{{.id}}\n{{.doc}}", "--payload", "*",
			"--sqlite", index, "--rejects", filepath.Join(dir, "rejects.jsonl"))
		dump, err := dumpIndex(index)
		if err != nil {
			t.Fatal(err)
		}
		dumps[format] = dump
	}
	if dumps["jsonl"] == "" || dumps["jsonl"] != dumps["parquet"] {
		t.Errorf("the indexes differ:\n%.2000s\n---\n%.2000s", dumps["jsonl"], dumps["parquet"])
	}
}
