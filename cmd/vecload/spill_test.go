package main

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// manyIDs are more than the table of ids has room for: it is emptied when it
// holds 209,716.
const manyIDs = 210_000

// withManyIDs writes a corpus of one document, so many records without a text,
// which cost little, the document again with another text, which is a duplicate
// only to who remembers its id, and a last one. It returns the file.
func withManyIDs(t *testing.T) string {
	t.Helper()
	var lines bytes.Buffer
	fmt.Fprintln(&lines, `{"id":"again","text":"the first text"}`)
	for i := range manyIDs {
		fmt.Fprintf(&lines, "{\"id\":\"%d\"}\n", i)
	}
	fmt.Fprintln(&lines, `{"id":"again","text":"another text"}`)
	fmt.Fprintln(&lines, `{"id":"last","text":"the last text"}`)
	name := filepath.Join(t.TempDir(), "docs.jsonl")
	if err := os.WriteFile(name, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestARunKeepsTheIDsThatMemoryHasNoRoomForInAFile(t *testing.T) {
	t.Parallel()
	corpus, folder, dir := withManyIDs(t), t.TempDir(), t.TempDir()
	var pid atomic.Int64
	var kept atomic.Bool
	server := httptest.NewServer(stubserver.New(stubserver.Options{Fail: func(stubserver.Request) *stubserver.Failure {
		if hasOpen(pid.Load(), folder) {
			kept.Store(true)
		}
		return nil
	}}))
	defer server.Close()
	command := exec.CommandContext(t.Context(), "vecload", "run", corpus, "--id", "id", "--text", "text",
		"--model", "org/name", "--tei", server.URL, "--sqlite", filepath.Join(dir, "index.db"), "--json")
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr, command.Dir = &out, &errs, dir
	command.Env = append(os.Environ(), "TMPDIR="+folder, "TMP="+folder)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	pid.Store(int64(command.Process.Pid))
	if err := command.Wait(); command.ProcessState.ExitCode() != exitRejects {
		t.Errorf("it ended with %v", err)
	}
	for _, want := range []string{`"written": 2`, fmt.Sprintf(`"rejected": %d`, manyIDs+1)} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report does not say %s:\n%s%s", want, out.Bytes(), errs.Bytes())
		}
	}
	if strings.Contains(errs.String(), staysInMemory) {
		t.Errorf("it says\n%s", errs.Bytes())
	}
	if runtime.GOOS == "linux" && !kept.Load() {
		t.Error("no file of ids was open")
	}
	if left, err := os.ReadDir(folder); len(left) > 0 || err != nil {
		t.Errorf("left is %v (%v)", left, err)
	}
}

const staysInMemory = "The ids of the corpus stay in memory"

func TestIDsStayInMemoryWhereNoFileCanBeMadeAndThatIsSaid(t *testing.T) {
	t.Parallel()
	corpus, missing, dir := withManyIDs(t), filepath.Join(t.TempDir(), "missing"), t.TempDir()
	command := exec.CommandContext(t.Context(), "vecload", "plan", corpus, "--id", "id", "--text", "text", "--model", "org/name",
		"--tei", "http://127.0.0.1:1", "--no-probe", "--sqlite", filepath.Join(dir, "index.db"), "--json")
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr, command.Dir = &out, &errs, dir
	command.Env = append(os.Environ(), "TMPDIR="+missing, "TMP="+missing)
	if err := command.Run(); err != nil {
		t.Errorf("%v\n%s", err, errs.Bytes())
	}
	for _, want := range []string{`"new": 2`, fmt.Sprintf(`"rejected": %d`, manyIDs+1)} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the plan does not say %s:\n%s", want, out.Bytes())
		}
	}
	if said := errs.String(); strings.Count(said, staysInMemory) != 1 || !strings.Contains(said, missing) || !strings.Contains(said, "TMPDIR") {
		t.Errorf("it says\n%s", said)
	}
}

// hasOpen reports whether a process has a file in a folder open, where the
// system tells.
func hasOpen(pid int64, folder string) bool {
	links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, link := range links {
		if target, failed := os.Readlink(link); failed == nil && strings.HasPrefix(target, folder+string(filepath.Separator)) {
			return err == nil
		}
	}
	return false
}
