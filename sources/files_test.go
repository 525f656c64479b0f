package sources_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

// tree writes empty files and returns the folder that holds them.
func tree(tb testing.TB, names ...string) string {
	tb.Helper()
	root := tb.TempDir()
	for _, name := range names {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return root
}

// named has formats by their names only: no file is opened.
func named() []sources.Format {
	return []sources.Format{
		{Name: "lines", Extensions: []string{".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson", ".ndjson.gz"}, Stdin: true},
		{Name: "columns", Extensions: []string{".parquet"}},
	}
}

func TestFilesExpandsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	root := tree(t, "b.jsonl", "a.parquet", "c.ndjson.gz", "d.JSONL.ZST", "notes.txt", ".hidden.jsonl", "odd.jsonl.zst.gz",
		"sub/x.jsonl", "sub/deep/y.parquet", ".git/z.jsonl", "odd[1].jsonl", "out/sub/w.ndjson")
	if err := os.Symlink(filepath.Join(root, "sub"), filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "b.jsonl"), filepath.Join(root, "out", "linked.jsonl")); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		in   []string
		want string
	}{
		{"a file", []string{"b.jsonl"}, "b.jsonl"},
		{"a list, in its order and once", []string{"b.jsonl", "a.parquet", "./b.jsonl", "sub/../b.jsonl"}, "b.jsonl a.parquet"},
		{"a folder", []string{"sub"}, "sub/deep/y.parquet sub/x.jsonl"},
		{"a folder by a link", []string{"link"}, "link/deep/y.parquet link/x.jsonl"},
		{"links in a folder", []string{"out"}, "out/linked.jsonl out/sub/w.ndjson"},
		{"the whole tree", []string{"."}, "a.parquet b.jsonl c.ndjson.gz d.JSONL.ZST odd[1].jsonl out/linked.jsonl out/sub/w.ndjson sub/deep/y.parquet sub/x.jsonl"},
		{"a pattern", []string{"*.jsonl"}, "b.jsonl odd[1].jsonl"},
		{"a pattern that matches other files too", []string{"*"}, "a.parquet b.jsonl c.ndjson.gz d.JSONL.ZST odd[1].jsonl"},
		{"a pattern for hidden files", []string{".*.jsonl"}, ".hidden.jsonl"},
		{"a pattern of folders", []string{"*/*.jsonl"}, "link/x.jsonl out/linked.jsonl sub/x.jsonl"},
		{"any depth", []string{"**/*.parquet"}, "a.parquet sub/deep/y.parquet"},
		{"any depth below", []string{"sub/**/*.jsonl"}, "sub/x.jsonl"},
		{"any depth in between", []string{"**/sub/*"}, "out/sub/w.ndjson sub/x.jsonl"},
		{"a file with a bracket in its name", []string{"odd[1].jsonl"}, "odd[1].jsonl"},
		{"a set", []string{"[ab].*"}, "a.parquet b.jsonl"},
		{"standard input", []string{"-", "b.jsonl", "-"}, "- b.jsonl"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := sources.Files(below(root, tc.in), named())
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				got[i] = filepath.ToSlash(strings.TrimPrefix(got[i], root+string(filepath.Separator)))
			}
			if g := strings.Join(got, " "); g != tc.want {
				t.Errorf("got  %s\nwant %s", g, tc.want)
			}
		})
	}
}

// below puts paths below a folder, standard input aside.
func below(root string, paths []string) []string {
	moved := make([]string, len(paths))
	for i, path := range paths {
		moved[i] = path
		if path != "-" && path != "" {
			moved[i] = root + "/" + path
		}
	}
	return moved
}

func TestFilesSaysWhatIsWrongWithAPath(t *testing.T) {
	t.Parallel()
	root := tree(t, "b.jsonl", "notes.txt", "empty/readme.txt")
	for _, tc := range []struct {
		in   []string
		want string
	}{
		{nil, "source: no file is named"},
		{[]string{""}, "source: a path is empty"},
		{[]string{"b.jsonl", "absent.jsonl"}, "absent.jsonl: the file does not exist"},
		{[]string{"notes.txt"}, "notes.txt: the name's extension is of no format that can be read"},
		{[]string{"empty"}, "empty: the folder holds no file that can be read"},
		{[]string{"*.parquet"}, "*.parquet: no file matches the pattern"},
		{[]string{"absent/**/*.parquet"}, "absent/**/*.parquet: no file matches the pattern"},
		{[]string{"*.txt"}, "*.txt: no file that matches can be read"},
		{[]string{"[.jsonl"}, "[.jsonl: the pattern is malformed"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			t.Parallel()
			_, err := sources.Files(below(root, tc.in), named())
			if pipeline.Classify(err) != pipeline.Misconfigured || pipeline.Hint(err) == "" {
				t.Fatalf("got %v of class %s, want class misconfigured and a hint", err, pipeline.Classify(err))
			}
			if got := strings.TrimPrefix(err.Error(), root+"/"); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
