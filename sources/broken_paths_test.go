//go:build unix

package sources_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
)

func TestPathsThatLeadNowhereAreToldBeforeReading(t *testing.T) {
	t.Parallel()
	root := tree(t, "a.jsonl", "folder.jsonl/x.txt", "deep/b.jsonl", "deep/locked/c.jsonl", "none/readme.txt")
	for link, to := range map[string]string{"gone.jsonl": "nosuch.jsonl", "loop.jsonl": "loop.jsonl", "other.txt": "nosuch.txt", "one": "two", "two": "one"} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(root, "pipe.jsonl"), 0o600); err != nil {
		t.Fatal(err)
	}
	const leads = "the link leads to no file"
	for _, tc := range []struct{ path, want string }{
		{"gone.jsonl", "gone.jsonl: the file does not exist"},
		{"loop.jsonl", "loop.jsonl: the path goes through links that lead in a circle"},
		{"one/*.jsonl", "one: the path goes through links that lead in a circle"},
		{"pipe.jsonl", "pipe.jsonl: is not a regular file"},
		{"folder.jsonl", "folder.jsonl: the folder holds no file that can be read"},
		{"g*.jsonl", "gone.jsonl: " + leads},
		{"l*.jsonl", "loop.jsonl: " + leads},
		{"**/g*.jsonl", "gone.jsonl: " + leads},
		{"p*.jsonl", "p*.jsonl: no file matches the pattern"},
		{"o*.txt", "o*.txt: no file matches the pattern"},
		{".", "gone.jsonl: " + leads},
	} {
		t.Run(tc.path, func(t *testing.T) {
			t.Parallel()
			files, err := sources.Files([]string{filepath.Join(root, tc.path)}, named())
			if err == nil || pipeline.Hint(err) == "" || pipeline.Classify(err) != pipeline.Misconfigured {
				t.Fatalf("got %q and %v of class %s, want class misconfigured and a hint", files, err, pipeline.Classify(err))
			}
			if got := strings.TrimPrefix(err.Error(), root+"/"); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// TestFoldersThatCannotBeReadAreErrors: what such a folder holds would be
// missing from the corpus, and be deleted from the index.
func TestFoldersThatCannotBeReadAreErrors(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	root := tree(t, "deep/b.jsonl", "deep/locked/c.jsonl")
	locked := filepath.Join(root, "deep", "locked")
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(locked, 0o700) }) //nolint:gosec // so that it can be removed
	for _, path := range []string{"deep", "deep/*/*.jsonl", "deep/**/*.jsonl", "deep/locked/c.jsonl"} {
		files, err := sources.Files([]string{filepath.Join(root, path)}, named())
		if err == nil || !strings.Contains(err.Error(), "no permission to read") || !strings.Contains(err.Error(), "locked") {
			t.Errorf("%s: got %q and %v, want an error about deep/locked", path, files, err)
		}
	}
}

func TestNamesOfFilesAreAnyBytes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"new\nline.jsonl", `"quoted".jsonl`, "'single'.jsonl", "esc\x1b[31m.jsonl", "\xff\xfe.jsonl", "[set].jsonl", "star*.jsonl", " .jsonl", "-.jsonl", "back\\slash.jsonl"} {
		t.Run(fmt.Sprintf("%q", name), func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			path := put(t, folder, name, good(1)+"{\n")
			for _, given := range []string{path, folder, folder + "/*.jsonl"} {
				files, err := sources.Files([]string{given}, named())
				if err != nil || len(files) != 1 || files[0] != path {
					t.Fatalf("%q gives %q and %v, want %q", given, files, err, path)
				}
			}
			want := "1 1|2 rejected: malformed JSON: the line ends, expected a key at byte 2"
			if got := strings.Join(outcomes(t, byID(), path), "|"); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// TestAFileThatChangesWhileItIsRead cuts, extends and removes the file after
// its first document was read.
func TestAFileThatChangesWhileItIsRead(t *testing.T) {
	t.Parallel()
	var content strings.Builder
	const rows = 40_000 // more than is read at once
	for i := range rows {
		content.WriteString(good(i + 1))
	}
	line := int64(len(good(rows)))
	for _, tc := range []struct {
		name   string
		change func(path string) error
		read   int
		want   string
	}{
		{"cut at a line", func(path string) error { return os.Truncate(path, int64(content.Len())-line) }, rows - 1, "the file became shorter while it was read"},
		{"cut in a line", func(path string) error { return os.Truncate(path, int64(content.Len())-3) }, rows - 1, "the file became shorter while it was read"},
		{"emptied", func(path string) error { return os.Truncate(path, 0) }, -1, "the file became shorter while it was read"},
		{"removed", os.Remove, rows, ""},
		{"grown", func(path string) error { return grow(path, good(rows+1)) }, rows + 1, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := put(t, t.TempDir(), "a.jsonl", content.String())
			c, err := sources.NewCorpus(sources.Input{Files: []string{path}, Formats: []sources.Format{jsonl.Format()}}, byID())
			if err != nil {
				t.Fatal(err)
			}
			read := 0
			var last error
			for _, err := range c.Documents(t.Context()) {
				if last = err; err != nil {
					break
				}
				if read++; read == 1 {
					if err := tc.change(path); err != nil {
						t.Fatal(err)
					}
				}
			}
			if tc.read >= 0 && read != tc.read {
				t.Errorf("%d documents were read, want %d", read, tc.read)
			}
			switch {
			case tc.want == "" && last != nil:
				t.Errorf("got %v, want all of it", last)
			case tc.want != "" && (pipeline.Classify(last) != pipeline.Fatal || last == nil || !strings.HasSuffix(last.Error(), fmt.Sprintf(", line %d: %s", read+1, tc.want))):
				t.Errorf("after %d documents got %v, want %s", read, last, tc.want)
			}
		})
	}
}

func grow(path, more string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // the write tells
	_, err = file.WriteString(more)
	return err
}
