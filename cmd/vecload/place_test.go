package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// place is where the program runs as a process of its own: a folder, and an
// environment that holds no more than is said.
type place struct {
	dir string
	env []string
}

// newPlace has env beside what every process needs: NAME=VALUE each.
func newPlace(t *testing.T, env ...string) place {
	t.Helper()
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	for _, folder := range []string{home, filepath.Join(dir, "work"), filepath.Join(dir, "work", "tmp")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c := place{dir: filepath.Join(dir, "work"), env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + filepath.Join(dir, "work", "tmp")}}
	c.env = append(c.env, "HF_ENDPOINT=http://127.0.0.1:9") // nobody asks the real Hub
	c.env = append(c.env, env...)
	return c
}

// put writes a file in the folder where the program runs, and returns its path.
func (c place) put(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// result is how a process ended.
type result struct {
	code           int
	stdout, stderr string
}

func (r result) all() string { return r.stdout + r.stderr }

func (c place) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), args[0], args[1:]...)
	command.Dir, command.Env = c.dir, c.env
	return command
}

// vecload runs the program to its end.
func (c place) vecload(t *testing.T, args ...string) result {
	t.Helper()
	return ended(t, c.command(t, append([]string{"vecload"}, args...)...))
}

// under runs the program with a file mode creation mask, or what else a shell
// is to do first.
func (c place) under(t *testing.T, first string, args ...string) result {
	t.Helper()
	return ended(t, c.command(t, append([]string{"sh", "-c", first + ` && exec vecload "$@"`, "sh"}, args...)...))
}

func ended(t *testing.T, command *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatalf("%s: %v", strings.Join(command.Args, " "), err)
	}
	return result{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// want checks the exit code and what is said.
func (r result) want(t *testing.T, code int, texts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d\n%s", r.code, code, r.all())
	}
	for _, text := range texts {
		if !strings.Contains(r.all(), text) {
			t.Errorf("nothing says %q:\n%s", text, r.all())
		}
	}
}
