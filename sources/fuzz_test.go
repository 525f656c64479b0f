package sources_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
)

// FuzzFiles expands any pattern over a tree: it ends with files that exist,
// each once, or with an error that says what to do.
func FuzzFiles(f *testing.F) {
	root := tree(f, "a.jsonl", "b.parquet", "sub/x.jsonl", "sub/deep/er/y.jsonl", ".hidden/z.jsonl", "odd[1].jsonl")
	for _, seed := range []string{
		"*", "**", "**/*.jsonl", "sub/**/y.*", "[ab].*", "odd[[]1].jsonl", "*/../*", "**/**/**/**/**/*.jsonl", `\*`, "", "[", "a.jsonl/*", "/*/*", "sub//x.jsonl", "./**",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		if len(pattern) > 60 || strings.Contains(pattern, "..") {
			return // it stays in the tree
		}
		files, err := sources.Files([]string{root + "/" + pattern}, named())
		if err != nil {
			if len(files) > 0 || pipeline.Hint(err) == "" {
				t.Fatalf("got %q beside %v with the hint %q", files, err, pipeline.Hint(err))
			}
			return
		}
		again, err := sources.Files(files, named())
		if err != nil || !slices.Equal(files, again) {
			t.Fatalf("%q gives %q, which gives %q and %v", pattern, files, again, err)
		}
		if slices.ContainsFunc(files, func(path string) bool { return !strings.HasPrefix(path, filepath.Clean(root)) }) {
			t.Fatalf("%q leads out of the tree: %q", pattern, files)
		}
	})
}

// FuzzGuess guesses a mapping from any bytes: what it guesses is one, and reads
// them as a run does.
func FuzzGuess(f *testing.F) {
	for _, seed := range []string{
		good(1) + good(2), `{"title":"a","body":"b"}`, `{"":"x"}`, `{"a.b\\":"x","id":1}`, `{"text":null}`, "[]\n{}", `{"text":["a"]}`,
		"{\"\u2028\":\"x\"}", `{"id":{},"text":"x"}`, "\ufeff" + good(1), "PAR1", "\x1f\x8b",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		input := sources.Input{Files: []string{"-"}, Formats: []sources.Format{jsonl.Format()}, Stdin: sources.NewStdin(bytes.NewReader(data))}
		guess, err := sources.Guess(t.Context(), input, sources.Mapping{})
		if err != nil {
			if pipeline.Hint(err) == "" {
				t.Fatalf("an error without a hint: %v", err)
			}
			return
		}
		c, err := sources.NewCorpus(input, guess.Mapping)
		if err != nil {
			t.Fatalf("the guess %+v is no mapping: %v", guess.Mapping, err)
		}
		for _, err := range c.Documents(t.Context()) {
			if class := pipeline.Classify(err); err != nil && class != pipeline.Rejected && pipeline.Hint(err) == "" {
				t.Fatalf("an error without a hint: %v", err)
			}
		}
	})
}
