package main

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// TestOpenFilesAreFewHoweverManyTheCorpusHas runs over 2,000 small files with
// no more than 64 descriptors, and counts those that are open whenever the
// endpoint is asked.
func TestOpenFilesAreFewHoweverManyTheCorpusHas(t *testing.T) {
	t.Parallel()
	const files, allowed = 2000, 64
	corpus := t.TempDir()
	for i := range files {
		text := fmt.Sprintf("the text of document %d", i)
		name, data := fmt.Sprintf("%d.jsonl", i), fmt.Appendf(nil, "{\"id\":\"d%d\",\"text\":%q}\n", i, text)
		if i%4 == 0 {
			name, data = fmt.Sprintf("%d.parquet", i), oneRow(t, fmt.Sprintf("d%d", i), text)
		}
		if err := os.WriteFile(filepath.Join(corpus, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, index := range []string{"sqlite", "qdrant"} {
		t.Run(index, func(t *testing.T) {
			t.Parallel()
			var pid, most atomic.Int64
			server := httptest.NewServer(stubserver.New(stubserver.Options{Fail: func(stubserver.Request) *stubserver.Failure {
				open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid.Load()))
				if n := int64(len(open)); err == nil && n > most.Load() {
					most.Store(n)
				}
				return nil
			}}))
			defer server.Close()
			args := []string{"run", corpus, "--id", "id", "--text", "text", "--model", "org/name", "--tei", server.URL, "--batch", "32", "--json", "--quiet"}
			if index == "sqlite" {
				args = append(args, "--sqlite", filepath.Join(t.TempDir(), "index.db"))
			} else {
				qdrant, err := qdrantserver.Start(qdrantserver.Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer qdrant.Stop()
				args = append(args, "--qdrant", qdrant.URL(), "--collection", "docs", "--publish", "alias")
			}
			// The shell becomes the program.
			command := exec.CommandContext(t.Context(), "sh", append([]string{"-c", "ulimit -n " + strconv.Itoa(allowed) + `; exec vecload "$@"`, "sh"}, args...)...)
			var out, errs bytes.Buffer
			command.Stdout, command.Stderr, command.Dir = &out, &errs, t.TempDir()
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			pid.Store(int64(command.Process.Pid))
			if err := command.Wait(); err != nil {
				t.Fatalf("%v\n%s%s", err, out.Bytes(), errs.Bytes())
			}
			if !strings.Contains(out.String(), `"written": `+strconv.Itoa(files)) {
				t.Errorf("not all were written: %s", out.Bytes())
			}
			t.Logf("%d descriptors at most", most.Load())
			if n := most.Load(); n < 5 || n >= allowed {
				t.Errorf("%d descriptors were open", n)
			}
		})
	}
}

// oneRow is a Parquet file of one document.
func oneRow(t *testing.T, id, text string) []byte {
	t.Helper()
	column := func(name string) schema.Node {
		return schema.MustPrimitive(schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Required, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1))
	}
	root, err := schema.NewGroupNode("document", parquet.Repetitions.Required, schema.FieldList{column("id"), column("text")}, -1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, root)
	group := w.AppendRowGroup()
	for _, value := range []string{id, text} {
		next, err := group.NextColumn()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := next.(*file.ByteArrayColumnChunkWriter).WriteBatch([]parquet.ByteArray{parquet.ByteArray(value)}, nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := next.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
