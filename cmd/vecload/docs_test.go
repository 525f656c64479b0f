package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWhatThePagesSayIsShownByATestThatIsThere looks up each test and each
// target of make that the pages on promises name as their proof.
func TestWhatThePagesSayIsShownByATestThatIsThere(t *testing.T) {
	t.Parallel()
	const root = "../.."
	known := map[string]bool{}
	definition := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), "."), entry.IsDir() && entry.Name() == "bin":
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		code, err := os.ReadFile(path)
		for _, name := range definition.FindAllSubmatch(code, -1) {
			known[string(name[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]bool{}
	for _, target := range regexp.MustCompile(`(?m)^([a-z][a-z-]*):`).FindAllSubmatch(makefile, -1) {
		targets[string(target[1])] = true
	}
	if len(known) < 500 || !targets["test"] {
		t.Fatalf("only %d tests were found, and the targets %v", len(known), targets)
	}
	mentioned := regexp.MustCompile(`\b((?:Test|Fuzz|Benchmark)[A-Z]\w+)`)
	made := regexp.MustCompile("`make ([a-z][a-z-]*)")
	for _, page := range []string{"docs/security.md", "docs/reliability.md", "docs/images.md"} {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range mentioned.FindAllSubmatch(text, -1) {
			if !known[string(name[1])] {
				t.Errorf("%s names %s, which is no test", page, name[1])
			}
		}
		for _, target := range made.FindAllSubmatch(text, -1) {
			if !targets[string(target[1])] {
				t.Errorf("%s names make %s, which is no target", page, target[1])
			}
		}
	}
}
