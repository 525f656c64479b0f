package configs_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vecload/vecload/configs"
)

var update = flag.Bool("update", false, "write what is said into the first lines of testdata/*.bad.yaml")

// TestEveryBadFileIsToldWhole checks each testdata/*.bad.yaml against its
// first lines, which say what is wrong with it: "# want: line:column path:
// text".
func TestEveryBadFileIsToldWhole(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(files) < 60 {
		t.Fatalf("found %d files (%v), want at least 60", len(files), err)
	}
	env := configs.Env{
		Lookup: func(name string) (string, bool) { return "value", name == "TOKEN" },
		ReadFile: func(name string) ([]byte, fs.FileMode, error) {
			return nil, 0, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		},
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".bad.yaml"), func(t *testing.T) {
			t.Parallel()
			data := read(t, file)
			c, err := configs.Parse("F", data, env)
			if err == nil {
				err = c.Validate()
			}
			got := strings.ReplaceAll(message(err), "F:", "# want: ")
			want, body := splitWant(data)
			if *update {
				lines := strings.Count(got, "\n") + 1
				if lines != strings.Count(want, "\n")+1 {
					t.Logf("%s now has %d problems: run -update again for the line numbers", file, lines)
				}
				if err := os.WriteFile(file, []byte(got+"\n"+body), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("%s:\n%s\nwant\n%s", file, got, want)
			}
		})
	}
}

// splitWant returns the lines that begin with "# want:", and the rest.
func splitWant(data []byte) (want, body string) {
	lines := bytes.SplitAfter(data, []byte("\n"))
	n := 0
	for n < len(lines) && bytes.HasPrefix(lines[n], []byte("# want:")) {
		n++
	}
	return strings.TrimSuffix(string(bytes.Join(lines[:n], nil)), "\n"), string(bytes.Join(lines[n:], nil))
}
